//! What keys and users used, summed from the hourly roll-ups.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::Database;
use crate::dialect::Query;
use crate::error::StoreError;

/// Whose usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageOf {
    /// A key's.
    Key(KeyId),
    /// A user's, over all their keys.
    User(UserId),
    /// Everybody's.
    Everybody,
}

/// Which usage to sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageQuery {
    /// Whose.
    pub of: UsageOf,
    /// Only as far as it is this user's.
    pub owner: Option<UserId>,
    /// From this hour on.
    pub since: UnixMillis,
    /// Before this hour.
    pub until: UnixMillis,
}

/// Sums over calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageSum {
    /// Calls that count.
    pub requests: i64,
    /// Input tokens that were not served from or written to a prompt cache.
    pub input: i64,
    /// Input tokens read from a prompt cache.
    pub cached_input: i64,
    /// Input tokens written to a prompt cache, for five minutes or an hour.
    pub cache_write: i64,
    /// Output tokens, reasoning included.
    pub output: i64,
    /// How many of the output tokens were reasoning.
    pub reasoning: i64,
    /// What was charged.
    pub charged: Nanos,
}

// One statement per scope and grouping, so that each can walk an index: of keys, or of the sums over a
// user's keys and over everybody's, which are as short as there are hours and models.
macro_rules! sums {
    ($group:literal, $from:expr, $scope:expr, $tail:literal) => {
        concat!(
            "SELECT ",
            $group,
            "COALESCE(CAST(SUM(requests) AS BIGINT), 0) AS requests, COALESCE(CAST(SUM(input) AS BIGINT), 0) AS input, \
             COALESCE(CAST(SUM(cached_input) AS BIGINT), 0) AS cached_input, \
             COALESCE(CAST(SUM(cache_write) AS BIGINT), 0) AS cache_write, \
             COALESCE(CAST(SUM(output) AS BIGINT), 0) AS output, \
             COALESCE(CAST(SUM(reasoning) AS BIGINT), 0) AS reasoning, \
             COALESCE(CAST(SUM(charged) AS BIGINT), 0) AS charged \
             FROM ",
            $from,
            " ",
            $scope,
            " AND hour >= $3 AND hour < $4 ",
            $tail
        )
    };
}

macro_rules! scoped {
    ($of:expr, $group:literal, $tail:literal) => {
        match $of {
            UsageOf::Key(_) => {
                sums!(
                    $group,
                    "usage_hours WHERE",
                    "key_id = $1 AND ($2 = '' OR user_id = $2)",
                    $tail
                )
            }
            UsageOf::User(_) | UsageOf::Everybody => {
                sums!(
                    $group,
                    "usage_sums WHERE",
                    "subject = $1 AND ($2 = '' OR subject = $2)",
                    $tail
                )
            }
        }
    };
}

// Ranked by the charge alone, which is most of the work where very many keys were used: all else is
// summed for those that come out of it.
macro_rules! by_key {
    ($scope:literal) => {
        sums!(
            "key_id, ",
            "usage_hours WHERE",
            concat!(
                $scope,
                " AND ($2 = '' OR user_id = $2) AND key_id IN (SELECT key_id FROM usage_hours WHERE ",
                $scope,
                " AND ($2 = '' OR user_id = $2) AND hour >= $3 AND hour < $4 \
                 GROUP BY key_id ORDER BY SUM(charged) DESC, key_id LIMIT $5)"
            ),
            "GROUP BY key_id ORDER BY charged DESC, key_id"
        )
    };
}

// So many keys are looked at, used or not: however few were, a page is read soon.
macro_rules! next_keys {
    ($scope:literal) => {
        sums!(
            "k.id AS key_id, COUNT(key_id) AS hours, ",
            concat!(
                "(SELECT id FROM api_keys WHERE ",
                $scope,
                " AND id > $5 ORDER BY id LIMIT $6) AS k LEFT JOIN usage_hours ON key_id = k.id AND"
            ),
            "($2 = '' OR user_id = $2)",
            "GROUP BY k.id ORDER BY k.id"
        )
    };
}

