//! Facts about keys from which findings are drawn: a page of keys, and what many of them did, each
//! in one statement that walks an index and looks at a bounded number of calls per key.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;

use crate::api_key::{ApiKey, columns, from_row};
use crate::call::span;
use crate::database::{Database, Transaction};
use crate::dialect::PerDialect;
use crate::error::StoreError;

/// Of each key so many of its last calls are looked at.
pub const LAST_CALLS: i64 = 1_000;

/// A key that works, and when it was last used.
#[derive(Debug, Clone)]
pub struct AuditedKey {
    /// The key.
    pub key: ApiKey,
    /// When its last call was admitted; none: never.
    pub last_used_at: Option<UnixMillis>,
    /// Of how many of its last calls reading its origins looks at most.
    pub last_calls: i64,
}

/// Which keys to look at.
#[derive(Debug, Clone, Copy)]
pub struct AuditQuery {
    /// Only this user's; none: everybody's.
    pub owner: Option<UserId>,
    /// Only this one.
    pub key: Option<KeyId>,
    /// Not those that expired before.
    pub now: UnixMillis,
    /// The last key of the page before.
    pub after: Option<KeyId>,
    /// The most keys to give.
    pub limit: u32,
}

/// Some of a key's last calls that came from one address in one wire format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The key.
    pub key: KeyId,
    /// The wire format.
    pub dialect: String,
    /// The caller's address; empty where it is no longer kept.
    pub address: String,
    /// How many calls.
    pub calls: i64,
}

/// What a key was charged on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySpend {
    /// The key.
    pub key: KeyId,
    /// The day's start.
    pub day: UnixMillis,
    /// How much.
    pub charged: Nanos,
}

/// A finding that somebody does not want to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dismissal {
    /// The key.
    pub key: KeyId,
    /// What was found.
    pub kind: String,
    /// Until when; none: for good.
    pub until: Option<UnixMillis>,
}

macro_rules! working_keys {
    ($scope:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", COALESCE((SELECT last_used_at FROM counters WHERE subject = api_keys.id AND period = 'total' \
             AND starts_at = 0), 0) AS used_at, \
             COALESCE((SELECT requests FROM counters WHERE subject = api_keys.id AND period = 'total' \
             AND starts_at = 0), 0) AS requests FROM api_keys WHERE ",
            $scope,
            " AND ($2 = '' OR id = $2) AND id > $3 AND deleted_at IS NULL AND revoked_at IS NULL AND disabled = 0 \
             AND (expires_at IS NULL OR expires_at > $4) ORDER BY id LIMIT $5"
        )
    };
}

// The subquery is a key's lower bound in the index, so it is worked out once per key.
const ORIGINS: PerDialect = PerDialect {
    sqlite: "SELECT c.key_id, c.dialect, COALESCE(c.client_ip, '') AS address, COUNT(*) AS many \
             FROM json_each($1) AS k CROSS JOIN calls AS c WHERE c.key_id = k.value AND c.id >= COALESCE((SELECT l.id FROM calls AS l \
             WHERE l.key_id = k.value AND l.id >= $2 ORDER BY l.id DESC LIMIT 1 OFFSET $3), $2) \
             GROUP BY c.key_id, c.dialect, COALESCE(c.client_ip, '')",
    postgres: "SELECT c.key_id, c.dialect, COALESCE(c.client_ip, '') AS address, COUNT(*) AS many \
               FROM json_array_elements_text(CAST($1 AS json)) AS k(value) CROSS JOIN LATERAL \
               (SELECT l.key_id, l.dialect, l.client_ip FROM calls AS l WHERE l.key_id = k.value AND l.id >= $2 \
               ORDER BY l.id DESC LIMIT $3 + 1) AS c \
               GROUP BY c.key_id, c.dialect, COALESCE(c.client_ip, '')",
};

const SPENDS: PerDialect = PerDialect {
    sqlite: "SELECT u.key_id, u.day, CAST(SUM(u.charged) AS BIGINT) AS charged FROM json_each($1) AS k \
             CROSS JOIN usage_hours AS u WHERE u.key_id = k.value AND u.hour >= $2 GROUP BY u.key_id, u.day",
    postgres: "SELECT u.key_id, u.day, CAST(SUM(u.charged) AS BIGINT) AS charged \
               FROM json_array_elements_text(CAST($1 AS json)) AS k(value) JOIN usage_hours AS u ON u.key_id = k.value \
               WHERE u.hour >= $2 GROUP BY u.key_id, u.day",
};

