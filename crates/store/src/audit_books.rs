//! The sums that `tollkeeper verify` compares. Each comes from other rows than the one it is held
//! against, so that a fault in either shows.

mod refunds;

use domain::id::{CallId, KeyId};
use domain::money::Nanos;
use domain::usage::Usage;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

use crate::database::Snapshot;
use crate::error::StoreError;

/// Sums per subject and window, under `subject period start`.
pub type Sums = BTreeMap<String, Sum>;

/// Requests; input, cached, cache-written, output and reasoning tokens; nano-dollars.
pub type Figures = [i64; 7];

/// What calls, doubts or counters come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Nano-dollars charged.
    pub settled: i64,
    /// Nano-dollars held.
    pub held: i64,
    /// Calls counted.
    pub requests: i64,
    /// Calls held.
    pub requests_held: i64,
    /// Tokens of the calls counted.
    pub tokens: i64,
}

/// A call as far as its charge can be recomputed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargedCall {
    /// The call.
    pub id: CallId,
    /// The key that made it.
    pub key: KeyId,
    /// How it is charged.
    pub billing_method: String,
    /// The price's version.
    pub price_version: i64,
    /// The group's factor, in parts per million.
    pub multiplier: i64,
    /// Tokens.
    pub usage: Usage,
    /// What was booked as its cost.
    pub cost: Nanos,
    /// What the user was charged.
    pub charged: Nanos,
    /// Where the figures come from.
    pub source: String,
    /// Whether it counts as a request.
    pub counted: bool,
}

/// The figures in `$rows`, by what `$subject` holds, day and model.
macro_rules! figures_of {
    ($subject:literal, $rows:literal) => {
        concat!(
            "SELECT ",
            $subject,
            " AS subject, day, model, CAST(SUM(requests) AS BIGINT) AS requests, \
             CAST(SUM(input) AS BIGINT) AS input, CAST(SUM(cached_input) AS BIGINT) AS cached_input, \
             CAST(SUM(cache_write) AS BIGINT) AS cache_write, CAST(SUM(output) AS BIGINT) AS output, \
             CAST(SUM(reasoning) AS BIGINT) AS reasoning, CAST(SUM(charged) AS BIGINT) AS charged FROM ",
            $rows,
            " GROUP BY ",
            $subject,
            ", day, model"
        )
    };
}

impl Snapshot {
    /// How many calls are in doubt.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn count_open_doubts(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS amount FROM doubts WHERE resolved_at IS NULL")
            .fetch_one(self.connection())
            .await?;
        Ok(row.try_get("amount")?)
    }

    /// Ledger transactions that do not sum to zero, with what they sum to.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn unbalanced_transactions(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs(
            "SELECT transaction_id AS name, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entries \
             GROUP BY transaction_id HAVING SUM(amount) <> 0 ORDER BY transaction_id LIMIT 100",
        )
        .await
    }

    /// Each account's balance from the ledger's first entry on.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn account_balances(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs("SELECT account AS name, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entries GROUP BY account").await
    }

    /// What each user was credited, as their row says.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_credits(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs("SELECT id AS name, credited AS amount FROM users").await
    }

    /// What each usage transaction took from users, by the ledger.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_postings(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs(
            "SELECT transaction_id AS name, CAST(-SUM(amount) AS BIGINT) AS amount FROM ledger_entries \
             WHERE kind = 'usage' AND account <> 'operator:revenue' GROUP BY transaction_id",
        )
        .await
    }

    /// What each usage transaction came to, by its calls.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_by_transaction(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs(
            "SELECT transaction_id AS name, CAST(SUM(cost) AS BIGINT) AS amount FROM calls \
             WHERE transaction_id IS NOT NULL GROUP BY transaction_id",
        )
        .await
    }

    /// Requests, tokens and charges by key, day and model, from the hourly roll-ups.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn rolled_up(&mut self) -> Result<Vec<(String, Figures)>, StoreError> {
        self.figures(figures_of!("key_id", "usage_hours")).await
    }

    /// What those should be, from the calls.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn usage_of_calls(&mut self) -> Result<Vec<(String, Figures)>, StoreError> {
        self.figures(
            "SELECT key_id AS subject, day, model, COUNT(*) AS requests, CAST(SUM(input) AS BIGINT) AS input, \
             CAST(SUM(cached_input) AS BIGINT) AS cached_input, \
             CAST(SUM(cache_write + cache_write_1h) AS BIGINT) AS cache_write, CAST(SUM(output) AS BIGINT) AS output, \
             CAST(SUM(reasoning) AS BIGINT) AS reasoning, CAST(SUM(charged) AS BIGINT) AS charged \
             FROM calls WHERE counted = 1 GROUP BY key_id, day, model",
        )
        .await
    }

    /// The same figures by user and for everybody, from the sums over keys.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn summed_up(&mut self) -> Result<Vec<(String, Figures)>, StoreError> {
        self.figures(figures_of!("subject", "usage_sums")).await
    }

    /// What those should be, from the hours of keys.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn sums_of_hours(&mut self) -> Result<Vec<(String, Figures)>, StoreError> {
        self.figures(figures_of!(
            "subject",
            "(SELECT user_id AS subject, usage_hours.* FROM usage_hours \
             UNION ALL SELECT '' AS subject, usage_hours.* FROM usage_hours) AS hours"
        ))
        .await
    }

    async fn figures(
        &mut self,
        statement: &'static str,
    ) -> Result<Vec<(String, Figures)>, StoreError> {
        let rows = sqlx::query(statement).fetch_all(self.connection()).await?;
        rows.iter()
            .map(|row| {
                let (subject, model): (String, String) =
                    (row.try_get("subject")?, row.try_get("model")?);
                let names = [
                    "requests",
                    "input",
                    "cached_input",
                    "cache_write",
                    "output",
                    "reasoning",
                    "charged",
                ];
                let mut figures = [0; 7];
                for (slot, name) in figures.iter_mut().zip(names) {
                    *slot = row.try_get(name)?;
                }
                Ok((format!("{subject} {model} {}", row.try_get::<i64, _>("day")?), figures))
            })
            .collect()
    }

    /// The counters as they stand.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn counter_sums(&mut self) -> Result<Sums, StoreError> {
        let rows = sqlx::query("SELECT subject, period, starts_at, settled, held, requests, requests_held, tokens FROM counters")
            .fetch_all(self.connection())
            .await?;
        rows.iter()
            .map(|row| {
                let sum = Sum {
                    settled: row.try_get("settled")?,
                    held: row.try_get("held")?,
                    requests: row.try_get("requests")?,
                    requests_held: row.try_get("requests_held")?,
                    tokens: row.try_get("tokens")?,
                };
                Ok((name(row)?, sum))
            })
            .collect()
    }

    /// What the counters should be, from the calls and the open doubts.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn recomputed_sums(&mut self) -> Result<Sums, StoreError> {
        let mut sums = Sums::new();
        for statement in SETTLED {
            for row in sqlx::query(statement).fetch_all(self.connection()).await? {
                let sum = sums.entry(name(&row)?).or_default();
                sum.settled = row.try_get("amount")?;
                sum.requests = row.try_get("calls")?;
                sum.tokens = row.try_get("tokens")?;
            }
        }
        for statement in HELD {
            for row in sqlx::query(statement).fetch_all(self.connection()).await? {
                let sum = sums.entry(name(&row)?).or_default();
                sum.held = row.try_get("amount")?;
                sum.requests_held = row.try_get("calls")?;
            }
        }
        Ok(sums)
    }

    /// Calls after `after`, in the order of their ids, at most `limit`.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn charged_calls(
        &mut self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ChargedCall>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, key_id, billing_method, price_version, multiplier, input, cached_input, cache_write, \
             cache_write_1h, output, reasoning, cost, charged, usage_source, counted FROM calls \
             WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(charged_call).collect()
    }

    async fn pairs(&mut self, statement: &'static str) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query(statement).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((row.try_get("name")?, row.try_get("amount")?))).collect()
    }
}

