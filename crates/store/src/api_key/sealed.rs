//! Values of keys that are kept encrypted, where the deployment reveals them again. What is stored
//! here opens only under the master key, and only for its own key.

use domain::id::{KeyId, UserId};
use sqlx::Row;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

impl Database {
    /// The sealed value of a user's key; none if it is not kept.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn sealed_key_value(
        &self,
        id: KeyId,
        owner: UserId,
    ) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT sealed FROM sealed_key_values JOIN api_keys ON id = key_id \
             WHERE key_id = $1 AND owner_id = $2 AND deleted_at IS NULL",
        )
        .bind(id.to_string())
        .bind(owner.to_string())
        .fetch_optional(self.readers())
        .await?;
        Ok(row.map(|row| row.try_get("sealed")).transpose()?)
    }
}

impl Transaction {
    /// Keeps a key's value sealed, in place of the one before.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn keep_sealed_key(&mut self, id: KeyId, sealed: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sealed_key_values (key_id, sealed) VALUES ($1, $2) \
             ON CONFLICT (key_id) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(id.to_string())
        .bind(sealed)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps a key's value no longer.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn forget_sealed_key(&mut self, id: KeyId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sealed_key_values WHERE key_id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Keeps no key's value any longer; how many were.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn forget_all_sealed_keys(&mut self) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sealed_key_values").execute(self.connection()).await?;
        Ok(done.rows_affected())
    }
}
