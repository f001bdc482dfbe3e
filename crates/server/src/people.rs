//! `tollkeeper users reset`: letting somebody in again who cannot log in.

use domain::audit::{AuditChange, AuditEvent};
use domain::change::Changes;
use domain::id::UserId;
use domain::secret::Secret;
use domain::time::UnixMillis;
use sha2::{Digest, Sha256};
use store::user::User;
use store::user_link::LinkDigest;
use store::{Database, StoreError};

/// For how long the link can be used.
const RESET_LINK: i64 = 24 * 3_600_000;

/// A user who was reset.
pub struct ResetUser {
    /// The user.
    pub user: User,
    /// The token of the link that sets another password.
    pub token: Secret,
    /// Until when it can be used.
    pub expires_at: UnixMillis,
}

/// Takes a user's password away, ends their sessions and makes a link for another password. `who` is
/// an id, an e-mail address, or a name that only one user has. On a running deployment it is in force
/// at once.
///
/// # Errors
/// When the database is unavailable. None is given when nobody is meant, or more than one.
pub async fn reset_user(
    database: &Database,
    who: &str,
    remove_totp: bool,
    now: UnixMillis,
) -> Result<Option<ResetUser>, StoreError> {
    let found = match who.parse::<UserId>() {
        Ok(id) => match database.user(id).await {
            Err(StoreError::NotFound) => None,
            found => Some(found?),
        },
        Err(_) => database.user_by_login(who).await?,
    };
    let Some(user) = found else { return Ok(None) };
    let token = Secret::new(hex::encode(rand::random::<[u8; 32]>()));
    let digest = LinkDigest::new(Sha256::digest(token.expose().as_bytes()).into());
    let expires_at = now.plus(RESET_LINK);
    let mut changes = Changes::default();
    changes.hide("password");
    if remove_totp {
        changes.hide("totp");
    }
    let change = AuditChange {
        object: user.id.to_string(),
        owner: user.id.to_string(),
        // Names and switches always serialise.
        fields: serde_json::to_string(&changes).unwrap_or_default(),
    };
    let event = AuditEvent {
        at: now,
        via: "cli".to_owned(),
        action: "users.reset".to_owned(),
        object: user.id.to_string(),
        summary: format!("remove_totp={remove_totp}"),
        changes: vec![change],
        ..AuditEvent::default()
    };
    let mut transaction = database.begin().await?;
    transaction.reset_user(user.id, digest, expires_at, remove_totp, now).await?;
    transaction.append_audit(&event).await?;
    transaction.commit().await?;
    Ok(Some(ResetUser { user, token, expires_at }))
}
