//! `POST /v1/api-keys`

use axum::response::{IntoResponse, Response};
use domain::bill::BillingMethod;
use domain::id::{KeyId, UserId};
use domain::key::{Kind, generate, mask};
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, WhenShort, WindowLimit};
use domain::secret::Secret;
use http::StatusCode;
use serde::{Serialize, Serializer};
use store::StoreError;
use store::api_key::NewApiKey;
use store::user::User;
use utoipa::ToSchema;

use super::terms::{KeyTerms, TermsOf};
use super::view::{Figures, KeyView};
use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::Problem;
use crate::request::value::{choice, parsed, text};
use crate::request::{Body, Fields, IdempotencyKey, ReadBody};

/// A key to be made.
#[derive(ToSchema)]
pub(crate) struct CreateKey {
    /// What its owner calls it: 1–100 characters.
    name: String,
    /// Whose it is and who pays; the management key's owner by default.
    #[schema(value_type = Option<String>)]
    owner: Option<UserId>,
    /// `usage_based` (the default), `pay_per_use` or `by_model`; fixed for the key's life.
    /// `pay_per_request` is another name of `pay_per_use`.
    #[schema(value_type = Option<String>)]
    billing_method: BillingMethod,
    #[serde(flatten)]
    terms: KeyTerms,
}

impl ReadBody for CreateKey {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(1..=100));
        let methods = "usage_based, pay_per_use, by_model";
        let method = fields.take("billing_method", choice(BillingMethod::from_name, methods));
        Some(Self {
            owner: fields.take("owner", parsed),
            billing_method: method.unwrap_or(BillingMethod::UsageBased),
            terms: KeyTerms::take(fields),
            name: name?,
        })
    }
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    #[serde(flatten)]
    view: KeyView,
    /// The value, `sk-…`: shown this once; null when the request is repeated.
    #[schema(value_type = Option<String>)]
    key: Option<Revealed>,
}

/// A secret in the one answer that must contain it.
pub(crate) struct Revealed(pub(crate) Secret);

impl Serialize for Revealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys", handle)
        .about(
            "API keys",
            "Make a key",
            "The value is in this answer and nowhere else: only a keyed hash is stored.",
        )
        .answers::<CreatedKey>(201, "The key, with its value.")
        .fails(409, "The owner has as many keys as their tier allows.")
}

async fn handle(
    access: Access<KeysWrite>,
    idempotency: IdempotencyKey,
    body: Body<CreateKey>,
) -> Result<Response, Problem> {
    let once = Once::new(access.principal.user, idempotency, "POST api-keys", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let wanted = body.value;
    let owner = owner(&access, wanted.owner).await?;
    super::owner_groups::check(
        access.database(),
        &owner,
        &wanted.terms.groups().unwrap_or_default(),
    )
    .await?;
    let value = generate(Kind::Api, &rand::random::<[u8; 96]>())
        .ok_or_else(|| Problem::internal("too few random bytes were usable"))?;
    let now = access.now();
    let mut key = NewApiKey {
        id: KeyId::new(now, rand::random()),
        owner: owner.id,
        name: wanted.name,
        masked: mask(value.expose()),
        digest: access.app.gateway.hasher.digest(value.expose()),
        policy: defaults(wanted.billing_method),
        soft_limit: None,
        tags: Vec::new(),
        metadata: serde_json::Map::new(),
        created_at: now,
    };
    wanted.terms.apply(TermsOf {
        policy: &mut key.policy,
        soft_limit: &mut key.soft_limit,
        tags: &mut key.tags,
        metadata: &mut key.metadata,
    });
    let mut transaction = access.database().begin().await?;
    let made = match transaction.insert_api_key(&key, owner.tier.key_allowance()).await {
        Ok(made) => made,
        // The same request may have made the last key that was allowed a moment ago.
        Err(error) => {
            drop(transaction);
            let replay = once.answered(access.database()).await?;
            return replay.map(IntoResponse::into_response).ok_or_else(|| error.into());
        }
    };
    let mut answer = CreatedKey { view: KeyView::with(made, Figures::default(), now), key: None };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    access.app.key_changed(key.id).await?;
    answer.key = Some(Revealed(value));
    Ok(Answer::created(answer).version(1).into_response())
}

/// Whose key it will be.
async fn owner(access: &Access<KeysWrite>, wanted: Option<UserId>) -> Result<User, Problem> {
    let owner = wanted.unwrap_or(access.principal.user);
    let unknown = || {
        Problem::field("owner", "There is no user of this id, or their keys are not yours to make.")
    };
    if access.owner().is_some_and(|own| own != owner) {
        return Err(unknown());
    }
    match access.database().user(owner).await {
        Err(StoreError::NotFound) => Err(unknown()),
        found => Ok(found?),
    }
}

fn defaults(billing_method: BillingMethod) -> KeyPolicy {
    KeyPolicy {
        disabled: false,
        revoked: false,
        expires_at: None,
        permissions: Permissions::FULL,
        billing_method,
        quota: None,
        daily: WindowLimit::default(),
        monthly: WindowLimit::default(),
        rates: RateLimits::default(),
        max_tokens_per_request: None,
        when_short: WhenShort::Lower,
        allowed_models: Box::default(),
        ip_allowlist: Box::default(),
        groups: Box::default(),
    }
}
