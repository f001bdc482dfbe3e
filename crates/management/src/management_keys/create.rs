//! `POST /api/v1/management-keys`

use axum::response::{IntoResponse, Response};
use domain::id::{ManagementKeyId, UserId};
use domain::key::{Kind, generate, mask};
use domain::scope::Scope;
use domain::time::UnixMillis;
use http::StatusCode;
use serde::Serialize;
use store::StoreError;
use store::management_key::ManagementKey;
use utoipa::ToSchema;

use super::view::ManagementKeyView;
use crate::access::{Access, SystemWrite};
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::keys::create::Revealed;
use crate::problem::{FieldError, Problem};
use crate::request::value::{list, parsed, text, time_or_never};
use crate::request::{Body, Fields, IdempotencyKey, Invalid, ReadBody, Value};
use crate::wrong::Wrong;

/// A management key to be made.
#[derive(ToSchema)]
pub(crate) struct CreateManagementKey {
    /// What its owner calls it: 1–100 characters.
    name: String,
    /// In whose name it acts; the asking key's owner by default.
    #[schema(value_type = Option<String>)]
    owner: Option<UserId>,
    /// What it may do: at most what the asking key may.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// When it ends by itself; null or -1: never.
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<UnixMillis>,
}

impl ReadBody for CreateManagementKey {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(1..=100));
        let owner = fields.take("owner", parsed);
        let scopes = fields.required("scopes", scopes);
        let expires_at = fields.take("expires_at", time_or_never).flatten();
        Some(Self { name: name?, owner, scopes: scopes?, expires_at })
    }
}

/// A management key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedManagementKey {
    #[serde(flatten)]
    view: ManagementKeyView,
    /// The value, `mk-…`: shown this once; null when the request is repeated.
    #[schema(value_type = Option<String>)]
    key: Option<Revealed>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/management-keys", handle)
        .about(
            "Management keys",
            "Make a management key",
            "It can be given at most the scopes of the key that asks.",
        )
        .answers::<CreatedManagementKey>(201, "The management key, with its value.")
}

async fn handle(
    access: Access<SystemWrite>,
    idempotency: IdempotencyKey,
    body: Body<CreateManagementKey>,
) -> Result<Response, Problem> {
    let once = Once::new(access.principal.user, idempotency, "POST management-keys", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let wanted = body.value;
    check_scopes(&access, &wanted.scopes)?;
    let owner = owner(&access, wanted.owner).await?;
    let value = generate(Kind::Management, &rand::random::<[u8; 96]>())
        .ok_or_else(|| Problem::internal("too few random bytes were usable"))?;
    let now = access.now();
    let key = ManagementKey {
        id: ManagementKeyId::new(now, rand::random()),
        owner,
        name: wanted.name,
        digest: access.app.gateway.hasher.digest(value.expose()),
        masked: mask(value.expose()),
        scopes: wanted.scopes,
        expires_at: wanted.expires_at,
        revoked_at: None,
        created_at: now,
    };
    let owners = access.database().user_names([owner].into()).await?;
    let mut transaction = access.database().begin().await?;
    transaction.insert_management_key(&key).await?;
    access.app.record(&mut transaction, None, Some(&key))?;
    let view = ManagementKeyView::of(key, &owners);
    let mut answer = CreatedManagementKey { view, key: None };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    answer.key = Some(Revealed(value));
    Ok(Answer::created(answer).into_response())
}

/// A key can only give away what it has.
fn check_scopes(access: &Access<SystemWrite>, scopes: &[Scope]) -> Result<(), Problem> {
    let beyond = scopes.iter().enumerate().filter(|(_, scope)| !access.principal.has(**scope));
    let errors: Vec<FieldError> = beyond
        .map(|(index, scope)| {
            let wrong = Wrong::ScopeLacked { scope: scope.name() };
            FieldError::new(format!("scopes[{index}]"), "not_allowed", &wrong)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

/// In whose name it acts: nobody of a higher role than who asks.
async fn owner(access: &Access<SystemWrite>, wanted: Option<UserId>) -> Result<UserId, Problem> {
    let owner = wanted.unwrap_or(access.principal.user);
    let unknown = || Problem::field("owner", Wrong::OwnerUnknown);
    if access.owner().is_some_and(|own| own != owner) {
        return Err(unknown());
    }
    let user = match access.database().user(owner).await {
        Err(StoreError::NotFound) => return Err(unknown()),
        found => found?,
    };
    access.principal.may_manage(user.role)?;
    Ok(owner)
}

fn scopes(value: Value<'_>) -> Result<Vec<Scope>, Invalid> {
    let names: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let one = |value: Value<'_>| {
        let found = value.string().ok().and_then(|name| Scope::from_name(&name));
        found.ok_or_else(|| Invalid::new(Wrong::one_of(names.iter().copied())))
    };
    let mut scopes = list(50, one)(value)?;
    if scopes.is_empty() {
        return Err(Invalid::new(Wrong::NoScope));
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}
