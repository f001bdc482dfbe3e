//! `POST /v1/api-keys/{id}/compromised`

use axum::response::{IntoResponse, Response};
use domain::id::KeyId;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::report::LeakReport;
use super::response::{Measures, Replacement, Target, put_in_force};
use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::keys::view::KeyView;
use crate::problem::Problem;
use crate::request::{Body, Fields, Id, IdempotencyKey, ReadBody};

/// A key that came into others' hands.
#[derive(ToSchema)]
pub(crate) struct Compromise {
    #[serde(flatten)]
    measures: Measures,
}

impl ReadBody for Compromise {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { measures: Measures::take(fields) })
    }
}

/// What was done about a leaked key.
#[derive(Serialize, ToSchema)]
pub(crate) struct Compromised {
    /// The key, revoked.
    key: KeyView,
    /// Whether its owner's balance is frozen now.
    frozen: bool,
    /// The key that was made in its place.
    replacement: Option<Replacement>,
    /// When it was reported.
    reported_at: Moment,
    /// For people.
    note: String,
    /// What it did since then; null when the request is repeated: GET it.
    report: Option<LeakReport>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/compromised", handle)
        .about(
            "Leaks",
            "Declare a key compromised",
            "Revokes it, which is final, and cuts its calls under way; they are charged for what was delivered. In force when answered. Freezing the balance of somebody else needs the scope `users:write` as well; an operator thaws it.",
        )
        .answers::<Compromised>(200, "What was done, and what the key did since then.")
        .fails(409, "The key was revoked before, and the owner has as many keys as their tier allows.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    idempotency: IdempotencyKey,
    body: Body<Compromise>,
) -> Result<Response, Problem> {
    let what = format!("POST api-keys/{id}/compromised");
    let once = Once::new(access.principal.user, idempotency, &what, &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let measures = body.value.measures;
    let now = access.now();
    let target = Target::find(&access, id, &measures).await?;
    let mut transaction = access.database().begin().await?;
    let mut done = target.respond(&access, &mut transaction, &measures, now).await?;
    let mut answer = Compromised {
        key: done.view(&access).await?,
        frozen: done.frozen,
        replacement: done.replacement(false),
        reported_at: Moment(now),
        note: done.leak.note.clone(),
        report: None,
    };
    if let Some(replay) = once.store(&mut transaction, StatusCode::OK, &answer, now).await? {
        return Ok(replay.into_response());
    }
    put_in_force(&access.app, transaction, std::iter::once(&done)).await?;
    answer.replacement = done.replacement(true);
    answer.report = Some(LeakReport::of(&access.app, id, access.owner(), done.leak.since).await?);
    // After the cut calls were charged.
    answer.key = done.view(&access).await?;
    Ok(Answer::ok(answer).into_response())
}
