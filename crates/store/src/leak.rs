//! Leaks: what was reported of keys that came into others' hands.

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// What is known of a leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLeak {
    /// The key.
    pub key: KeyId,
    /// Whose it is.
    pub owner: UserId,
    /// Who reported it last.
    pub reported_by: UserId,
    /// From when on its calls may be another's.
    pub since: UnixMillis,
    /// For people.
    pub note: String,
    /// The key that was made in its place.
    pub replaced_by: Option<KeyId>,
    /// When it was reported last.
    pub reported_at: UnixMillis,
}

impl Database {
    /// What was reported of a key; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when nothing was.
    pub async fn key_leak(&self, key: KeyId, owner: Option<UserId>) -> Result<KeyLeak, StoreError> {
        let row = sqlx::query(
            "SELECT key_id, owner_id, reported_by, since, note, replaced_by, reported_at FROM key_leaks \
             WHERE key_id = $1 AND ($2 = '' OR owner_id = $2)",
        )
        .bind(key.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// Records a leak. Of an earlier report the earliest time, the replacement, and a note that
    /// the new one lacks stay.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn record_leak(&mut self, leak: &KeyLeak) -> Result<KeyLeak, StoreError> {
        let row = sqlx::query(
            "INSERT INTO key_leaks (key_id, owner_id, reported_by, since, note, replaced_by, reported_at) \
             VALUES ($1, $2, $3, $4, $5, CAST($6 AS TEXT), $7) ON CONFLICT (key_id) DO UPDATE SET \
             reported_by = excluded.reported_by, reported_at = excluded.reported_at, \
             since = CASE WHEN excluded.since < key_leaks.since THEN excluded.since ELSE key_leaks.since END, \
             note = CASE WHEN excluded.note = '' THEN key_leaks.note ELSE excluded.note END, \
             replaced_by = COALESCE(key_leaks.replaced_by, excluded.replaced_by) \
             RETURNING key_id, owner_id, reported_by, since, note, replaced_by, reported_at",
        )
        .bind(leak.key.to_string())
        .bind(leak.owner.to_string())
        .bind(leak.reported_by.to_string())
        .bind(leak.since.get())
        .bind(&leak.note)
        .bind(leak.replaced_by.map(|key| key.to_string()))
        .bind(leak.reported_at.get())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }
}

fn from_row(row: &AnyRow) -> Result<KeyLeak, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let user = |column: &str| {
        text(column)?.parse().map_err(|e| StoreError::damaged("key_leaks: a user's id", e))
    };
    let key =
        |text: String| text.parse().map_err(|e| StoreError::damaged("key_leaks: a key's id", e));
    Ok(KeyLeak {
        key: key(text("key_id")?)?,
        owner: user("owner_id")?,
        reported_by: user("reported_by")?,
        since: UnixMillis::new(row.try_get("since")?),
        note: text("note")?,
        replaced_by: row.try_get::<Option<String>, _>("replaced_by")?.map(key).transpose()?,
        reported_at: UnixMillis::new(row.try_get("reported_at")?),
    })
}
