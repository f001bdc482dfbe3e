//! `POST /api/v1/redemption-codes`

use axum::response::{IntoResponse, Response};
use domain::id::RedemptionCodeId;
use domain::money::Nanos;
use domain::secret::Secret;
use domain::time::UnixMillis;
use http::StatusCode;
use serde::Serialize;
use store::redemption_code::RedemptionCode;
use utoipa::ToSchema;

use super::list::RedemptionCodeView;
use crate::access::{Operator, UsersWrite};
use crate::answer::{Answer, List, Moment, UsdInput};
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::keys::create::Revealed;
use crate::me::recovery_codes::grouped;
use crate::problem::Problem;
use crate::proof::plain;
use crate::request::value::{or_null, positive_amount, text, time_or_never, whole};
use crate::request::{Body, Fields, IdempotencyKey, ReadBody};

/// The most codes of one request.
const MOST: i64 = 1_000;

/// Codes to be made.
#[derive(ToSchema)]
pub(crate) struct CreateCodes {
    /// What each is worth, above zero.
    #[schema(value_type = UsdInput)]
    amount: Nanos,
    /// How many: 1, which is the default, to 1000.
    #[schema(value_type = Option<i64>)]
    count: usize,
    /// When they end by themselves; null or -1: never.
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<UnixMillis>,
    /// For people: at most 500 characters.
    #[schema(value_type = Option<String>)]
    note: String,
}

impl ReadBody for CreateCodes {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = fields.required("amount", positive_amount);
        let count = fields.take("count", whole(1..=MOST)).unwrap_or(1);
        let expires_at = fields.take("expires_at", time_or_never).flatten();
        let note = fields.take("note", or_null(text(0..=500))).flatten().unwrap_or_default();
        Some(Self { amount: amount?, count, expires_at, note })
    }
}

/// A code that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedCode {
    #[serde(flatten)]
    view: RedemptionCodeView,
    /// The value: shown this once; null when the request is repeated.
    #[schema(value_type = Option<String>)]
    code: Option<Revealed>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/redemption-codes", handle)
        .about(
            "Redemption codes",
            "Make redemption codes",
            "The values are in this answer and nowhere else: only keyed hashes are stored.",
        )
        .answers_list::<CreatedCode>("The codes, with their values.")
}

async fn handle(
    Operator(access): Operator<UsersWrite>,
    idempotency: IdempotencyKey,
    body: Body<CreateCodes>,
) -> Result<Response, Problem> {
    let once = Once::new(access.principal.user, idempotency, "POST redemption-codes", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let (wanted, now) = (body.value, access.now());
    let mut transaction = access.database().begin().await?;
    let mut values: Vec<Secret> = Vec::with_capacity(wanted.count);
    let mut answer = List::whole(Vec::with_capacity(wanted.count));
    for _ in 0..wanted.count {
        // 24 letters and digits: more than anybody can guess.
        let value = grouped(&rand::random::<[u8; 15]>());
        let plain = plain(value.expose());
        let (head, tail) = (plain.get(..4).unwrap_or_default(), plain.len().saturating_sub(4));
        let code = RedemptionCode {
            id: RedemptionCodeId::new(now, rand::random()),
            digest: access.app.gateway.hasher.digest(&plain),
            masked: format!("{head}…{}", plain.get(tail..).unwrap_or_default()),
            amount: wanted.amount,
            note: wanted.note.clone(),
            expires_at: wanted.expires_at,
            created_by: access.principal.user,
            created_at: now,
            revoked_at: None,
            redeemed: None,
        };
        transaction.insert_redemption_code(&code).await?;
        access.app.record(&mut transaction, None, Some(&code))?;
        answer.data.push(CreatedCode { view: RedemptionCodeView::of(code, now), code: None });
        values.push(value);
    }
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    for (code, value) in answer.data.iter_mut().zip(values) {
        code.code = Some(Revealed(value));
    }
    Ok(Answer::created(answer).into_response())
}
