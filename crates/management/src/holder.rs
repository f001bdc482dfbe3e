//! `GET /v1/key`: what the holder of a key may know of it.

use domain::bill::BillingMethod;
use domain::id::KeyId;
use domain::pattern::ModelPattern;
use domain::permission::Permissions;
use domain::status::KeyStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Moment, Usd};
use crate::endpoint::Endpoint;
use crate::keys::view::Figures;
use crate::problem::Problem;
use crate::schema::PermissionSet;
use crate::usage::Holder;
use crate::usage::limits::LimitsView;

/// A key as its holder sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnKey)]
pub(crate) struct HolderView {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// What its owner calls it.
    name: String,
    /// The value as lists show it.
    masked: String,
    /// `active`, `not_used` or `exhausted`: others cannot ask.
    #[schema(value_type = String)]
    status: KeyStatus,
    /// When it ends by itself; null: never.
    expires_at: Option<Moment>,
    /// `usage_based`, `pay_per_use` or `by_model`.
    #[schema(value_type = String)]
    billing_method: BillingMethod,
    /// What it may do.
    #[schema(value_type = PermissionSet)]
    permissions: Permissions,
    /// Model names and patterns; []: all.
    #[schema(value_type = Vec<String>)]
    allowed_models: Vec<ModelPattern>,
    /// Its limits, and what they leave.
    limits: LimitsView,
    /// Everything that was ever charged to it.
    used: Usd,
    /// What is left of its quota; null: unlimited.
    remaining: Option<Usd>,
    /// When it was made.
    created_at: Moment,
    /// When its last call was admitted; null: never.
    last_used_at: Option<Moment>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/key", handle)
        .about(
            "Usage",
            "Read the asking key",
            "Open to every key that works, whatever its permissions.",
        )
        .answers::<HolderView>(200, "The key.")
}

async fn handle(holder: Holder) -> Result<Answer<HolderView>, Problem> {
    let app = &holder.app;
    let now = app.gateway.ledger.now();
    let key = app.gateway.database.api_key(holder.key.id, None).await?;
    let figures = Figures::of(app, key.id).await?;
    let policy = key.policy;
    Ok(Answer::ok(HolderView {
        id: key.id,
        name: key.name,
        masked: key.masked,
        status: figures.status(&policy, now),
        expires_at: policy.expires_at.map(Moment),
        billing_method: policy.billing_method,
        permissions: policy.permissions,
        limits: LimitsView::of(&policy, &figures, &app.gateway.ledger.windows(now)),
        used: Usd(figures.used),
        remaining: figures.remaining(policy.quota).map(Usd),
        allowed_models: policy.allowed_models.into_vec(),
        created_at: Moment(key.created_at),
        last_used_at: figures.last_used_at.map(Moment),
    }))
}
