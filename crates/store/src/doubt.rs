//! Calls in doubt: a crash cut them off after the intent was journaled and before the settlement.
//! Their bound stays held until someone, or time, decides.

use domain::id::{CallId, KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A call in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The call.
    pub call_id: CallId,
    /// The key that made it.
    pub key_id: KeyId,
    /// The key's owner.
    pub user_id: UserId,
    /// What is held.
    pub bound: Nanos,
    /// The day and the month whose limits hold it too.
    pub day: UnixMillis,
    /// See `day`.
    pub month: UnixMillis,
    /// The journaled intent with its last checkpoint, as JSON.
    pub intent: String,
    /// When the call was admitted.
    pub since: UnixMillis,
}

impl Database {
    /// Open doubts, oldest first; with a time, only those from before it.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn open_doubts(&self, before: Option<UnixMillis>) -> Result<Vec<Doubt>, StoreError> {
        let rows = sqlx::query(
            "SELECT call_id, key_id, user_id, bound, day, month, intent, since FROM doubts \
             WHERE resolved_at IS NULL AND since < $1 ORDER BY since, call_id",
        )
        .bind(before.map_or(i64::MAX, UnixMillis::get))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// One open doubt.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the call is not in doubt.
    pub async fn open_doubt(&self, call_id: CallId) -> Result<Doubt, StoreError> {
        let row = sqlx::query(
            "SELECT call_id, key_id, user_id, bound, day, month, intent, since FROM doubts \
             WHERE resolved_at IS NULL AND call_id = $1",
        )
        .bind(call_id.to_string())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// Records a call in doubt; false if it was recorded before, or is in the books.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn insert_doubt(&mut self, doubt: &Doubt) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO doubts (call_id, key_id, user_id, bound, day, month, intent, since) \
             SELECT $1, $2, $3, CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7, CAST($8 AS BIGINT) \
             WHERE NOT EXISTS (SELECT 1 FROM calls WHERE id = $1) ON CONFLICT (call_id) DO NOTHING",
        )
        .bind(doubt.call_id.to_string())
        .bind(doubt.key_id.to_string())
        .bind(doubt.user_id.to_string())
        .bind(doubt.bound.get())
        .bind(doubt.day.get())
        .bind(doubt.month.get())
        .bind(&doubt.intent)
        .bind(doubt.since.get())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Closes a doubt; false if it was closed before.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn resolve_doubt(
        &mut self,
        call_id: CallId,
        resolution: &str,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE doubts SET resolved_at = $1, resolution = $2 WHERE call_id = $3 AND resolved_at IS NULL")
            .bind(now.get())
            .bind(resolution)
            .bind(call_id.to_string())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn from_row(row: &AnyRow) -> Result<Doubt, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(Doubt {
        call_id: text("call_id")?.parse().map_err(|e| StoreError::damaged("doubts.call_id", e))?,
        key_id: text("key_id")?.parse().map_err(|e| StoreError::damaged("doubts.key_id", e))?,
        user_id: text("user_id")?.parse().map_err(|e| StoreError::damaged("doubts.user_id", e))?,
        bound: Nanos::new(row.try_get("bound")?),
        day: UnixMillis::new(row.try_get("day")?),
        month: UnixMillis::new(row.try_get("month")?),
        intent: text("intent")?,
        since: UnixMillis::new(row.try_get("since")?),
    })
}
