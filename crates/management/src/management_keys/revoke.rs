//! `DELETE /api/v1/management-keys/{id}`

use domain::id::ManagementKeyId;
use store::management_key::ManagementKey;

use crate::access::{Access, SystemWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/management-keys/{id}", handle)
        .about("Management keys", "Revoke a management key", "Final, and in force when answered.")
        .answers::<Deleted>(200, "It is revoked.")
}

async fn handle(
    access: Access<SystemWrite>,
    Id(id): Id<ManagementKeyId>,
) -> Result<Answer<Deleted>, Problem> {
    let mut transaction = access.database().begin().await?;
    let revoked = transaction.revoke_management_key(id, access.owner(), access.now()).await?;
    let before = ManagementKey { revoked_at: None, ..revoked };
    access.app.record(&mut transaction, Some(&before), None)?;
    transaction.commit().await?;
    Ok(Answer::ok(Deleted::of(id)))
}