/// Sums of rows by a subject in a window.
macro_rules! in_window {
    ($subject:literal, $period:literal, $start:literal, $sums:literal) => {
        concat!(
            "SELECT ",
            $subject,
            " AS subject, '",
            $period,
            "' AS period, ",
            $start,
            " AS starts_at, COUNT(*) AS calls, ",
            $sums,
            " GROUP BY 1, 2, 3"
        )
    };
}

macro_rules! settled {
    ($subject:literal, $period:literal, $start:literal) => {
        in_window!(
            $subject,
            $period,
            $start,
            "CAST(SUM(charged) AS BIGINT) AS amount, \
             CAST(SUM(input + cached_input + cache_write + cache_write_1h + output) AS BIGINT) AS tokens \
             FROM calls WHERE counted = 1"
        )
    };
}

macro_rules! held {
    ($subject:literal, $period:literal, $start:literal) => {
        in_window!(
            $subject,
            $period,
            $start,
            "CAST(SUM(bound) AS BIGINT) AS amount FROM doubts WHERE resolved_at IS NULL"
        )
    };
}

/// A statement for each subject and window.
macro_rules! of_each {
    ($statement:ident) => {
        [
            $statement!("key_id", "total", "CAST(0 AS BIGINT)"),
            $statement!("key_id", "day", "day"),
            $statement!("key_id", "month", "month"),
            $statement!("user_id", "total", "CAST(0 AS BIGINT)"),
            $statement!("user_id", "day", "day"),
            $statement!("user_id", "month", "month"),
        ]
    };
}

const SETTLED: [&str; 6] = of_each!(settled);
const HELD: [&str; 6] = of_each!(held);

fn name(row: &AnyRow) -> Result<String, StoreError> {
    let (subject, period) =
        (row.try_get::<String, _>("subject")?, row.try_get::<String, _>("period")?);
    Ok(format!("{subject} {period} {}", row.try_get::<i64, _>("starts_at")?))
}

fn charged_call(row: &AnyRow) -> Result<ChargedCall, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let tokens = |column: &str| {
        let stored: i64 = row.try_get(column)?;
        u64::try_from(stored).map_err(|e| StoreError::damaged("calls: tokens", e))
    };
    Ok(ChargedCall {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("calls.id", e))?,
        key: text("key_id")?.parse().map_err(|e| StoreError::damaged("calls.key_id", e))?,
        billing_method: text("billing_method")?,
        price_version: row.try_get("price_version")?,
        multiplier: row.try_get("multiplier")?,
        usage: Usage {
            input: tokens("input")?,
            cached_input: tokens("cached_input")?,
            cache_write: tokens("cache_write")?,
            cache_write_1h: tokens("cache_write_1h")?,
            output: tokens("output")?,
            reasoning: tokens("reasoning")?,
        },
        cost: Nanos::new(row.try_get("cost")?),
        charged: Nanos::new(row.try_get("charged")?),
        source: text("usage_source")?,
        counted: row.try_get::<i64, _>("counted")? == 1,
    })
}
