//! What alerts are judged by: keys with their limits and counters, hours, balances.
//! Many at once, so that a busy second costs few statements.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::policy::SoftLimit;
use domain::time::UnixMillis;
use domain::window::Windows;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::Database;
use crate::dialect::PerDialect;
use crate::error::StoreError;

/// What of a key an alert can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// The key.
    pub id: KeyId,
    /// Whose it is.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Labels.
    pub tags: Vec<String>,
    /// A threshold that alerts.
    pub soft_limit: Option<SoftLimit>,
    /// The cap on its whole life, and what was charged in it.
    pub quota: (Option<Nanos>, Nanos),
    /// The cap on the day, and what was charged in it.
    pub day: (Option<Nanos>, Nanos),
    /// The cap on the month, and what was charged in it.
    pub month: (Option<Nanos>, Nanos),
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// What a key did in an hour, and the most that it did in one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HourFacts {
    /// Charged in the hour.
    pub spent: Nanos,
    /// Calls in the hour.
    pub requests: i64,
    /// The most charged in an hour before.
    pub highest_spent: Nanos,
    /// The most calls of an hour before.
    pub highest_requests: i64,
    /// The first hour before in which it was used; none: it was not.
    pub first: Option<UnixMillis>,
}

/// A user's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceFacts {
    /// The user.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// What is left, less what is held in doubt.
    pub available: Nanos,
}

macro_rules! keys {
    ($chosen:literal) => {
        concat!(
            "SELECT k.id, k.owner_id, k.name, k.tags, k.soft_limit, k.quota, k.daily_amount, k.monthly_amount, \
             k.expires_at, k.created_at, \
             COALESCE(t.settled, 0) AS total, COALESCE(d.settled, 0) AS today, COALESCE(m.settled, 0) AS this_month \
             FROM api_keys k \
             LEFT JOIN counters t ON t.subject = k.id AND t.period = 'total' AND t.starts_at = 0 \
             LEFT JOIN counters d ON d.subject = k.id AND d.period = 'day' AND d.starts_at = $2 \
             LEFT JOIN counters m ON m.subject = k.id AND m.period = 'month' AND m.starts_at = $3 \
             WHERE ",
            $chosen,
            " AND k.deleted_at IS NULL AND k.revoked_at IS NULL ORDER BY k.id"
        )
    };
}

const NAMED: PerDialect = PerDialect {
    sqlite: keys!("k.id IN (SELECT value FROM json_each($1))"),
    postgres: keys!("k.id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)))"),
};

