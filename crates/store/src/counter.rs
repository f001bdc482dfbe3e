//! What is settled and held per subject and window: the figures that limits start from.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::window::{Window, Windows};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

use crate::database::{Database, Transaction};
use crate::dialect::{JsonRows, PerDialect, json_rows};
use crate::error::StoreError;
use crate::value::Value;

/// Whose counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A key's.
    Key(KeyId),
    /// A user's, over all their keys.
    User(UserId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
        }
    }
}

/// The counters of one subject and window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counter {
    /// Charged.
    pub settled: Nanos,
    /// Held for calls in doubt.
    pub held: Nanos,
    /// Calls that were forwarded and not released.
    pub requests: i64,
    /// Calls in doubt.
    pub requests_held: i64,
    /// Tokens, input and output.
    pub tokens: i64,
    /// When the last call was admitted; the epoch: never.
    pub last_used_at: UnixMillis,
}

/// A subject's counters for the windows around one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Over its whole life.
    pub total: Counter,
    /// In the day.
    pub day: Counter,
    /// In the month.
    pub month: Counter,
}

/// A change to one counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterChange {
    /// Whose.
    pub subject: Subject,
    /// Which window, …
    pub window: Window,
    /// … and when it starts.
    pub starts_at: UnixMillis,
    /// What is added to each figure; the times are maximised.
    pub add: Counter,
}

impl Database {
    /// A subject's counters around a moment; zeros where nothing was counted yet.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn counters(
        &self,
        subject: Subject,
        windows: &Windows,
    ) -> Result<Counters, StoreError> {
        let rows = sqlx::query(
            "SELECT period, settled, held, requests, requests_held, tokens, last_used_at FROM counters \
             WHERE subject = $1 AND ((period = 'total' AND starts_at = 0) \
             OR (period = 'day' AND starts_at = $2) OR (period = 'month' AND starts_at = $3))",
        )
        .bind(subject.to_string())
        .bind(windows.day.get())
        .bind(windows.month.get())
        .fetch_all(self.readers())
        .await?;
        let mut counters = Counters::default();
        for row in rows {
            let counter = from_row(&row)?;
            match row.try_get::<String, _>("period")?.as_str() {
                "total" => counters.total = counter,
                "day" => counters.day = counter,
                _ => counters.month = counter,
            }
        }
        Ok(counters)
    }
}

impl Database {
    /// The counters of several keys around a moment; a key is left out that nothing was counted for.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn counters_of_keys(
        &self,
        ids: &[KeyId],
        windows: &Windows,
    ) -> Result<BTreeMap<KeyId, Counters>, StoreError> {
        let ids = serde_json::to_string(ids).map_err(|e| StoreError::damaged("ids", e))?;
        let rows = sqlx::query(OF_THESE.text(self.dialect()))
            .bind(ids)
            .bind(windows.day.get())
            .bind(windows.month.get())
            .fetch_all(self.readers())
            .await?;
        let mut found: BTreeMap<KeyId, Counters> = BTreeMap::new();
        for row in rows {
            let subject: String = row.try_get("subject")?;
            let id = subject.parse().map_err(|e| StoreError::damaged("counters.subject", e))?;
            let (counters, counter) = (found.entry(id).or_default(), from_row(&row)?);
            match row.try_get::<String, _>("period")?.as_str() {
                "total" => counters.total = counter,
                "day" => counters.day = counter,
                _ => counters.month = counter,
            }
        }
        Ok(found)
    }
}

const OF_THESE: PerDialect = PerDialect {
    sqlite: "SELECT subject, period, settled, held, requests, requests_held, tokens, last_used_at FROM counters \
             WHERE subject IN (SELECT value FROM json_each($1)) AND ((period = 'total' AND starts_at = 0) \
             OR (period = 'day' AND starts_at = $2) OR (period = 'month' AND starts_at = $3))",
    postgres: "SELECT subject, period, settled, held, requests, requests_held, tokens, last_used_at FROM counters \
               WHERE subject IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
               AND ((period = 'total' AND starts_at = 0) \
               OR (period = 'day' AND starts_at = $2) OR (period = 'month' AND starts_at = $3))",
};

