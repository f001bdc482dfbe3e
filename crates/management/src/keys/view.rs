//! A key as answers show it: its terms, and its figures and status at this moment.

use domain::bill::BillingMethod;
use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::network::AddressRange;
use domain::pattern::ModelPattern;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, SoftLimit, SoftWindow, WhenShort, WindowLimit};
use domain::status::{KeyStatus, StatusFacts};
use domain::time::UnixMillis;
use serde::Serialize;
use store::StoreError;
use store::api_key::ApiKey;
use store::counter::{Counter, Subject};
use utoipa::ToSchema;

use crate::answer::{Moment, Usd};
use crate::groups::AUTO;
use crate::schema::PermissionSet;
use crate::state::App;

/// A key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct KeyView {
    /// `key_…`
    #[schema(value_type = String)]
    pub(crate) id: KeyId,
    /// What its owner calls it.
    name: String,
    /// The value as lists show it.
    masked: String,
    /// `active`, `not_used`, `disabled`, `expired`, `exhausted` or `revoked`: at this moment.
    #[schema(value_type = String)]
    status: KeyStatus,
    /// Whose it is and who pays.
    #[schema(value_type = String)]
    owner: UserId,
    /// `usage_based`, `pay_per_use` or `by_model`.
    #[schema(value_type = String)]
    billing_method: BillingMethod,
    /// `full`, `inference`, `read_only`, or a list.
    #[schema(value_type = PermissionSet)]
    permissions: Permissions,
    /// When it ends by itself; null: never.
    expires_at: Option<Moment>,
    /// USD for its whole life; null: unlimited.
    quota: Option<Usd>,
    /// The cap on a local calendar day.
    daily_limit: LimitView,
    /// The cap on a local calendar month.
    monthly_limit: LimitView,
    /// A threshold that alerts and never refuses.
    soft_limit: Option<SoftLimitView>,
    /// The most output tokens of one call.
    max_tokens_per_request: Option<u64>,
    /// Rates and parallelism.
    rate_limits: RateLimitsView,
    /// Model names and patterns; []: all.
    #[schema(value_type = Vec<String>)]
    allowed_models: Vec<ModelPattern>,
    /// Addresses and ranges; []: all.
    #[schema(value_type = Vec<String>)]
    ip_allowlist: Vec<AddressRange>,
    /// `lower` or `refuse`.
    #[schema(value_type = String)]
    when_short: WhenShort,
    /// The groups to route through, in order; `["auto"]`: the owner's, in their order.
    groups: Vec<String>,
    /// Labels.
    tags: Vec<String>,
    /// Free data of the owner's.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, serde_json::Value>,
    /// Everything that was ever charged to it.
    used: Usd,
    /// What is held for calls in doubt.
    held: Usd,
    /// What is set aside for calls under way.
    reserved: Usd,
    /// quota − used − held; null: unlimited.
    remaining: Option<Usd>,
    /// Used in the local day now.
    daily: SpentView,
    /// Used in the local month now.
    monthly: SpentView,
    /// When it was made.
    created_at: Moment,
    /// When its last call was admitted; null: never.
    last_used_at: Option<Moment>,
    /// Its last rotation; null: never rotated.
    #[schema(value_type = Option<Object>)]
    rotation: Option<()>,
    /// The version, for `If-Match`.
    etag: String,
}

/// A cap on a window; null does not limit.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = WindowLimitView)]
pub(crate) struct LimitView {
    /// Forwarded calls.
    pub(crate) requests: Option<i64>,
    /// USD.
    pub(crate) amount: Option<Usd>,
}

/// Rates and parallelism; null does not limit.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct RateLimitsView {
    /// Requests a minute.
    requests_per_minute: Option<u32>,
    /// Tokens a minute.
    tokens_per_minute: Option<u64>,
    /// Calls under way at once.
    parallel: Option<u32>,
}

/// A threshold that alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SoftLimitView {
    /// `day`, `month` or `total`.
    #[schema(value_type = String)]
    window: SoftWindow,
    /// USD.
    amount: Usd,
}

/// What was used in a window.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct SpentView {
    /// Forwarded calls.
    pub(crate) requests: i64,
    /// USD.
    pub(crate) amount: Usd,
}

/// A key's figures at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) used: Nanos,
    pub(crate) held: Nanos,
    pub(crate) reserved: Nanos,
    pub(crate) daily: SpentView,
    pub(crate) monthly: SpentView,
    pub(crate) last_used_at: Option<UnixMillis>,
}

