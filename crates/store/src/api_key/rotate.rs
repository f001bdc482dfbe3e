//! Values of keys that were replaced: until when they work, and who still uses them.

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::ApiKey;
use super::row::{columns, digest};
use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A key's new value, which replaces the one it has.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The keyed hash of the new value.
    pub digest: KeyDigest,
    /// The new value as lists show it.
    pub masked: String,
    /// When it replaces the old one.
    pub now: UnixMillis,
    /// Until when the old one works.
    pub ends_at: UnixMillis,
}

/// A value that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousValue {
    /// Its keyed hash.
    pub digest: KeyDigest,
    /// Until when it works.
    pub ends_at: UnixMillis,
    /// Its last use after it was replaced; none: it was not used since.
    pub last_use: Option<PreviousUse>,
}

/// Who used a value that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousUse {
    /// When.
    pub at: UnixMillis,
    /// From which address.
    pub ip: String,
    /// With which program, as it calls itself.
    pub client: String,
}

impl Database {
    /// The value that a user's key had before its last rotation; none: it was never rotated.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn previous_key_value(
        &self,
        id: KeyId,
        owner: UserId,
    ) -> Result<Option<PreviousValue>, StoreError> {
        let row = sqlx::query(
            "SELECT p.digest, p.ends_at, p.last_used_at, p.last_ip, p.last_client \
             FROM previous_key_values p JOIN api_keys k ON k.id = p.key_id \
             WHERE p.key_id = $1 AND k.owner_id = $2 ORDER BY p.created_at DESC, p.ends_at DESC LIMIT 1",
        )
        .bind(id.to_string())
        .bind(owner.to_string())
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(from_row).transpose()
    }
}

impl Transaction {
    /// Replaces the value of a key that was read, if it still has that version and is not revoked.
    /// An older value that still works ends now.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the key was changed or revoked, [`StoreError::NotFound`] when it
    /// is deleted.
    pub async fn rotate_api_key(
        &mut self,
        key: &ApiKey,
        rotation: &Rotation,
    ) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE api_keys SET digest = $1, masked = $2, rotated_at = $3, version = version + 1 \
             WHERE id = $4 AND owner_id = $5 AND version = $6 AND revoked_at IS NULL AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(rotation.digest.to_hex())
        .bind(&rotation.masked)
        .bind(rotation.now.get())
        .bind(key.id.to_string())
        .bind(key.owner.to_string())
        .bind(key.version)
        .fetch_optional(self.connection())
        .await?;
        let rotated = self.changed_key(row, key.id, Some(key.owner)).await?;
        self.note_texts(&[key.id]).await?;
        self.end_previous_values(key.id, rotation.now).await?;
        sqlx::query(
            "INSERT INTO previous_key_values (digest, key_id, ends_at, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(key.digest.to_hex())
        .bind(key.id.to_string())
        .bind(rotation.ends_at.get())
        .bind(rotation.now.get())
        .execute(self.connection())
        .await?;
        Ok(rotated)
    }

    /// Ends the grace of a key's old value now; a second time it changes nothing. With a version,
    /// only if the key still has that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key, [`StoreError::Stale`] when it was changed.
    pub async fn end_key_grace(
        &mut self,
        id: KeyId,
        owner: Option<UserId>,
        now: UnixMillis,
        version: Option<i64>,
    ) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE api_keys SET version = CASE WHEN EXISTS (SELECT 1 FROM previous_key_values \
             WHERE key_id = api_keys.id AND ends_at > $1) THEN version + 1 ELSE version END \
             WHERE id = $2 AND ($3 = '' OR owner_id = $3) AND ($4 = 0 OR version = $4) AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(now.get())
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .bind(version.unwrap_or_default())
        .fetch_optional(self.connection())
        .await?;
        let key = self.changed_key(row, id, owner).await?;
        self.end_previous_values(id, now).await?;
        Ok(key)
    }

    async fn end_previous_values(&mut self, id: KeyId, now: UnixMillis) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE previous_key_values SET ends_at = $1 WHERE key_id = $2 AND ends_at > $1",
        )
        .bind(now.get())
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes the last use of a value that was replaced, unless a later one is known.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn note_previous_use(
        &mut self,
        digest: KeyDigest,
        last: &PreviousUse,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE previous_key_values SET last_used_at = $1, last_ip = $2, last_client = $3 \
             WHERE digest = $4 AND (last_used_at IS NULL OR last_used_at <= $1)",
        )
        .bind(last.at.get())
        .bind(&last.ip)
        .bind(&last.client)
        .bind(digest.to_hex())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<PreviousValue, StoreError> {
    let used = row.try_get::<Option<i64>, _>("last_used_at")?.map(UnixMillis::new);
    let text = |column: &str| row.try_get::<Option<String>, _>(column);
    let (ip, client) = (text("last_ip")?, text("last_client")?);
    let last_use = used.map(|at| PreviousUse {
        at,
        ip: ip.unwrap_or_default(),
        client: client.unwrap_or_default(),
    });
    Ok(PreviousValue {
        digest: digest(row)?,
        ends_at: UnixMillis::new(row.try_get("ends_at")?),
        last_use,
    })
}
