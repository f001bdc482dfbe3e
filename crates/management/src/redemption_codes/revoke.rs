//! `DELETE /api/v1/redemption-codes/{id}`

use domain::id::RedemptionCodeId;
use store::redemption_code::RedemptionCode;

use crate::access::{Operator, UsersWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/redemption-codes/{id}", handle)
        .about(
            "Redemption codes",
            "Revoke a redemption code",
            "One that nobody has redeemed. It stays listed.",
        )
        .answers::<Deleted>(200, "It is revoked.")
}

async fn handle(
    Operator(access): Operator<UsersWrite>,
    Id(id): Id<RedemptionCodeId>,
) -> Result<Answer<Deleted>, Problem> {
    let mut transaction = access.database().begin().await?;
    let revoked = transaction.revoke_redemption_code(id, access.now()).await?;
    let before = RedemptionCode { revoked_at: None, ..revoked.clone() };
    access.app.record(&mut transaction, Some(&before), Some(&revoked))?;
    transaction.commit().await?;
    Ok(Answer::ok(Deleted::of(id)))
}
