//! `POST /v1/api-keys/{id}/rotate/end`

use domain::id::KeyId;

use super::view::KeyView;
use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Id, IfMatch};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/rotate/end", handle)
        .about(
            "API keys",
            "End the grace of an old value",
            "In force when answered: the value that the last rotation replaced is refused from now on. A second time it changes nothing.",
        )
        .answers::<KeyView>(200, "The key as it is now.")
        .fails(409, "The key was never rotated.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
) -> Result<Answer<KeyView>, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let version = if_match.version(key.version)?;
    if key.rotated_at.is_none() {
        let detail = "This key was never rotated: it has no old value.";
        return Err(Problem::conflict("not_rotated", detail));
    }
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_api_key(id, access.owner()).await?;
    let ends_at = transaction.previous_value_ends_at(id).await?;
    let key = transaction.end_key_grace(id, access.owner(), access.now(), version).await?;
    let ended_at = transaction.previous_value_ends_at(id).await?;
    access.app.record_with(&mut transaction, &before, &key, |changes| {
        let (ends_at, ended_at) = (ends_at.map(Moment), ended_at.map(Moment));
        changes.add("previous_ends_at", ends_at.as_ref(), ended_at.as_ref());
    })?;
    access.app.commit(transaction, id).await?;
    let version = key.version;
    Ok(Answer::ok(KeyView::of(&access.app, key).await?).version(version))
}
