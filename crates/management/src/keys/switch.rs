//! `POST /v1/api-keys/{id}/enable`, `/disable` and `/revoke`

use domain::id::KeyId;
use store::api_key::ApiKey;

use super::view::KeyView;
use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Id, IfMatch};

pub(crate) fn enable() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/enable", handle_enable)
        .about("API keys", "Enable a key", "In force when answered.")
        .answers::<KeyView>(200, "The key as it is now.")
        .fails(409, "The key is revoked, which is final.")
}

pub(crate) fn disable() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/disable", handle_disable)
        .about(
            "API keys",
            "Disable a key",
            "In force when answered: further calls are refused until it is enabled again.",
        )
        .answers::<KeyView>(200, "The key as it is now.")
        .fails(409, "The key is revoked, which is final.")
}

pub(crate) fn revoke() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/revoke", handle_revoke)
        .about("API keys", "Revoke a key", "Final. In force when answered: further calls are refused and those under way end. It stays listed.")
        .answers::<KeyView>(200, "The key as it is now.")
}

async fn handle_enable(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
) -> Result<Answer<KeyView>, Problem> {
    let key = set_disabled(&access, id, &if_match, false).await?;
    answer(&access, key).await
}

async fn handle_disable(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
) -> Result<Answer<KeyView>, Problem> {
    let key = set_disabled(&access, id, &if_match, true).await?;
    answer(&access, key).await
}

async fn handle_revoke(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
) -> Result<Answer<KeyView>, Problem> {
    let key = set_revoked(&access, id, &if_match).await?;
    answer(&access, key).await
}

/// Ends a key for ever; in force when this returns.
pub(crate) async fn set_revoked(
    access: &Access<KeysWrite>,
    id: KeyId,
    if_match: &IfMatch,
) -> Result<ApiKey, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let version = if_match.version(key.version)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_api_key(id, access.owner()).await?;
    let key = transaction.revoke_api_key(id, access.owner(), access.now(), version).await?;
    access.app.record(&mut transaction, Some(&before), Some(&key))?;
    access.app.commit(transaction, id).await?;
    Ok(key)
}

/// Switches a key off or on; in force when this returns.
pub(crate) async fn set_disabled(
    access: &Access<KeysWrite>,
    id: KeyId,
    if_match: &IfMatch,
    disabled: bool,
) -> Result<ApiKey, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let version = if_match.version(key.version)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_api_key(id, access.owner()).await?;
    let key = transaction.set_api_key_disabled(id, access.owner(), disabled, version).await?;
    if key.policy.revoked {
        let detail = "This key was revoked, which is final. Make another key.";
        return Err(Problem::conflict("key_revoked", detail));
    }
    access.app.record(&mut transaction, Some(&before), Some(&key))?;
    access.app.commit(transaction, id).await?;
    Ok(key)
}

async fn answer(access: &Access<KeysWrite>, key: ApiKey) -> Result<Answer<KeyView>, Problem> {
    let version = key.version;
    Ok(Answer::ok(KeyView::of(&access.app, key).await?).version(version))
}