impl Figures {
    /// The figures of the loaded book, else the database's: a key without a loaded book has
    /// nothing that is not in the database.
    pub(crate) async fn of(app: &App, id: KeyId) -> Result<Self, StoreError> {
        let ledger = &app.gateway.ledger;
        let windows = ledger.windows(ledger.now());
        let last_used = |at: UnixMillis| (at > UnixMillis::default()).then_some(at);
        if let Some(book) = ledger.loaded_key(id) {
            let now = book.snapshot(&windows);
            let spent = |window: &ledger::book::WindowSnapshot| SpentView {
                requests: window.requests.settled(),
                amount: Usd(Nanos::new(window.amount.settled())),
            };
            return Ok(Self {
                used: Nanos::new(now.total.amount.settled()),
                held: Nanos::new(now.total.amount.held()),
                reserved: Nanos::new(now.total.amount.reserved()),
                daily: spent(&now.day),
                monthly: spent(&now.month),
                last_used_at: last_used(now.last_used_at),
            });
        }
        let counters = app.gateway.database.counters(Subject::Key(id), &windows).await?;
        let spent = |counter: &Counter| SpentView {
            requests: counter.requests,
            amount: Usd(counter.settled),
        };
        Ok(Self {
            used: counters.total.settled,
            held: counters.total.held,
            reserved: Nanos::ZERO,
            daily: spent(&counters.day),
            monthly: spent(&counters.month),
            last_used_at: last_used(counters.total.last_used_at),
        })
    }

    /// What a quota leaves.
    pub(crate) fn remaining(&self, quota: Option<Nanos>) -> Option<Nanos> {
        let taken = self.used.get().saturating_add(self.held.get());
        quota.map(|quota| Nanos::new(quota.get().saturating_sub(taken)))
    }

    /// What a key is, with these figures.
    pub(crate) fn status(&self, policy: &KeyPolicy, now: UnixMillis) -> KeyStatus {
        StatusFacts {
            revoked: policy.revoked,
            disabled: policy.disabled,
            expired: policy.expired(now),
            exhausted: self.remaining(policy.quota).is_some_and(|left| left <= Nanos::ZERO),
            used: self.last_used_at.is_some(),
        }
        .status()
    }
}

impl KeyView {
    /// A key with its figures.
    pub(crate) async fn of(app: &App, key: ApiKey) -> Result<Self, StoreError> {
        let figures = Figures::of(app, key.id).await?;
        Ok(Self::with(key, figures, app.gateway.ledger.now()))
    }

    /// A key with these figures, at this time.
    pub(crate) fn with(key: ApiKey, figures: Figures, now: UnixMillis) -> Self {
        let policy = key.policy;
        let groups: Vec<String> = policy.groups.iter().map(ToString::to_string).collect();
        Self {
            id: key.id,
            name: key.name,
            masked: key.masked,
            status: figures.status(&policy, now),
            owner: key.owner,
            billing_method: policy.billing_method,
            permissions: policy.permissions,
            expires_at: policy.expires_at.map(Moment),
            quota: policy.quota.map(Usd),
            daily_limit: policy.daily.into(),
            monthly_limit: policy.monthly.into(),
            soft_limit: key.soft_limit.map(SoftLimitView::from),
            max_tokens_per_request: policy.max_tokens_per_request,
            rate_limits: RateLimitsView::of(&policy),
            allowed_models: policy.allowed_models.to_vec(),
            ip_allowlist: policy.ip_allowlist.to_vec(),
            when_short: policy.when_short,
            groups: if groups.is_empty() { vec![AUTO.to_owned()] } else { groups },
            tags: key.tags,
            metadata: key.metadata,
            used: Usd(figures.used),
            held: Usd(figures.held),
            reserved: Usd(figures.reserved),
            remaining: figures.remaining(policy.quota).map(Usd),
            daily: figures.daily,
            monthly: figures.monthly,
            created_at: Moment(key.created_at),
            last_used_at: figures.last_used_at.map(Moment),
            rotation: None,
            etag: key.version.to_string(),
        }
    }
}

impl From<WindowLimit> for LimitView {
    fn from(limit: WindowLimit) -> Self {
        Self { requests: limit.requests, amount: limit.amount.map(Usd) }
    }
}

impl From<SoftLimit> for SoftLimitView {
    fn from(limit: SoftLimit) -> Self {
        Self { window: limit.window, amount: Usd(limit.amount) }
    }
}

impl RateLimitsView {
    /// A policy's rate limits.
    pub(crate) const fn of(policy: &KeyPolicy) -> Self {
        Self {
            requests_per_minute: policy.rates.requests_per_minute,
            tokens_per_minute: policy.rates.tokens_per_minute,
            parallel: policy.rates.parallel,
        }
    }
}
