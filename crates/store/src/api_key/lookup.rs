//! Keys for the table in memory that each call is looked up in.

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::policy::KeyPolicy;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::row;
use crate::database::Database;
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
}

macro_rules! lookup_columns {
    () => {
        "id, owner_id, digest, billing_method, permissions, expires_at, quota, daily_requests, daily_amount, \
         monthly_requests, monthly_amount, requests_per_minute, tokens_per_minute, parallel, max_tokens_per_request, \
         when_short, allowed_models, ip_allowlist, groups, disabled, revoked_at, deleted_at"
    };
}

impl Database {
    /// Up to 10,000 keys in the order of their ids, revoked and deleted ones included, because
    /// their values must answer that they are. The last id of a page asks for the next one; an
    /// empty page ends the walk.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn all_api_keys_for_lookup(
        &self,
        after: Option<KeyId>,
    ) -> Result<Vec<LookupKey>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            lookup_columns!(),
            " FROM api_keys WHERE id > $1 ORDER BY id LIMIT 10000"
        ))
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// One key, revoked and deleted ones included, to bring the table up to date.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there never was one.
    pub async fn api_key_for_lookup(&self, id: KeyId) -> Result<LookupKey, StoreError> {
        let row =
            sqlx::query(concat!("SELECT ", lookup_columns!(), " FROM api_keys WHERE id = $1"))
                .bind(id.to_string())
                .fetch_one(self.readers())
                .await?;
        from_row(&row)
    }
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
    })
}

impl From<&super::ApiKey> for LookupKey {
    fn from(key: &super::ApiKey) -> Self {
        Self { id: key.id, owner: key.owner, digest: key.digest, policy: key.policy.clone() }
    }
}
