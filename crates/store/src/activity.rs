//! What a key did from a moment on, held against what it did before: for judging a leak.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::call::span;
use crate::database::Database;
use crate::error::StoreError;

/// The most values of one kind that are told apart; the most used come first.
pub const MOST_VALUES: i64 = 100;

/// Whose calls to look at, and when.
#[derive(Debug, Clone, Copy)]
pub struct ActivityQuery {
    /// The key.
    pub key: KeyId,
    /// Only if it is this user's.
    pub owner: Option<UserId>,
    /// What came before is only compared with …
    pub since: UnixMillis,
    /// … as far back as this.
    pub history: UnixMillis,
}

/// What calls have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// The caller's address.
    Address,
    /// The caller's program.
    UserAgent,
    /// The model that was asked for.
    Model,
}

/// The calls that have one value in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The value; empty where it is no longer kept.
    pub value: String,
    /// Calls since then.
    pub calls: i64,
    /// What they were charged.
    pub charged: Nanos,
    /// The first of them, …
    pub first_at: UnixMillis,
    /// … and the last.
    pub last_at: UnixMillis,
    /// Whether it was seen before.
    pub seen_before: bool,
}

/// The calls of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourActivity {
    /// A moment in the hour.
    pub at: UnixMillis,
    /// Calls since the time that was asked for.
    pub calls: i64,
    /// What they were charged.
    pub charged: Nanos,
    /// Calls before it.
    pub calls_before: i64,
    /// The first call since then, if there is one, …
    pub first_at: Option<UnixMillis>,
    /// … and the last one in the hour.
    pub last_at: UnixMillis,
}

macro_rules! grouped {
    ($value:literal) => {
        concat!(
            "SELECT ",
            $value,
            " AS value, CAST(SUM(CASE WHEN c.started_at >= $3 THEN 1 ELSE 0 END) AS BIGINT) AS many, \
             CAST(SUM(CASE WHEN c.started_at >= $3 THEN c.charged ELSE 0 END) AS BIGINT) AS charged, \
             MIN(CASE WHEN c.started_at >= $3 THEN c.started_at END) AS first_at, MAX(c.started_at) AS last_at, \
             MIN(c.started_at) AS earliest FROM calls AS c \
             WHERE c.key_id = $1 AND c.id >= $2 AND ($4 = '' OR c.user_id = $4) GROUP BY ",
            $value,
            " HAVING MAX(c.started_at) >= $3 ORDER BY many DESC, value LIMIT $5"
        )
    };
}

const HOURS: &str = "SELECT c.started_at / 3600000 AS hour, \
     CAST(SUM(CASE WHEN c.started_at >= $3 THEN 1 ELSE 0 END) AS BIGINT) AS many, \
     CAST(SUM(CASE WHEN c.started_at >= $3 THEN c.charged ELSE 0 END) AS BIGINT) AS charged, \
     CAST(SUM(CASE WHEN c.started_at >= $3 THEN 0 ELSE 1 END) AS BIGINT) AS earlier, \
     MIN(CASE WHEN c.started_at >= $3 THEN c.started_at END) AS first_at, MAX(c.started_at) AS last_at \
     FROM calls AS c WHERE c.key_id = $1 AND c.id >= $2 AND ($4 = '' OR c.user_id = $4) \
     GROUP BY c.started_at / 3600000 ORDER BY hour";

impl Database {
    /// A key's calls since then by what they have in common, the most frequent first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn activity(
        &self,
        of: Trait,
        query: &ActivityQuery,
    ) -> Result<Vec<Activity>, StoreError> {
        let statement = match of {
            Trait::Address => grouped!("COALESCE(c.client_ip, '')"),
            Trait::UserAgent => grouped!("COALESCE(c.user_agent, '')"),
            Trait::Model => grouped!("c.model"),
        };
        let (from, _) = span(query.history, query.since);
        let rows = sqlx::query(statement)
            .bind(query.key.to_string())
            .bind(from)
            .bind(query.since.get())
            .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .bind(MOST_VALUES)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| activity(row, query.since)).collect()
    }

    /// A key's calls by hour, before and since then.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn activity_by_hour(
        &self,
        query: &ActivityQuery,
    ) -> Result<Vec<HourActivity>, StoreError> {
        let (from, _) = span(query.history, query.since);
        let rows = sqlx::query(HOURS)
            .bind(query.key.to_string())
            .bind(from)
            .bind(query.since.get())
            .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let hour: i64 = row.try_get("hour")?;
                Ok(HourActivity {
                    at: UnixMillis::new(hour.saturating_mul(3_600_000)),
                    calls: row.try_get("many")?,
                    charged: Nanos::new(row.try_get("charged")?),
                    calls_before: row.try_get("earlier")?,
                    first_at: row.try_get::<Option<i64>, _>("first_at")?.map(UnixMillis::new),
                    last_at: UnixMillis::new(row.try_get("last_at")?),
                })
            })
            .collect()
    }
}

fn activity(row: &AnyRow, since: UnixMillis) -> Result<Activity, StoreError> {
    let time = |column: &str| row.try_get::<i64, _>(column).map(UnixMillis::new);
    Ok(Activity {
        value: row.try_get("value")?,
        calls: row.try_get("many")?,
        charged: Nanos::new(row.try_get("charged")?),
        first_at: time("first_at")?,
        last_at: time("last_at")?,
        seen_before: time("earliest")? < since,
    })
}
