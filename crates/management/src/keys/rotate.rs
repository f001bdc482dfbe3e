//! `POST /v1/api-keys/{id}/rotate`

use axum::response::{IntoResponse, Response};
use domain::id::KeyId;
use domain::key::mask;
use domain::time::UnixMillis;
use http::StatusCode;
use store::api_key::{ApiKey, Rotation};
use utoipa::ToSchema;

use super::create::{CreatedKey, Revealed};
use super::making::{ends_after, new_value, seal};
use super::rotation::RotationView;
use super::view::{Figures, KeyView, Owners};
use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::Problem;
use crate::request::value::integer;
use crate::request::{Body, Fields, Id, IdempotencyKey, IfMatch, ReadBody};

/// A day.
const DEFAULT_GRACE: i64 = 86_400;
/// 30 days.
const LONGEST_GRACE: i64 = 30 * 86_400;

/// How a key gets a new value.
#[derive(ToSchema)]
pub(crate) struct RotateKey {
    /// For how many seconds the old value works: 0 to 2592000 (30 days); 86400 if left out.
    #[schema(value_type = Option<i64>)]
    grace_seconds: i64,
}

impl ReadBody for RotateKey {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let grace = fields.take("grace_seconds", integer(0..=LONGEST_GRACE));
        Some(Self { grace_seconds: grace.unwrap_or(DEFAULT_GRACE) })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/rotate", handle)
        .about(
            "API keys",
            "Give a key a new value",
            "The key keeps its id, limits and history. The old value works until its grace ends; one that was older ends now. In force when answered.",
        )
        .answers::<CreatedKey>(200, "The key, with its new value.")
        .fails(409, "The key is revoked, or was changed at the same time.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    idempotency: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RotateKey>,
) -> Result<Response, Problem> {
    let what = format!("POST api-keys/{id}/rotate");
    let once = Once::new(access.principal.user, idempotency, &what, &body.digest);
    let key = access.database().api_key(id, access.owner()).await?;
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    if_match.check(key.version)?;
    refuse_revoked(&key)?;
    let value = new_value()?;
    let now = access.now();
    let rotation = Rotation {
        digest: access.app.gateway.hasher.digest(value.expose()),
        masked: mask(value.expose()),
        now,
        ends_at: ends_after(now, body.value.grace_seconds),
    };
    let figures = Figures::of(&access.app, id).await?;
    let owners = Owners::of(&access.app, [key.owner].into()).await?;
    let mut transaction = access.database().begin().await?;
    let rotated = match transaction.rotate_api_key(&key, &rotation).await {
        Ok(rotated) => rotated,
        // The same request may have been faster; another rotation is told apart by the version, so
        // that nobody is shown a value that is the old one already.
        Err(error) => {
            drop(transaction);
            let replay = once.answered(access.database()).await?;
            return replay.map(IntoResponse::into_response).ok_or_else(|| error.into());
        }
    };
    seal(&access.app, &mut transaction, id, &value).await?;
    let app = &access.app;
    app.record_with(&mut transaction, &key, &rotated, |changes| {
        let moment = |at: &UnixMillis| Moment(*at);
        let (before, after) = (key.rotated_at, rotated.rotated_at);
        let (before, after) = (before.as_ref().map(moment), after.as_ref().map(moment));
        changes.add("rotated_at", before.as_ref(), after.as_ref());
        changes.add("previous_ends_at", None, Some(&Moment(rotation.ends_at)));
    })?;
    let version = rotated.version;
    let view = RotationView::begun(&rotation);
    let view = KeyView::with(rotated, &owners, figures, Some(view), now);
    let mut answer = CreatedKey { view, key: None };
    if let Some(replay) = once.store(&mut transaction, StatusCode::OK, &answer, now).await? {
        return Ok(replay.into_response());
    }
    access.app.commit(transaction, id).await?;
    answer.key = Some(Revealed(value));
    Ok(Answer::ok(answer).version(version).into_response())
}

fn refuse_revoked(key: &ApiKey) -> Result<(), Problem> {
    if !key.policy.revoked {
        return Ok(());
    }
    let detail = "This key was revoked, which is final. Make another key.";
    Err(Problem::conflict("key_revoked", detail))
}
