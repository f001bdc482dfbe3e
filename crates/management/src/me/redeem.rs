//! `POST /api/v1/me/redemptions`

use domain::id::{RedemptionCodeId, TransactionId};
use domain::money::Nanos;
use domain::secret::Secret;
use serde::Serialize;
use store::StoreError;
use store::attempt::Patience;
use store::redemption_code::{Redeemed, RedemptionCode};
use utoipa::ToSchema;

use crate::access::{Access, UsersWrite};
use crate::answer::{Answer, Moment, Usd};
use crate::audit::record::field;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::proof::{self, count, plain};
use crate::request::{Body, Fields, ReadBody};
use crate::users::view::Spending;

/// Wrong codes that a user may type before they have to wait.
const GUESSES: Patience = Patience { free: 5, longest: 60 * 60_000 };

/// A code to be redeemed.
#[derive(ToSchema)]
pub(crate) struct RedeemCode {
    /// The code; case, blanks and hyphens do not matter.
    #[schema(value_type = String)]
    code: Secret,
}

impl ReadBody for RedeemCode {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { code: fields.required("code", proof::secret)? })
    }
}

/// A code that was redeemed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Redemption {
    /// The code: `rdm_…`
    #[schema(value_type = String)]
    id: RedemptionCodeId,
    /// The ledger's transaction: `txn_…`
    #[schema(value_type = String)]
    transaction_id: TransactionId,
    /// What it was worth.
    amount: Usd,
    /// What was topped up less what was spent, from now on.
    balance: Usd,
    /// When it was redeemed.
    redeemed_at: Moment,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/me/redemptions", handle)
        .about("Own account", "Redeem a code", "Adds what the code is worth to the asking user's balance, once; in force when answered.")
        .answers::<Redemption>(201, "The balance has risen.")
        .fails(404, "There is no such code.")
        .fails(409, "The code was redeemed or revoked, or has expired.")
        .fails(429, "Too many wrong codes; `Retry-After` says when to try again.")
}

async fn handle(
    access: Access<UsersWrite>,
    body: Body<RedeemCode>,
) -> Result<Answer<Redemption>, Problem> {
    let (app, now, user) = (&access.app, access.now(), access.principal.user);
    let guesses = format!("redeem:{user}");
    count(app, &guesses, GUESSES).await?;
    let digest = app.gateway.hasher.digest(&plain(body.value.code.expose()));
    let known = match app.gateway.database.redemption_code_by_digest(digest).await {
        Err(StoreError::NotFound) => {
            let detail = "There is no such code. Check it letter by letter.";
            return Err(Problem::new(http::StatusCode::NOT_FOUND, "unknown_code", detail));
        }
        found => found?,
    };
    let transaction_id = TransactionId::new(now, rand::random());
    let spending = Spending::of(app, user).await?;
    let mut transaction = access.database().begin().await?;
    // Whoever knows a real code does not guess.
    transaction.forgive_attempt(&guesses, GUESSES, now).await?;
    let redeemed = Redeemed { by: user, at: now, transaction: transaction_id };
    let code = match transaction.redeem_code(digest, redeemed).await {
        Err(StoreError::NotFound) => {
            drop(transaction);
            let (why, words) = match app.gateway.database.redemption_code_by_digest(digest).await? {
                code if code.redeemed.is_some() => ("redeemed", "was redeemed before"),
                code if code.revoked_at.is_some() => ("revoked", "was revoked"),
                _ => ("expired", "has expired"),
            };
            let mut transaction = app.gateway.database.begin().await?;
            transaction.forgive_attempt(&guesses, GUESSES, now).await?;
            transaction.commit().await?;
            return Err(
                Problem::conflict("code_unusable", format!("This code {words}.")).with("why", why)
            );
        }
        done => done?,
    };
    let credited = transaction.credit_redeemed(user, &code, transaction_id, now).await?.credited;
    let open = RedemptionCode { redeemed: None, ..code.clone() };
    app.record(&mut transaction, Some(&open), Some(&code))?;
    let before = Usd(Nanos::new(credited.get().saturating_sub(code.amount.get())));
    let changes = field("credited", Some(&before), Some(&Usd(credited)));
    transaction.changed(user, Some(user), changes);
    app.commit(transaction, user).await?;
    Ok(Answer::created(Redemption {
        id: known.id,
        transaction_id,
        amount: Usd(code.amount),
        balance: Usd(spending.balance(credited)),
        redeemed_at: Moment(now),
    }))
}
