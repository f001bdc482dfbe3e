//! Keys for the table in memory that each call is looked up in.

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::policy::KeyPolicy;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::row;
use crate::database::Database;
use crate::dialect::PerDialect;
use crate::error::StoreError;

/// What the admission of a call needs to know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupKey {
    /// The key.
    pub id: KeyId,
    /// Who pays.
    pub owner: UserId,
    /// The keyed hash that it is found by.
    pub digest: KeyDigest,
    /// What is checked; a deleted key's says that it is revoked.
    pub policy: KeyPolicy,
    /// The values that it had before.
    pub previous: Vec<LookupPrevious>,
}

/// A value that a key had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupPrevious {
    /// The keyed hash that it is found by.
    pub digest: KeyDigest,
    /// The keyed hash of the key's value now.
    pub current: KeyDigest,
    /// Until when it works.
    pub ends_at: UnixMillis,
}

macro_rules! lookup_columns {
    () => {
        "id, owner_id, digest, billing_method, permissions, expires_at, quota, daily_requests, daily_amount, \
         monthly_requests, monthly_amount, requests_per_minute, tokens_per_minute, parallel, max_tokens_per_request, \
         when_short, allowed_models, ip_allowlist, groups, disabled, revoked_at, deleted_at"
    };
}

impl Database {
    /// The key that has this value or had it before, revoked and deleted ones included, because
    /// their values must answer that they are.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_key_by_value(
        &self,
        digest: &KeyDigest,
    ) -> Result<Option<LookupKey>, StoreError> {
        let row = sqlx::query(
            "SELECT id FROM api_keys WHERE digest = $1 \
             UNION ALL SELECT key_id AS id FROM previous_key_values WHERE digest = $1",
        )
        .bind(digest.to_hex())
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id: String = row.try_get("id")?;
        let id = id.parse().map_err(|e| StoreError::damaged("api_keys.id", e))?;
        Ok(self.api_keys_for_lookup(&[id]).await?.pop())
    }

    /// These keys, revoked and deleted ones included, to bring the table up to date.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_keys_for_lookup(&self, ids: &[KeyId]) -> Result<Vec<LookupKey>, StoreError> {
        let ids = serde_json::to_string(ids).map_err(|e| StoreError::damaged("ids", e))?;
        let rows =
            sqlx::query(THESE.text(self.dialect())).bind(&ids).fetch_all(self.readers()).await?;
        let mut keys: Vec<LookupKey> = rows.iter().map(from_row).collect::<Result<_, _>>()?;
        let rows = sqlx::query(PREVIOUS_OF_THESE.text(self.dialect()))
            .bind(&ids)
            .fetch_all(self.readers())
            .await?;
        for row in &rows {
            let value = previous(row)?;
            if let Some(key) = keys.iter_mut().find(|key| key.digest == value.current) {
                key.previous.push(value);
            }
        }
        Ok(keys)
    }

    /// One key, revoked and deleted ones included.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there never was one.
    pub async fn api_key_for_lookup(&self, id: KeyId) -> Result<LookupKey, StoreError> {
        self.api_keys_for_lookup(&[id]).await?.pop().ok_or(StoreError::NotFound)
    }
}

const THESE: PerDialect = PerDialect {
    sqlite: concat!(
        "SELECT ",
        lookup_columns!(),
        " FROM api_keys WHERE id IN (SELECT value FROM json_each($1))"
    ),
    postgres: concat!(
        "SELECT ",
        lookup_columns!(),
        " FROM api_keys WHERE id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))"
    ),
};

const PREVIOUS_OF_THESE: PerDialect = PerDialect {
    sqlite: "SELECT p.digest, k.digest AS current_digest, p.ends_at FROM previous_key_values p \
             JOIN api_keys k ON k.id = p.key_id WHERE p.key_id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT p.digest, k.digest AS current_digest, p.ends_at FROM previous_key_values p \
               JOIN api_keys k ON k.id = p.key_id \
               WHERE p.key_id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))",
};

fn previous(row: &AnyRow) -> Result<LookupPrevious, StoreError> {
    let hex: String = row.try_get("current_digest")?;
    let current = KeyDigest::from_hex(&hex)
        .ok_or_else(|| StoreError::damaged("api_keys.digest", "expected 64 hexadecimal digits"))?;
    let ends_at = UnixMillis::new(row.try_get("ends_at")?);
    Ok(LookupPrevious { digest: row::digest(row)?, current, ends_at })
}

fn from_row(row: &AnyRow) -> Result<LookupKey, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(LookupKey {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("api_keys.id", e))?,
        owner: text("owner_id")?
            .parse()
            .map_err(|e| StoreError::damaged("api_keys.owner_id", e))?,
        digest: row::digest(row)?,
        policy: row::policy(row)?,
        previous: Vec::new(),
    })
}

impl From<&super::ApiKey> for LookupKey {
    fn from(key: &super::ApiKey) -> Self {
        Self {
            id: key.id,
            owner: key.owner,
            digest: key.digest,
            policy: key.policy.clone(),
            previous: Vec::new(),
        }
    }
}