impl Transaction {
    /// Adds to counters, making those that do not exist yet.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn add_to_counters(&mut self, changes: &[CounterChange]) -> Result<(), StoreError> {
        self.insert_json(ADD, changes.iter().map(CounterChange::row)).await
    }
}

impl Transaction {
    /// What a key's limits and its owner's balance leave in a day and a month, as the books stand
    /// in this transaction; none where nothing limits the key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key.
    pub async fn remainder(
        &mut self,
        key: KeyId,
        day: UnixMillis,
        month: UnixMillis,
    ) -> Result<Option<Nanos>, StoreError> {
        let caps = sqlx::query(
            "SELECT k.owner_id, k.quota, k.daily_amount, k.monthly_amount, \
             CASE WHEN u.credit = 'balance' THEN u.credited ELSE CAST(NULL AS BIGINT) END AS credited \
             FROM api_keys k JOIN users u ON u.id = k.owner_id WHERE k.id = $1",
        )
        .bind(key.to_string())
        .fetch_one(self.connection())
        .await?;
        let owner: String = caps.try_get("owner_id")?;
        let mut least: Option<i64> = None;
        for (column, subject, window, starts_at) in [
            ("quota", key.to_string(), Window::Total, UnixMillis::default()),
            ("daily_amount", key.to_string(), Window::Day, day),
            ("monthly_amount", key.to_string(), Window::Month, month),
            ("credited", owner, Window::Total, UnixMillis::default()),
        ] {
            let Some(cap) = caps.try_get::<Option<i64>, _>(column)? else { continue };
            let taken = sqlx::query(
                "SELECT settled + held AS taken FROM counters WHERE subject = $1 AND period = $2 AND starts_at = $3",
            )
            .bind(subject)
            .bind(window.name())
            .bind(starts_at.get())
            .fetch_optional(self.connection())
            .await?;
            let taken: i64 = taken.map_or(Ok(0), |row| row.try_get("taken"))?;
            let left = cap.saturating_sub(taken).max(0);
            least = Some(least.map_or(left, |least| least.min(left)));
        }
        Ok(least.map(Nanos::new))
    }
}

pub(crate) const ADD: JsonRows = json_rows!(
    "INSERT INTO counters (subject, period, starts_at, settled, held, requests, requests_held, tokens, last_used_at)",
    9,
    "value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), CAST(value ->> 3 AS BIGINT), \
     CAST(value ->> 4 AS BIGINT), CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), \
     CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT)",
    "ON CONFLICT (subject, period, starts_at) DO UPDATE SET \
     settled = counters.settled + excluded.settled, held = counters.held + excluded.held, \
     requests = counters.requests + excluded.requests, requests_held = counters.requests_held + excluded.requests_held, \
     tokens = counters.tokens + excluded.tokens, \
     last_used_at = CASE WHEN excluded.last_used_at > counters.last_used_at THEN excluded.last_used_at ELSE counters.last_used_at END"
);

impl CounterChange {
    /// The columns in the order of [`ADD`].
    pub(crate) fn row(&self) -> [Value<'static>; 9] {
        let add = &self.add;
        [
            self.subject.into(),
            self.window.name().into(),
            self.starts_at.into(),
            add.settled.get().into(),
            add.held.get().into(),
            add.requests.into(),
            add.requests_held.into(),
            add.tokens.into(),
            add.last_used_at.into(),
        ]
    }
}

fn from_row(row: &AnyRow) -> Result<Counter, StoreError> {
    Ok(Counter {
        settled: Nanos::new(row.try_get("settled")?),
        held: Nanos::new(row.try_get("held")?),
        requests: row.try_get("requests")?,
        requests_held: row.try_get("requests_held")?,
        tokens: row.try_get("tokens")?,
        last_used_at: UnixMillis::new(row.try_get("last_used_at")?),
    })
}