impl Database {
    /// The whole.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_total(&self, query: &UsageQuery) -> Result<UsageSum, StoreError> {
        let rows = self.usage_rows(scoped!(query.of, "", ""), query).await?;
        rows.first().map_or_else(|| Ok(UsageSum::default()), sum)
    }

    /// By model, the dearest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_by_model(
        &self,
        query: &UsageQuery,
    ) -> Result<Vec<(String, UsageSum)>, StoreError> {
        let statement = scoped!(query.of, "model, ", "GROUP BY model ORDER BY charged DESC, model");
        let rows = self.usage_rows(statement, query).await?;
        rows.iter().map(|row| Ok((row.try_get("model")?, sum(row)?))).collect()
    }

    /// By local day, the earliest first; days without usage are left out.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_by_day(
        &self,
        query: &UsageQuery,
    ) -> Result<Vec<(UnixMillis, UsageSum)>, StoreError> {
        let rows =
            self.usage_rows(scoped!(query.of, "day, ", "GROUP BY day ORDER BY day"), query).await?;
        rows.iter().map(|row| Ok((UnixMillis::new(row.try_get("day")?), sum(row)?))).collect()
    }

    /// By hour, the earliest first; hours without usage are left out.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_by_hour(
        &self,
        query: &UsageQuery,
    ) -> Result<Vec<(UnixMillis, UsageSum)>, StoreError> {
        let rows = self
            .usage_rows(scoped!(query.of, "hour, ", "GROUP BY hour ORDER BY hour"), query)
            .await?;
        rows.iter().map(|row| Ok((UnixMillis::new(row.try_get("hour")?), sum(row)?))).collect()
    }

    /// By key, so many of the dearest, the dearest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_of_dearest_keys(
        &self,
        query: &UsageQuery,
        most: u32,
    ) -> Result<Vec<(KeyId, UsageSum)>, StoreError> {
        let statement = match query.of {
            UsageOf::Key(_) => by_key!("key_id = $1"),
            UsageOf::User(_) => by_key!("user_id = $1"),
            UsageOf::Everybody => by_key!("$1 = ''"),
        };
        let (database, query) = (self.clone(), *query);
        let ranked = async move {
            bound(statement, &query).bind(i64::from(most)).fetch_all(database.readers()).await
        };
        let rows = match query.of {
            UsageOf::Everybody => {
                let alone = self.searches.ranking().await;
                // Whoever does not wait for it any longer does not end it: its turn lasts as long as it.
                let ranked = tokio::spawn(async move {
                    let rows = ranked.await;
                    drop(alone);
                    rows
                });
                ranked.await.map_err(|_| sqlx::Error::WorkerCrashed)??
            }
            UsageOf::Key(_) | UsageOf::User(_) => ranked.await?,
        };
        rows.iter().map(|row| Ok((key(row)?, sum(row)?))).collect()
    }

    /// By key, in the order of their making: of the next so many keys behind one those with usage,
    /// and the key to go on behind; none: there are no more.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_of_next_keys(
        &self,
        query: &UsageQuery,
        after: Option<KeyId>,
        many: u32,
    ) -> Result<(Vec<(KeyId, UsageSum)>, Option<KeyId>), StoreError> {
        let statement = match query.of {
            UsageOf::Key(_) => next_keys!("id = $1"),
            UsageOf::User(_) => next_keys!("owner_id = $1"),
            UsageOf::Everybody => next_keys!("$1 = ''"),
        };
        let rows = bound(statement, query)
            .bind(after.map(|key| key.to_string()).unwrap_or_default())
            .bind(i64::from(many))
            .fetch_all(self.readers())
            .await?;
        let is_last = rows.len() < usize::try_from(many).unwrap_or(usize::MAX);
        let last = rows.last().filter(|_| !is_last).map(key).transpose()?;
        let mut used = Vec::new();
        for row in &rows {
            if row.try_get::<i64, _>("hours")? > 0 {
                used.push((key(row)?, sum(row)?));
            }
        }
        Ok((used, last))
    }

    async fn usage_rows(
        &self,
        statement: &'static str,
        query: &UsageQuery,
    ) -> Result<Vec<AnyRow>, StoreError> {
        Ok(bound(statement, query).fetch_all(self.readers()).await?)
    }
}

/// A statement with whose usage, and when.
fn bound(statement: &'static str, query: &UsageQuery) -> Query<'static> {
    let subject = match query.of {
        UsageOf::Key(id) => id.to_string(),
        UsageOf::User(id) => id.to_string(),
        UsageOf::Everybody => String::new(),
    };
    sqlx::query(statement)
        .bind(subject)
        .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
        .bind(query.since.get())
        .bind(query.until.get())
}

fn key(row: &AnyRow) -> Result<KeyId, StoreError> {
    let id: String = row.try_get("key_id")?;
    id.parse().map_err(|e| StoreError::damaged("usage_hours.key_id", e))
}

fn sum(row: &AnyRow) -> Result<UsageSum, StoreError> {
    Ok(UsageSum {
        requests: row.try_get("requests")?,
        input: row.try_get("input")?,
        cached_input: row.try_get("cached_input")?,
        cache_write: row.try_get("cache_write")?,
        output: row.try_get("output")?,
        reasoning: row.try_get("reasoning")?,
        charged: Nanos::new(row.try_get("charged")?),
    })
}
