//! A key as answers show it: its terms, and its figures and status at this moment.

use domain::bill::BillingMethod;
use domain::id::{KeyId, UserId};
use domain::network::AddressRange;
use domain::pattern::ModelPattern;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, SoftLimit, SoftWindow, WhenShort, WindowLimit};
use domain::status::KeyStatus;
use domain::time::UnixMillis;
use serde::Serialize;
use std::collections::BTreeSet;
use store::StoreError;
use store::api_key::ApiKey;
use store::names::Names;
use utoipa::ToSchema;

use super::rotation::RotationView;
use crate::answer::{Moment, Usd};
use crate::groups::AUTO;
use crate::schema::PermissionSet;
use crate::state::App;

pub(crate) use super::figures::Figures;

/// A key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct KeyView {
    /// `key_…`
    #[schema(value_type = String)]
    pub(crate) id: KeyId,
    /// What its owner calls it.
    pub(crate) name: String,
    /// The value as lists show it.
    pub(super) masked: String,
    /// `active`, `not_used`, `disabled`, `expired`, `exhausted` or `revoked`: at this moment.
    #[schema(value_type = String)]
    pub(super) status: KeyStatus,
    /// Whose it is and who pays.
    #[schema(value_type = String)]
    pub(super) owner: UserId,
    /// What that user is called.
    pub(super) owner_name: String,
    /// `usage_based`, `pay_per_use` or `by_model`.
    #[schema(value_type = String)]
    pub(super) billing_method: BillingMethod,
    /// `full`, `inference`, `read_only`, or a list.
    #[schema(value_type = PermissionSet)]
    pub(super) permissions: Permissions,
    /// When it ends by itself; null: never.
    pub(super) expires_at: Option<Moment>,
    /// USD for its whole life; null: unlimited.
    pub(super) quota: Option<Usd>,
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
    pub(super) allowed_models: Vec<ModelPattern>,
    /// Addresses and ranges; []: all.
    #[schema(value_type = Vec<String>)]
    pub(super) ip_allowlist: Vec<AddressRange>,
    /// `lower` or `refuse`.
    #[schema(value_type = String)]
    when_short: WhenShort,
    /// The groups to route through, in order; `["auto"]`: the owner's, in their order.
    pub(super) groups: Vec<String>,
    /// Labels.
    pub(super) tags: Vec<String>,
    /// Free data of the owner's.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, serde_json::Value>,
    /// Everything that was ever charged to it.
    pub(super) used: Usd,
    /// What is held for calls in doubt.
    pub(super) held: Usd,
    /// What is set aside for calls under way.
    reserved: Usd,
    /// quota − used − held; null: unlimited.
    pub(super) remaining: Option<Usd>,
    /// Used in the local day now.
    daily: SpentView,
    /// Used in the local month now.
    monthly: SpentView,
    /// When it was made.
    pub(super) created_at: Moment,
    /// When its last call was admitted; null: never.
    pub(super) last_used_at: Option<Moment>,
    /// Its last rotation; null: never rotated.
    rotation: Option<RotationView>,
    /// The version, for `If-Match`.
    pub(super) etag: String,
}

/// What the owners of some keys are called, looked up at once.
#[derive(Default)]
pub(crate) struct Owners(Names<UserId>);

impl Owners {
    /// Of these users.
    pub(crate) async fn of(app: &App, ids: BTreeSet<UserId>) -> Result<Self, StoreError> {
        Ok(Self(app.gateway.database.user_names(ids).await?))
    }

    fn name(&self, id: UserId) -> String {
        self.0.get(&id).cloned().unwrap_or_default()
    }
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

impl KeyView {
    /// A key with its figures.
    pub(crate) async fn of(app: &App, key: ApiKey) -> Result<Self, StoreError> {
        let figures = Figures::of(app, key.id).await?;
        let rotation = RotationView::of(app, &key).await?;
        let owners = Owners::of(app, [key.owner].into()).await?;
        Ok(Self::with(key, &owners, figures, rotation, app.gateway.ledger.now()))
    }

    /// Several keys with their figures.
    pub(crate) async fn all(app: &App, keys: Vec<ApiKey>) -> Result<Vec<Self>, StoreError> {
        let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
        let figures = Figures::of_all(app, &ids).await?;
        let owners = Owners::of(app, keys.iter().map(|key| key.owner).collect()).await?;
        let now = app.gateway.ledger.now();
        let mut views = Vec::with_capacity(keys.len());
        for (key, figures) in keys.into_iter().zip(figures) {
            let rotation = RotationView::of(app, &key).await?;
            views.push(Self::with(key, &owners, figures, rotation, now));
        }
        Ok(views)
    }

    /// A key with these figures, at this time.
    pub(crate) fn with(
        key: ApiKey,
        owners: &Owners,
        figures: Figures,
        rotation: Option<RotationView>,
        now: UnixMillis,
    ) -> Self {
        let policy = key.policy;
        let groups: Vec<String> = policy.groups.iter().map(ToString::to_string).collect();
        Self {
            id: key.id,
            name: key.name,
            masked: key.masked,
            status: figures.status(&policy, now),
            owner: key.owner,
            owner_name: owners.name(key.owner),
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
            rotation,
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
