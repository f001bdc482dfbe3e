//! A call as answers show it.

use domain::bill::BillingMethod;
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, UserId};
use domain::money::Nanos;
use domain::scope::Scope;
use domain::usage::{Usage, UsageSource};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use store::batch::Outcome;
use store::call::CallRow;
use store::names::Names;
use store::price::PriceVersion;
use store::refund::Refund;
use store::{Database, StoreError};
use utoipa::ToSchema;

use super::bill::{self, BillLine};
use super::refund::RefundView;
use crate::access::Access;
use crate::answer::{Moment, Usd};
use crate::groups::Factor;

/// A call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallView {
    /// `call_…`, the same as the answer's `x-request-id`.
    #[schema(value_type = String)]
    id: CallId,
    /// The key that made it.
    #[schema(value_type = String)]
    key_id: KeyId,
    /// What that key is called, also after it was deleted.
    key_name: String,
    /// Who paid.
    #[schema(value_type = String)]
    user_id: UserId,
    /// What that user is called.
    user_name: String,
    /// The model that the client asked for, by which it is billed.
    model: String,
    /// The model that the upstream was asked for.
    upstream_model: String,
    /// The channel that served, or was tried last.
    #[schema(value_type = String)]
    channel_id: ChannelId,
    /// What that channel is called; null for who does not see channels.
    channel_name: Option<String>,
    /// The group that it was routed through.
    group: String,
    /// The client's wire format.
    #[schema(value_type = String)]
    dialect: Dialect,
    /// The upstream's wire format.
    #[schema(value_type = String)]
    upstream_dialect: Dialect,
    /// How it was charged.
    #[schema(value_type = String)]
    billing_method: BillingMethod,
    /// Tokens by class.
    #[schema(value_type = Object)]
    usage: Usage,
    /// What that cost.
    cost: Usd,
    /// What the user was charged; the rest was the operator's.
    charged: Usd,
    /// What of that was given back.
    refunded: Usd,
    /// The refunds, in the order in which they were booked.
    refunds: Vec<RefundView>,
    /// The cost, line by line, before the multiplier; empty where it was not counted from usage.
    bill: Vec<BillLine>,
    /// The group's factor.
    multiplier: Factor,
    /// The version of the price.
    price_version: i64,
    /// `upstream_final`, `upstream_partial`, `checkpoint`, `estimated`, `bound` or `none`.
    #[schema(value_type = String)]
    usage_source: UsageSource,
    /// Whether the upstream's figures were missing or absurd.
    suspect: bool,
    /// Whether it counted as a request.
    counted: bool,
    /// `completed`, `client_gone`, `upstream_cut`, `failed` or `reconciled`.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// The status that the client got.
    status: u16,
    /// When it was admitted.
    started_at: Moment,
    /// Milliseconds until the first byte of the answer.
    first_token_ms: Option<u32>,
    /// Milliseconds until it was settled.
    duration_ms: u32,
    /// The caller's address, for as long as it is kept.
    client_ip: Option<String>,
    /// The caller's program, for as long as it is kept.
    user_agent: Option<String>,
    /// Every try.
    attempts: Vec<AttemptView>,
}

/// One try at one channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct AttemptView {
    /// The channel.
    #[schema(value_type = String)]
    channel_id: ChannelId,
    /// What it is called; null for who does not see channels.
    channel_name: Option<String>,
    /// The upstream's status; null if there was no answer.
    status: Option<u16>,
    /// What went wrong; null for the one that served.
    error: Option<String>,
    /// How long it took.
    duration_ms: u32,
}

/// What calls point at, by its name.
struct Named {
    keys: Names<KeyId>,
    users: Names<UserId>,
    channels: Names<ChannelId>,
}

impl Named {
    async fn of(database: &Database, rows: &[CallRow], channels: bool) -> Result<Self, StoreError> {
        let mut tried = BTreeSet::new();
        for call in rows.iter().filter(|_| channels) {
            tried.insert(call.channel);
            tried.extend(call.attempts.iter().map(|attempt| attempt.channel));
        }
        let keys = rows.iter().map(|call| call.key).collect();
        let users = rows.iter().map(|call| call.user).collect();
        Ok(Self {
            keys: database.api_key_names(keys).await?,
            users: database.user_names(users).await?,
            channels: database.channel_names(tried).await?,
        })
    }
}

impl CallView {
    /// Calls with their bills, as this visitor sees them: channels are named to
    /// operators, and to their management keys that may read channels.
    pub(crate) async fn of<S>(
        access: &Access<S>,
        rows: Vec<CallRow>,
    ) -> Result<Vec<Self>, StoreError> {
        let database = access.database();
        let sees = access.owner().is_none() && access.principal.has(Scope::ChannelsRead);
        let named = Named::of(database, &rows, sees).await?;
        let mut versions: Vec<i64> = rows.iter().map(|call| call.price_version).collect();
        versions.sort_unstable();
        versions.dedup();
        let prices = database.price_versions(&versions).await?;
        let price =
            |call: &CallRow| prices.iter().find(|price| price.version == call.price_version);
        let calls: Vec<CallId> = rows.iter().map(|call| call.id).collect();
        let mut refunds: HashMap<CallId, Vec<Refund>> = HashMap::new();
        for refund in database.refunds(&calls).await? {
            refunds.entry(refund.call).or_default().push(refund);
        }
        let with = |call: CallRow| {
            let refunds = refunds.remove(&call.id).unwrap_or_default();
            Self::with(price(&call), refunds, &named, call)
        };
        Ok(rows.into_iter().map(with).collect())
    }

    fn with(
        price: Option<&PriceVersion>,
        refunds: Vec<Refund>,
        named: &Named,
        call: CallRow,
    ) -> Self {
        let channel_name = |id: ChannelId| named.channels.get(&id).cloned();
        let sum = refunds.iter().fold(0_i64, |sum, refund| sum.saturating_add(refund.amount.get()));
        Self {
            refunded: Usd(Nanos::new(sum)),
            refunds: refunds.into_iter().map(RefundView::from).collect(),
            bill: bill::lines(&call, price),
            id: call.id,
            key_name: named.keys.get(&call.key).cloned().unwrap_or_default(),
            user_name: named.users.get(&call.user).cloned().unwrap_or_default(),
            key_id: call.key,
            user_id: call.user,
            model: call.model,
            upstream_model: call.upstream_model,
            channel_id: call.channel,
            channel_name: channel_name(call.channel),
            group: call.group,
            dialect: call.dialect,
            upstream_dialect: call.upstream_dialect,
            billing_method: call.billing_method,
            usage: call.usage,
            cost: Usd(call.cost),
            charged: Usd(call.charged),
            multiplier: Factor(call.multiplier),
            price_version: call.price_version,
            usage_source: call.source,
            suspect: call.suspect,
            counted: call.counted,
            outcome: call.outcome,
            status: call.status,
            started_at: Moment(call.started_at),
            first_token_ms: call.first_byte_ms,
            duration_ms: call.duration_ms,
            client_ip: call.client_ip,
            user_agent: call.user_agent,
            attempts: call
                .attempts
                .into_iter()
                .map(|attempt| AttemptView {
                    channel_id: attempt.channel,
                    channel_name: channel_name(attempt.channel),
                    status: attempt.status,
                    error: attempt.error,
                    duration_ms: attempt.duration_ms,
                })
                .collect(),
        }
    }
}
