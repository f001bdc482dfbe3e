//! `POST /api/v1/users/{id}/topups`

use axum::response::{IntoResponse, Response};
use domain::id::{TransactionId, UserId};
use domain::money::Nanos;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::Spending;
use crate::access::{Operator, UsersWrite};
use crate::answer::{Answer, Moment, Usd, UsdInput};
use crate::audit::record::field;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::Problem;
use crate::request::value::{or_null, positive_amount, text};
use crate::request::{Body, Fields, Id, IdempotencyKey, ReadBody};

/// Money in.
#[derive(ToSchema)]
pub(crate) struct TopUp {
    /// How much, above zero.
    #[schema(value_type = UsdInput)]
    amount: Nanos,
    /// For people: at most 500 characters.
    #[schema(value_type = Option<String>)]
    note: String,
}

impl ReadBody for TopUp {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = fields.required("amount", positive_amount);
        let note = fields.take("note", or_null(text(0..=500))).flatten().unwrap_or_default();
        Some(Self { amount: amount?, note })
    }
}

/// A top-up as it was booked.
#[derive(Serialize, ToSchema)]
pub(crate) struct BookedTopUp {
    /// The ledger transaction: `txn_…`
    #[schema(value_type = String)]
    id: TransactionId,
    /// Whose balance rose.
    #[schema(value_type = String)]
    user_id: UserId,
    /// By how much.
    amount: Usd,
    /// For people.
    note: String,
    /// What was topped up less what was spent, from now on.
    balance: Usd,
    /// Everything that was ever topped up or refunded.
    credited: Usd,
    /// When it was booked.
    created_at: Moment,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/users/{id}/topups", handle)
        .about(
            "Users",
            "Top up a balance",
            "In force when answered: calls that the balance held back work again.",
        )
        .answers::<BookedTopUp>(201, "The top-up.")
}

async fn handle(
    access: Operator<UsersWrite>,
    Id(id): Id<UserId>,
    idempotency: IdempotencyKey,
    body: Body<TopUp>,
) -> Result<Response, Problem> {
    let what = format!("POST users/{id}/topups");
    let once = Once::new(access.principal.user, idempotency, &what, &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let TopUp { amount, note } = body.value;
    let now = access.now();
    let transaction_id = TransactionId::new(now, rand::random());
    let spending = Spending::of(&access.app, id).await?;
    let mut transaction = access.database().begin().await?;
    let user = transaction.credit_user(id, amount, transaction_id, &note, now).await?;
    let answer = BookedTopUp {
        id: transaction_id,
        user_id: id,
        amount: Usd(amount),
        note,
        balance: Usd(spending.balance(user.credited)),
        credited: Usd(user.credited),
        created_at: Moment(now),
    };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    let credited = Usd(Nanos::new(user.credited.get().saturating_sub(amount.get())));
    let changes = field("credited", Some(&credited), Some(&Usd(user.credited)));
    transaction.changed(id, Some(id), changes);
    access.app.commit(transaction, id).await?;
    Ok(Answer::created(answer).into_response())
}
