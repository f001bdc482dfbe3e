//! Keys as they are while a transaction changes them: nobody else changes them before it ends.

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;

use super::ApiKey;
use super::row::{columns, from_row};
use crate::database::Transaction;
use crate::dialect::PerDialect;
use crate::error::StoreError;

impl Transaction {
    /// Those of these keys that are not deleted, by id; with an owner, only theirs.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn lock_api_keys(
        &mut self,
        ids: &[KeyId],
        owner: Option<UserId>,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let ids = serde_json::to_string(ids).map_err(|e| StoreError::damaged("ids", e))?;
        let rows = sqlx::query(LOCK.text(self.dialect))
            .bind(ids)
            .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// A key that is not deleted; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn lock_api_key(
        &mut self,
        id: KeyId,
        owner: Option<UserId>,
    ) -> Result<ApiKey, StoreError> {
        self.lock_api_keys(&[id], owner).await?.pop().ok_or(StoreError::NotFound)
    }

    /// Until when the value works, or worked, that a key's last rotation replaced.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn previous_value_ends_at(
        &mut self,
        id: KeyId,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let row = sqlx::query(
            "SELECT MAX(ends_at) AS ends_at FROM previous_key_values WHERE key_id = $1",
        )
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        Ok(row.try_get::<Option<i64>, _>("ends_at")?.map(UnixMillis::new))
    }
}

/// On SQLite the transaction is the only one that writes.
const LOCK: PerDialect = PerDialect {
    sqlite: concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys WHERE id IN (SELECT value FROM json_each($1)) \
         AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL ORDER BY id"
    ),
    postgres: concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys WHERE id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
         AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE"
    ),
};