const DISMISSALS: PerDialect = PerDialect {
    sqlite: "SELECT key_id, kind, until FROM finding_dismissals WHERE key_id IN (SELECT value FROM json_each($1)) \
             AND (until IS NULL OR until > $2)",
    postgres: "SELECT key_id, kind, until FROM finding_dismissals \
               WHERE key_id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
               AND (until IS NULL OR until > $2)",
};

impl Database {
    /// A page of keys that work, in the order of their ids.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn keys_to_audit(&self, query: &AuditQuery) -> Result<Vec<AuditedKey>, StoreError> {
        let statement = match query.owner {
            Some(_) => working_keys!("owner_id = $1"),
            None => working_keys!("$1 = ''"),
        };
        let rows = sqlx::query(statement)
            .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .bind(query.key.map(|key| key.to_string()).unwrap_or_default())
            .bind(query.after.map(|key| key.to_string()).unwrap_or_default())
            .bind(query.now.get())
            .bind(i64::from(query.limit))
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let used: i64 = row.try_get("used_at")?;
                let last_used_at = (used > 0).then_some(UnixMillis::new(used));
                let last_calls = row.try_get::<i64, _>("requests")?.min(LAST_CALLS);
                Ok(AuditedKey { key: from_row(row)?, last_used_at, last_calls })
            })
            .collect()
    }

    /// Where some keys' last calls came from, and in which wire formats.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn key_origins(
        &self,
        keys: &[KeyId],
        since: UnixMillis,
    ) -> Result<Vec<Origin>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(ORIGINS.text(self.dialect()))
            .bind(list(keys)?)
            .bind(span(since, since).0)
            .bind(LAST_CALLS.saturating_sub(1))
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Origin {
                    key: key(&row.try_get::<String, _>("key_id")?)?,
                    dialect: row.try_get("dialect")?,
                    address: row.try_get("address")?,
                    calls: row.try_get("many")?,
                })
            })
            .collect()
    }

    /// What some keys were charged on each day since then; days without usage are left out.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn key_spends(
        &self,
        keys: &[KeyId],
        since: UnixMillis,
    ) -> Result<Vec<DaySpend>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(SPENDS.text(self.dialect()))
            .bind(list(keys)?)
            .bind(since.get())
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(DaySpend {
                    key: key(&row.try_get::<String, _>("key_id")?)?,
                    day: UnixMillis::new(row.try_get("day")?),
                    charged: Nanos::new(row.try_get("charged")?),
                })
            })
            .collect()
    }

    /// The findings about some keys that are put aside now.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn dismissals(
        &self,
        keys: &[KeyId],
        now: UnixMillis,
    ) -> Result<Vec<Dismissal>, StoreError> {
        let rows = sqlx::query(DISMISSALS.text(self.dialect()))
            .bind(list(keys)?)
            .bind(now.get())
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Dismissal {
                    key: key(&row.try_get::<String, _>("key_id")?)?,
                    kind: row.try_get("kind")?,
                    until: row.try_get::<Option<i64>, _>("until")?.map(UnixMillis::new),
                })
            })
            .collect()
    }
}

impl Transaction {
    /// Puts a finding aside; a second time the new end counts.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn dismiss_finding(
        &mut self,
        dismissal: &Dismissal,
        by: UserId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO finding_dismissals (key_id, kind, until, dismissed_by, dismissed_at) \
             VALUES ($1, $2, CAST($3 AS BIGINT), $4, $5) ON CONFLICT (key_id, kind) DO UPDATE SET \
             until = excluded.until, dismissed_by = excluded.dismissed_by, dismissed_at = excluded.dismissed_at",
        )
        .bind(dismissal.key.to_string())
        .bind(&dismissal.kind)
        .bind(dismissal.until.map(UnixMillis::get))
        .bind(by.to_string())
        .bind(now.get())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn list(keys: &[KeyId]) -> Result<String, StoreError> {
    serde_json::to_string(keys).map_err(|e| StoreError::damaged("api_keys.id", e))
}

fn key(text: &str) -> Result<KeyId, StoreError> {
    text.parse().map_err(|e| StoreError::damaged("api_keys.id", e))
}