impl Database {
    /// These keys, as far as they are in use.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn key_facts(
        &self,
        keys: &[KeyId],
        windows: &Windows,
    ) -> Result<Vec<KeyFacts>, StoreError> {
        let ids = serde_json::to_string(keys).map_err(|e| StoreError::damaged("keys", e))?;
        let rows = sqlx::query(NAMED.text(self.dialect()))
            .bind(ids)
            .bind(windows.day.get())
            .bind(windows.month.get())
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(key_from_row).collect()
    }

    /// Keys that expire after `now` and before `until`.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn expiring_keys(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        windows: &Windows,
    ) -> Result<Vec<KeyFacts>, StoreError> {
        let rows = sqlx::query(keys!("k.expires_at > $1 AND k.expires_at < $4 AND k.disabled = 0"))
            .bind(now.get())
            .bind(windows.day.get())
            .bind(windows.month.get())
            .bind(until.get())
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(key_from_row).collect()
    }

    /// Keys that have any money limit, by id, after a key.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn limited_keys(&self, after: Option<KeyId>) -> Result<Vec<KeyId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM api_keys WHERE id > $1 AND deleted_at IS NULL AND revoked_at IS NULL \
             AND (quota IS NOT NULL OR daily_amount IS NOT NULL OR monthly_amount IS NOT NULL OR soft_limit IS NOT NULL) \
             ORDER BY id LIMIT 5000",
        )
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("id")?;
                id.parse().map_err(|e| StoreError::damaged("api_keys.id", e))
            })
            .collect()
    }

    /// What a key did in the hour that starts then, and in the hours of the time before it.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn hour_facts(
        &self,
        key: KeyId,
        hour: UnixMillis,
        since: UnixMillis,
    ) -> Result<HourFacts, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(CAST(SUM(charged) AS BIGINT), 0) AS spent, \
             COALESCE(CAST(SUM(requests) AS BIGINT), 0) AS requests \
             FROM usage_hours WHERE key_id = $1 AND hour = $2",
        )
        .bind(key.to_string())
        .bind(hour.get())
        .fetch_one(self.readers())
        .await?;
        let past = sqlx::query(
            "SELECT COALESCE(CAST(MAX(spent) AS BIGINT), 0) AS spent, \
             COALESCE(CAST(MAX(requests) AS BIGINT), 0) AS requests, CAST(MIN(hour) AS BIGINT) AS first \
             FROM (SELECT hour, SUM(charged) AS spent, SUM(requests) AS requests FROM usage_hours \
             WHERE key_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour) AS hours",
        )
        .bind(key.to_string())
        .bind(since.get())
        .bind(hour.get())
        .fetch_one(self.readers())
        .await?;
        Ok(HourFacts {
            spent: Nanos::new(row.try_get("spent")?),
            requests: row.try_get("requests")?,
            highest_spent: Nanos::new(past.try_get("spent")?),
            highest_requests: past.try_get("requests")?,
            first: past.try_get::<Option<i64>, _>("first")?.map(UnixMillis::new),
        })
    }

    /// Users with a balance, who were ever credited and have less than this.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn balances_below(&self, amount: Nanos) -> Result<Vec<BalanceFacts>, StoreError> {
        let rows = sqlx::query(
            "SELECT u.id, u.name, u.credited - COALESCE(c.settled + c.held, 0) AS available \
             FROM users u LEFT JOIN counters c ON c.subject = u.id AND c.period = 'total' AND c.starts_at = 0 \
             WHERE u.credit = 'balance' AND u.credited > 0 AND u.disabled = 0 \
             AND u.credited - COALESCE(c.settled + c.held, 0) < $1 ORDER BY u.id",
        )
        .bind(amount.get())
        .fetch_all(self.readers())
        .await?;
        let user = |row: &AnyRow| -> Result<BalanceFacts, StoreError> {
            let id: String = row.try_get("id")?;
            Ok(BalanceFacts {
                user: id.parse().map_err(|e| StoreError::damaged("users.id", e))?,
                name: row.try_get("name")?,
                available: Nanos::new(row.try_get("available")?),
            })
        };
        rows.iter().map(user).collect()
    }
}

fn key_from_row(row: &AnyRow) -> Result<KeyFacts, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let cap = |column: &str, used: &str| -> Result<(Option<Nanos>, Nanos), StoreError> {
        let cap = row.try_get::<Option<i64>, _>(column)?;
        Ok((cap.map(Nanos::new), Nanos::new(row.try_get(used)?)))
    };
    let soft_limit = row.try_get::<Option<String>, _>("soft_limit")?;
    Ok(KeyFacts {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("api_keys.id", e))?,
        owner: text("owner_id")?
            .parse()
            .map_err(|e| StoreError::damaged("api_keys.owner_id", e))?,
        name: text("name")?,
        tags: serde_json::from_str(&text("tags")?)
            .map_err(|e| StoreError::damaged("api_keys.tags", e))?,
        soft_limit: soft_limit
            .map(|limit| serde_json::from_str(&limit))
            .transpose()
            .map_err(|e| StoreError::damaged("api_keys.soft_limit", e))?,
        quota: cap("quota", "total")?,
        day: cap("daily_amount", "today")?,
        month: cap("monthly_amount", "this_month")?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(UnixMillis::new),
        created_at: UnixMillis::new(row.try_get("created_at")?),
    })
}
