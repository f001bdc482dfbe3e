//! Answers that are given again when a request is sent again under the same `Idempotency-Key`.

use domain::id::UserId;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// A hash of the request: another request under the same key is a mistake.
    pub request_hash: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's body, without any secret that it held.
    pub response: String,
    /// When it was given.
    pub created_at: UnixMillis,
}

impl Database {
    /// The answer that was given to a user under a key, if any.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn stored_answer(
        &self,
        owner: UserId,
        key: &str,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        let row = sqlx::query(
            "SELECT request_hash, status, response, created_at FROM idempotency \
             WHERE owner_id = $1 AND idempotency_key = $2",
        )
        .bind(owner.to_string())
        .bind(key)
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(from_row).transpose()
    }
}

impl Transaction {
    /// Stores an answer in the transaction that does what it answers. If there is one already, that
    /// one is given back and nothing is stored: then the caller drops the transaction and answers
    /// with it.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn store_answer(
        &mut self,
        owner: UserId,
        key: &str,
        answer: &StoredAnswer,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        let done = sqlx::query(
            "INSERT INTO idempotency (owner_id, idempotency_key, request_hash, status, response, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner_id, idempotency_key) DO NOTHING",
        )
        .bind(owner.to_string())
        .bind(key)
        .bind(&answer.request_hash)
        .bind(i64::from(answer.status))
        .bind(&answer.response)
        .bind(answer.created_at.get())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT request_hash, status, response, created_at FROM idempotency \
             WHERE owner_id = $1 AND idempotency_key = $2",
        )
        .bind(owner.to_string())
        .bind(key)
        .fetch_one(self.connection())
        .await?;
        from_row(&row).map(Some)
    }

    /// Forgets answers from before a time.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn forget_answers(&mut self, before: UnixMillis) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
            .bind(before.get())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<StoredAnswer, StoreError> {
    Ok(StoredAnswer {
        request_hash: row.try_get("request_hash")?,
        status: u16::try_from(row.try_get::<i64, _>("status")?)
            .map_err(|e| StoreError::damaged("idempotency.status", e))?,
        response: row.try_get("response")?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
    })
}
