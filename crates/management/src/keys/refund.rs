//! `POST /v1/api-keys/{id}/refund`

use axum::response::{IntoResponse, Response};
use domain::id::{KeyId, TransactionId};
use domain::time::UnixMillis;
use http::StatusCode;
use serde::Serialize;
use store::refund::{MOST_CALLS, RefundOrder, SpanRefund};
use utoipa::ToSchema;

use crate::access::{Operator, UsersWrite};
use crate::answer::{Answer, Moment, Usd};
use crate::audit::record::field;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::Problem;
use crate::request::value::{or_null, text, time};
use crate::request::{Body, Fields, Id, IdempotencyKey, Invalid, ReadBody};
use crate::wrong::Wrong;

/// Money back for all calls of a key in a span of time.
#[derive(ToSchema)]
pub(crate) struct RefundKey {
    /// Calls that were admitted at this time or later …
    #[schema(value_type = Moment)]
    since: UnixMillis,
    /// … and before this one; null or left out: now.
    #[schema(value_type = Option<Moment>)]
    until: Option<UnixMillis>,
    /// For people: 1–500 characters.
    reason: String,
}

impl ReadBody for RefundKey {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let since = fields.required("since", time);
        let until = fields.take("until", or_null(time)).flatten();
        let reason = fields.required("reason", text(1..=500));
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            fields.refuse("until", Invalid::new(Wrong::TimeAfterSince));
        }
        Some(Self { since: since?, until, reason: reason? })
    }
}

/// What a refund of a key's calls came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefundedKey {
    /// The ledger transaction: `txn_…`; null where there was nothing to give back.
    #[schema(value_type = Option<String>)]
    id: Option<TransactionId>,
    /// The key whose calls were refunded.
    #[schema(value_type = String)]
    key_id: KeyId,
    /// How many calls something was given back for.
    calls: usize,
    /// How much altogether.
    amount: Usd,
    /// The span.
    since: Moment,
    /// Its end.
    until: Moment,
    /// For people.
    reason: String,
    /// When it was booked.
    created_at: Moment,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/refund", handle)
        .about(
            "API keys",
            "Refund a key's calls in a span of time",
            "Gives back all that is left of what these calls were charged, in one ledger transaction with a line per call; in force when answered. Revoked and deleted keys' calls can be refunded too. What the key's limits count stays as it is.",
        )
        .answers::<RefundedKey>(201, "What was given back.")
        .fails(409, "The span holds too many calls for one go.")
}

async fn handle(
    access: Operator<UsersWrite>,
    Id(id): Id<KeyId>,
    idempotency: IdempotencyKey,
    body: Body<RefundKey>,
) -> Result<Response, Problem> {
    let what = format!("POST api-keys/{id}/refund");
    let once = Once::new(access.principal.user, idempotency, &what, &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    // Calls may have ended a moment ago.
    access.app.gateway.ledger.flush().await;
    let now = access.now();
    let RefundKey { since, until, reason } = body.value;
    let until = until.unwrap_or_else(|| now.plus(1));
    let order = RefundOrder {
        transaction: TransactionId::new(now, rand::random()),
        by: access.principal.user,
        reason: &reason,
        now,
    };
    let owner = access.database().api_key_for_lookup(id).await?.owner;
    let mut transaction = access.database().begin().await?;
    let (calls, amount) = match transaction.refund_key(id, since, until, order).await? {
        SpanRefund::Booked { calls, amount } => (calls, amount),
        SpanRefund::TooMany => {
            let detail = format!(
                "The span holds more than {MOST_CALLS} calls. Refund shorter spans one after the other."
            );
            return Err(Problem::conflict("too_many_calls", detail).with("most", MOST_CALLS));
        }
    };
    let answer = RefundedKey {
        id: (calls > 0).then_some(order.transaction),
        key_id: id,
        calls,
        amount: Usd(amount),
        since: Moment(since),
        until: Moment(until),
        reason: reason.clone(),
        created_at: Moment(now),
    };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.changed(id, Some(owner), field("refunded", None, Some(&Usd(amount))));
    access.app.commit(transaction, owner).await?;
    Ok(Answer::created(answer).into_response())
}
