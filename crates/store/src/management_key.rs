//! Management keys, the credentials `mk-…`: what is known of them but never the value.

use domain::id::{ManagementKeyId, UserId};
use domain::key::KeyDigest;
use domain::scope::Scope;
use domain::time::UnixMillis;
use domain::user::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A management key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementKey {
    /// The key.
    pub id: ManagementKeyId,
    /// In whose name it acts.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The keyed hash of the value.
    pub digest: KeyDigest,
    /// The value as lists show it.
    pub masked: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// When it was ended for ever.
    pub revoked_at: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// A management key together with what its owner may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedManagementKey {
    /// The key.
    pub key: ManagementKey,
    /// What its owner may do.
    pub role: Role,
    /// Whether its owner is shut out.
    pub owner_disabled: bool,
}

impl Database {
    /// The key of a value, whether it still works or not.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no key has this value.
    pub async fn management_key_by_digest(
        &self,
        digest: KeyDigest,
    ) -> Result<OwnedManagementKey, StoreError> {
        let row = sqlx::query(
            "SELECT k.id, k.owner_id, k.name, k.digest, k.masked, k.scopes, k.expires_at, k.revoked_at, k.created_at, \
             u.role, u.disabled FROM management_keys AS k JOIN users AS u ON u.id = k.owner_id WHERE k.digest = $1",
        )
        .bind(digest.to_hex())
        .fetch_one(self.readers())
        .await?;
        Ok(OwnedManagementKey {
            key: from_row(&row)?,
            role: Role::from_name(&row.try_get::<String, _>("role")?)
                .ok_or_else(|| StoreError::damaged("users.role", "unknown name"))?,
            owner_disabled: row.try_get::<i64, _>("disabled")? != 0,
        })
    }

    /// A page of keys that are not revoked, newest first, of one user or of all.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn management_keys(
        &self,
        owner: Option<UserId>,
        after: Option<ManagementKeyId>,
        limit: u32,
    ) -> Result<Vec<ManagementKey>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, owner_id, name, digest, masked, scopes, expires_at, revoked_at, created_at \
             FROM management_keys WHERE ($1 = '' OR owner_id = $1) AND ($2 = '' OR id < $2) AND revoked_at IS NULL \
             ORDER BY id DESC LIMIT $3",
        )
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Makes a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such owner, [`StoreError::Conflict`] when the value
    /// is in use.
    pub async fn insert_management_key(&mut self, key: &ManagementKey) -> Result<(), StoreError> {
        let scopes = serde_json::to_string(&key.scopes)
            .map_err(|e| StoreError::damaged("management_keys.scopes", e))?;
        sqlx::query(
            "INSERT INTO management_keys (id, owner_id, name, digest, masked, scopes, expires_at, revoked_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(key.id.to_string())
        .bind(key.owner.to_string())
        .bind(&key.name)
        .bind(key.digest.to_hex())
        .bind(&key.masked)
        .bind(scopes)
        .bind(key.expires_at.map(UnixMillis::get))
        .bind(key.revoked_at.map(UnixMillis::get))
        .bind(key.created_at.get())
        .execute(self.connection())
        .await?;
        self.about(key.id);
        Ok(())
    }

    /// Ends a key for ever; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key that still works.
    pub async fn revoke_management_key(
        &mut self,
        id: ManagementKeyId,
        owner: Option<UserId>,
        now: UnixMillis,
    ) -> Result<ManagementKey, StoreError> {
        let row = sqlx::query(
            "UPDATE management_keys SET revoked_at = $1 \
             WHERE id = $2 AND ($3 = '' OR owner_id = $3) AND revoked_at IS NULL \
             RETURNING id, owner_id, name, digest, masked, scopes, expires_at, revoked_at, created_at",
        )
        .bind(now.get())
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }
}

fn from_row(row: &AnyRow) -> Result<ManagementKey, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let time =
        |column: &str| row.try_get::<Option<i64>, _>(column).map(|time| time.map(UnixMillis::new));
    Ok(ManagementKey {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("management_keys.id", e))?,
        owner: text("owner_id")?
            .parse()
            .map_err(|e| StoreError::damaged("management_keys.owner_id", e))?,
        name: text("name")?,
        digest: KeyDigest::from_hex(&text("digest")?).ok_or_else(|| {
            StoreError::damaged("management_keys.digest", "expected 64 hexadecimal digits")
        })?,
        masked: text("masked")?,
        scopes: serde_json::from_str(&text("scopes")?)
            .map_err(|e| StoreError::damaged("management_keys.scopes", e))?,
        expires_at: time("expires_at")?,
        revoked_at: time("revoked_at")?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
    })
}
