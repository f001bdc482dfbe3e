//! `POST /api/v1/calls/{id}/refund`

use axum::response::{IntoResponse, Response};
use domain::id::{CallId, KeyId, TransactionId, UserId};
use domain::money::Nanos;
use http::StatusCode;
use serde::Serialize;
use store::refund::{Refund, RefundOrder, RefundOutcome};
use utoipa::ToSchema;

use crate::access::{Operator, UsersWrite};
use crate::answer::{Answer, Moment, Usd, UsdInput};
use crate::audit::record::field;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::Problem;
use crate::request::value::{or_null, positive_amount, text};
use crate::request::{Body, Fields, Id, IdempotencyKey, ReadBody};
use crate::wrong::Wrong;

/// Money back for a call.
#[derive(ToSchema)]
pub(crate) struct RefundCall {
    /// How much, above zero; null or left out: all that is left of the charge.
    #[schema(value_type = Option<UsdInput>)]
    amount: Option<Nanos>,
    /// For people: 1–500 characters.
    reason: String,
}

impl ReadBody for RefundCall {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = fields.take("amount", or_null(positive_amount)).flatten();
        let reason = fields.required("reason", text(1..=500));
        Some(Self { amount, reason: reason? })
    }
}

/// One refund of a call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundView {
    /// The ledger transaction: `txn_…`
    #[schema(value_type = String)]
    id: TransactionId,
    /// How much.
    amount: Usd,
    /// For people.
    reason: String,
    /// When it was booked.
    created_at: Moment,
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        Self {
            id: refund.transaction,
            amount: Usd(refund.amount),
            reason: refund.reason,
            created_at: Moment(refund.created_at),
        }
    }
}

/// A refund as it was booked.
#[derive(Serialize, ToSchema)]
pub(crate) struct BookedRefund {
    #[serde(flatten)]
    refund: RefundView,
    /// The call that it is for.
    #[schema(value_type = String)]
    call_id: CallId,
    /// The key that made the call.
    #[schema(value_type = String)]
    key_id: KeyId,
    /// Whose balance rose.
    #[schema(value_type = String)]
    user_id: UserId,
    /// What could still be given back for the call.
    left: Usd,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/calls/{id}/refund", handle)
        .about(
            "Calls",
            "Refund a call",
            "Raises the payer's balance by an entry in the ledger that points at the call; in force when answered. Never more than was charged less earlier refunds. What the key's limits count stays as it is.",
        )
        .answers::<BookedRefund>(201, "The refund.")
        .fails(409, "Nothing is left to give back.")
}

async fn handle(
    access: Operator<UsersWrite>,
    Id(id): Id<CallId>,
    idempotency: IdempotencyKey,
    body: Body<RefundCall>,
) -> Result<Response, Problem> {
    let what = format!("POST calls/{id}/refund");
    let once = Once::new(access.principal.user, idempotency, &what, &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    // The call may have ended a moment ago.
    access.app.gateway.ledger.flush().await;
    let now = access.now();
    let order = RefundOrder {
        transaction: TransactionId::new(now, rand::random()),
        by: access.principal.user,
        reason: &body.value.reason,
        now,
    };
    let mut transaction = access.database().begin().await?;
    let (refund, left) = match transaction.refund_call(id, body.value.amount, order).await? {
        RefundOutcome::Booked { refund, left } => (refund, left),
        RefundOutcome::TooMuch { charged, refunded } => {
            drop(transaction);
            // The same request may have given back the rest a moment ago.
            let replay = once.answered(access.database()).await?;
            return replay
                .map(IntoResponse::into_response)
                .ok_or_else(|| too_much(charged, refunded));
        }
    };
    let user = refund.user;
    let answer = BookedRefund {
        call_id: refund.call,
        key_id: refund.key,
        user_id: user,
        left: Usd(left),
        refund: refund.into(),
    };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    let refunded = || field("refunded", None, Some(&answer.refund.amount));
    transaction.changed(id, Some(user), refunded());
    transaction.changed(answer.key_id, Some(user), refunded());
    access.app.commit(transaction, user).await?;
    Ok(Answer::created(answer).into_response())
}

fn too_much(charged: Nanos, refunded: Nanos) -> Problem {
    let left = charged.get().saturating_sub(refunded.get());
    if left <= 0 {
        let detail = format!(
            "The call was charged {charged} USD, of which {refunded} USD were refunded: nothing is left to give back."
        );
        return Problem::conflict("nothing_to_refund", detail);
    }
    Problem::field("amount", Wrong::RefundTooMuch { charged, refunded, left: Nanos::new(left) })
}
