//! `POST /v1/api-keys`

use axum::response::{IntoResponse, Response};
use domain::bill::BillingMethod;
use domain::id::UserId;
use domain::secret::Secret;
use http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::making::{Making, seal};
use super::name::{GivenName, NameParts};
use super::terms::KeyTerms;
use super::view::{Figures, KeyView, Owners};
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
    /// What its owner calls it: 1–100 characters. Either this or `name_parts` is required.
    #[schema(value_type = Option<String>)]
    pub(super) name: GivenName,
    /// A name after the pattern environment, project, purpose, month.
    #[schema(inline = false)]
    #[expect(dead_code, reason = "it is read into the name; this describes it")]
    name_parts: Option<NameParts>,
    /// A template whose fields are taken where this request leaves them out.
    pub(super) template: Option<String>,
    /// Whose it is and who pays; the management key's owner by default.
    #[schema(value_type = Option<String>)]
    pub(super) owner: Option<UserId>,
    /// `usage_based` (the default), `pay_per_use` or `by_model`; fixed for the key's life.
    /// `pay_per_request` is another name of `pay_per_use`.
    #[schema(value_type = Option<String>)]
    pub(super) billing_method: Option<BillingMethod>,
    #[serde(flatten)]
    pub(super) terms: KeyTerms,
}

impl ReadBody for CreateKey {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = GivenName::take(fields);
        let methods = "usage_based, pay_per_use, by_model";
        Some(Self {
            name_parts: None,
            template: fields.take("template", text(1..=64)),
            owner: fields.take("owner", parsed),
            billing_method: fields
                .take("billing_method", choice(BillingMethod::from_name, methods)),
            terms: KeyTerms::take(fields),
            name: name?,
        })
    }
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    #[serde(flatten)]
    pub(super) view: KeyView,
    /// The value, `sk-…`: shown this once; null when the request is repeated.
    #[schema(value_type = Option<String>)]
    pub(super) key: Option<Revealed>,
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
            "The value is in this answer and nowhere else: only a keyed hash is stored, unless the deployment keeps values sealed.",
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
    let (key, value) = Making::new(&access).key(body.value).await?;
    let owners = Owners::of(&access.app, [key.owner].into()).await?;
    let mut transaction = access.database().begin().await?;
    let made = match transaction.check_key_limit(key.owner, 1).await {
        Ok(()) => transaction.insert_api_key(&key, None).await,
        Err(error) => Err(error),
    };
    let made = match made {
        Ok(made) => made,
        // The same request may have made the last key that was allowed a moment ago.
        Err(error) => {
            drop(transaction);
            let replay = once.answered(access.database()).await?;
            return replay.map(IntoResponse::into_response).ok_or_else(|| error.into());
        }
    };
    seal(&access.app, &mut transaction, key.id, &value).await?;
    access.app.record(&mut transaction, None, Some(&made))?;
    let now = key.created_at;
    let view = KeyView::with(made, &owners, Figures::default(), None, now);
    let mut answer = CreatedKey { view, key: None };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    access.app.keys_made(&[key.digest]).await;
    answer.key = Some(Revealed(value));
    Ok(Answer::created(answer).version(1).into_response())
}
