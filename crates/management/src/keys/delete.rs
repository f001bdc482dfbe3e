//! `DELETE /v1/api-keys/{id}`

use domain::id::KeyId;

use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Id, IfMatch};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/v1/api-keys/{id}", handle)
        .about("API keys", "Delete a key", "Revokes it at once, ends its calls under way, and takes it off the lists. The books keep its calls.")
        .answers::<Deleted>(200, "It is deleted.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
) -> Result<Answer<Deleted>, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let version = if_match.version(key.version)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_api_key(id, access.owner()).await?;
    let key = transaction.delete_api_key(id, access.owner(), access.now(), version).await?;
    access.app.record(&mut transaction, Some(&before), Some(&key))?;
    access.app.commit(transaction, id).await?;
    Ok(Answer::ok(Deleted::of(id)))
}
