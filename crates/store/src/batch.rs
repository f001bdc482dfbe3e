//! A batch of finished calls on its way into the books.
//!
//! Everything a batch changes is changed in one transaction together with the node's watermark:
//! it is in the books entirely or not at all, and a second time it changes nothing.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::{Usage, UsageSource};
use domain::window::Window;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use std::collections::{BTreeMap, HashSet};

use crate::counter::{Counter, CounterChange, Subject};
use crate::database::Transaction;
use crate::dialect::{JsonRows, Query, WideInsert, json_rows};
use crate::error::StoreError;
use crate::ledger_entry::Posting;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The whole answer reached the client.
    Completed,
    /// The client went away before the end.
    ClientGone,
    /// The upstream broke off after the first byte.
    UpstreamCut,
    /// No channel gave an answer; nothing is charged.
    Failed,
    /// Decided later, after a crash.
    Reconciled,
}

impl Outcome {
    /// Every way there is.
    pub const ALL: [Self; 5] =
        [Self::Completed, Self::ClientGone, Self::UpstreamCut, Self::Failed, Self::Reconciled];

    /// The name in the API and in the books.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::ClientGone => "client_gone",
            Self::UpstreamCut => "upstream_cut",
            Self::Failed => "failed",
            Self::Reconciled => "reconciled",
        }
    }
}

/// One try at one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The channel.
    pub channel: ChannelId,
    /// The upstream's status; none if there was no answer.
    pub status: Option<u16>,
    /// What went wrong; none for the one that served.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u32,
}

/// A finished call, as the journal holds it and the books take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedCall {
    /// The call.
    pub id: CallId,
    /// The key that made it.
    pub key: KeyId,
    /// The key's owner.
    pub user: UserId,
    /// The model that the client asked for, by which it is billed.
    pub model: String,
    /// The model that the upstream was asked for.
    pub upstream_model: String,
    /// The channel that served, or was tried last.
    pub channel: ChannelId,
    /// The group that it was routed through.
    pub group: String,
    /// The client's wire format.
    pub dialect: Dialect,
    /// The upstream's wire format.
    pub upstream_dialect: Dialect,
    /// How it is charged.
    pub billing_method: BillingMethod,
    /// The price that it is charged at.
    pub price_version: i64,
    /// The group's factor.
    pub multiplier: Multiplier,
    /// Whether it counts as a request.
    pub counted: bool,
    /// What it used.
    pub usage: Usage,
    /// What that costs.
    pub cost: Nanos,
    /// What the user is charged; the rest is the operator's.
    pub charged: Nanos,
    /// Where the figures come from.
    pub source: UsageSource,
    /// Whether the upstream's figures were missing or absurd.
    pub suspect: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The status that the client got.
    pub status: u16,
    /// When it was admitted.
    pub started_at: UnixMillis,
    /// Until the first byte of the answer.
    pub first_byte_ms: Option<u32>,
    /// Until it was settled.
    pub duration_ms: u32,
    /// Start of the hour that it counts in.
    pub hour: UnixMillis,
    /// Start of the day that it counts in.
    pub day: UnixMillis,
    /// Start of the month that it counts in.
    pub month: UnixMillis,
    /// Every try.
    pub attempts: Vec<Attempt>,
    /// The caller's address.
    pub client_ip: String,
    /// The caller's program.
    pub user_agent: String,
}

impl Transaction {
    /// Books finished calls: their rows, counters, roll-ups and ledger entries. Calls that are in
    /// the books already are passed over. `transaction_id` makes ids for the ledger.
    ///
    /// # Errors
    /// When the database is unavailable; then nothing is booked.
    pub async fn book_calls(
        &mut self,
        calls: &[&FinishedCall],
        now: UnixMillis,
        mut transaction_id: impl FnMut() -> TransactionId,
    ) -> Result<(), StoreError> {
        // Every call of one user in this batch shares one ledger transaction.
        let mut transactions: BTreeMap<UserId, TransactionId> = BTreeMap::new();
        for call in calls.iter().filter(|call| call.cost != Nanos::ZERO) {
            transactions.entry(call.user).or_insert_with(&mut transaction_id);
        }
        let calls = self.insert_calls(calls, &transactions).await?;
        self.add_to_counters(&counter_changes(&calls)).await?;
        self.add_to_hours(&calls).await?;
        self.post_charges(&calls, &transactions, now).await
    }

    /// Inserts the calls that are not in the books yet, and says which those are.
    async fn insert_calls<'c>(
        &mut self,
        calls: &[&'c FinishedCall],
        transactions: &BTreeMap<UserId, TransactionId>,
    ) -> Result<Vec<&'c FinishedCall>, StoreError> {
        let known = self.known_calls(calls).await?;
        let fresh: Vec<&FinishedCall> =
            calls.iter().copied().filter(|call| !known.contains(&call.id.to_string())).collect();
        let mut rest = fresh.as_slice();
        for size in WideInsert::CHUNKS {
            while let Some((chunk, others)) = rest.split_at_checked(size) {
                rest = others;
                self.insert_chunk(chunk, transactions).await?;
            }
        }
        Ok(fresh)
    }

    /// Which of these calls are in the books. Nobody else books them while this transaction runs:
    /// it holds its node's watermark, or the doubt that a call is in.
    async fn known_calls(
        &mut self,
        calls: &[&FinishedCall],
    ) -> Result<HashSet<String>, StoreError> {
        let ids: Vec<String> = calls.iter().map(|call| call.id.to_string()).collect();
        let rows = sqlx::query(KNOWN_CALLS.text(self.dialect))
            .bind(json(&ids)?)
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    async fn insert_chunk(
        &mut self,
        calls: &[&FinishedCall],
        transactions: &BTreeMap<UserId, TransactionId>,
    ) -> Result<(), StoreError> {
        let mut query = INSERT_CALLS.query(calls.len(), self.dialect);
        for call in calls {
            query = bind_call(query, call, transactions);
        }
        query.execute(self.connection()).await?;
        let mut query = INSERT_DETAILS.query(calls.len(), self.dialect);
        for call in calls {
            query = query.bind(call.id.to_string()).bind(&call.client_ip).bind(&call.user_agent);
        }
        query.execute(self.connection()).await?;
        Ok(())
    }

    async fn add_to_hours(&mut self, calls: &[&FinishedCall]) -> Result<(), StoreError> {
        let mut hours: BTreeMap<(KeyId, UnixMillis, &str), Hour> = BTreeMap::new();
        for call in calls.iter().filter(|call| call.counted) {
            let hour =
                hours.entry((call.key, call.hour, &call.model)).or_insert_with(|| Hour::of(call));
            hour.add(call);
        }
        if hours.is_empty() {
            return Ok(());
        }
        let rows: Vec<serde_json::Value> =
            hours.into_iter().map(|(key, hour)| hour.row(key)).collect();
        sqlx::query(ADD_HOURS.text(self.dialect))
            .bind(json(&rows)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn post_charges(
        &mut self,
        calls: &[&FinishedCall],
        transactions: &BTreeMap<UserId, TransactionId>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut sums: BTreeMap<UserId, (i64, i64, i64)> = BTreeMap::new();
        for call in calls {
            let (charged, overrun, count) = sums.entry(call.user).or_default();
            *charged = charged.saturating_add(call.charged.get());
            *overrun = overrun.saturating_add(call.cost.get().saturating_sub(call.charged.get()));
            *count += 1;
        }
        let mut entries = Vec::new();
        for (user, (charged, overrun, count)) in sums {
            let Some(transaction) = transactions.get(&user) else {
                continue;
            };
            let note = if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
            let mut line = 0;
            let mut entry = |account: String, amount: i64| {
                if amount != 0 {
                    line += 1;
                    entries.push(Posting {
                        transaction: *transaction,
                        line,
                        account,
                        amount: Nanos::new(amount),
                        kind: "usage",
                        reference: String::new(),
                        note: note.clone(),
                        at: now,
                    });
                }
            };
            entry(format!("user:{user}"), -charged);
            entry("operator:overrun".to_owned(), -overrun);
            entry("operator:revenue".to_owned(), charged.saturating_add(overrun));
        }
        self.post_entries(&entries).await
    }
}

const KNOWN_CALLS: JsonRows = JsonRows {
    sqlite: "SELECT id FROM calls WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT id FROM calls WHERE id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))",
};

const INSERT_CALLS: WideInsert = WideInsert {
    head: "INSERT INTO calls (id, key_id, user_id, model, upstream_model, channel_id, group_name, dialect, \
           upstream_dialect, billing_method, price_version, multiplier, counted, input, cached_input, cache_write, \
           cache_write_1h, output, reasoning, cost, charged, usage_source, suspect, outcome, status, started_at, \
           first_byte_ms, duration_ms, day, month, attempts, transaction_id) VALUES",
    columns: 32,
    tail: "",
};

const INSERT_DETAILS: WideInsert = WideInsert {
    head: "INSERT INTO call_details (call_id, client_ip, user_agent) VALUES",
    columns: 3,
    tail: "",
};

const ADD_HOURS: JsonRows = json_rows!(
    "INSERT INTO usage_hours (key_id, hour, model, user_id, day, month, requests, input, cached_input, cache_write, \
     output, reasoning, charged) \
     SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT), \
     CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT), \
     CAST(value ->> 9 AS BIGINT), CAST(value ->> 10 AS BIGINT), CAST(value ->> 11 AS BIGINT), CAST(value ->> 12 AS BIGINT)",
    "ON CONFLICT (key_id, hour, model) DO UPDATE SET requests = usage_hours.requests + excluded.requests, \
     input = usage_hours.input + excluded.input, cached_input = usage_hours.cached_input + excluded.cached_input, \
     cache_write = usage_hours.cache_write + excluded.cache_write, output = usage_hours.output + excluded.output, \
     reasoning = usage_hours.reasoning + excluded.reasoning, charged = usage_hours.charged + excluded.charged"
);

fn json(rows: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::damaged("batch", error))
}

/// Binds a call's columns in the order of [`INSERT_CALLS`].
fn bind_call<'q>(
    query: Query<'q>,
    call: &'q FinishedCall,
    transactions: &BTreeMap<UserId, TransactionId>,
) -> Query<'q> {
    let transaction =
        transactions.get(&call.user).filter(|_| call.cost != Nanos::ZERO).map(ToString::to_string);
    let attempts = serde_json::to_string(&call.attempts).unwrap_or_default();
    query
        .bind(call.id.to_string())
        .bind(call.key.to_string())
        .bind(call.user.to_string())
        .bind(&call.model)
        .bind(&call.upstream_model)
        .bind(call.channel.to_string())
        .bind(&call.group)
        .bind(call.dialect.name())
        .bind(call.upstream_dialect.name())
        .bind(call.billing_method.name())
        .bind(call.price_version)
        .bind(call.multiplier.get())
        .bind(i64::from(call.counted))
        .bind(tokens(call.usage.input))
        .bind(tokens(call.usage.cached_input))
        .bind(tokens(call.usage.cache_write))
        .bind(tokens(call.usage.cache_write_1h))
        .bind(tokens(call.usage.output))
        .bind(tokens(call.usage.reasoning))
        .bind(call.cost.get())
        .bind(call.charged.get())
        .bind(call.source.name())
        .bind(i64::from(call.suspect))
        .bind(call.outcome.name())
        .bind(i64::from(call.status))
        .bind(call.started_at.get())
        .bind(call.first_byte_ms.map(i64::from))
        .bind(i64::from(call.duration_ms))
        .bind(call.day.get())
        .bind(call.month.get())
        .bind(attempts)
        .bind(transaction)
}

/// A count of tokens as the database holds it; what does not fit was refused long before.
fn tokens(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What a batch adds to the counters of its keys and users.
fn counter_changes(calls: &[&FinishedCall]) -> Vec<CounterChange> {
    let mut sums: BTreeMap<(Subject, Window, UnixMillis), Counter> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.counted) {
        for subject in [Subject::Key(call.key), Subject::User(call.user)] {
            let windows = [
                (Window::Total, UnixMillis::new(0)),
                (Window::Day, call.day),
                (Window::Month, call.month),
            ];
            for (window, starts_at) in windows {
                let sum = sums.entry((subject, window, starts_at)).or_default();
                sum.settled = Nanos::new(sum.settled.get().saturating_add(call.charged.get()));
                sum.requests += 1;
                sum.tokens = sum
                    .tokens
                    .saturating_add(i64::try_from(call.usage.total()).unwrap_or(i64::MAX));
                sum.last_used_at = sum.last_used_at.max(call.started_at);
            }
        }
    }
    sums.into_iter()
        .map(|((subject, window, starts_at), add)| CounterChange {
            subject,
            window,
            starts_at,
            add,
        })
        .collect()
}

struct Hour {
    user: UserId,
    day: UnixMillis,
    month: UnixMillis,
    requests: i64,
    usage: Usage,
    charged: i64,
}

impl Hour {
    fn of(call: &FinishedCall) -> Self {
        Self {
            user: call.user,
            day: call.day,
            month: call.month,
            requests: 0,
            usage: Usage::default(),
            charged: 0,
        }
    }

    fn add(&mut self, call: &FinishedCall) {
        self.requests += 1;
        self.charged = self.charged.saturating_add(call.charged.get());
        let (sum, add) = (&mut self.usage, &call.usage);
        sum.input = sum.input.saturating_add(add.input);
        sum.cached_input = sum.cached_input.saturating_add(add.cached_input);
        sum.cache_write =
            sum.cache_write.saturating_add(add.cache_write).saturating_add(add.cache_write_1h);
        sum.output = sum.output.saturating_add(add.output);
        sum.reasoning = sum.reasoning.saturating_add(add.reasoning);
    }

    fn row(self, (key, hour, model): (KeyId, UnixMillis, &str)) -> serde_json::Value {
        let usage = self.usage;
        serde_json::json!([
            key.to_string(),
            hour.get(),
            model,
            self.user.to_string(),
            self.day.get(),
            self.month.get(),
            self.requests,
            usage.input,
            usage.cached_input,
            usage.cache_write,
            usage.output,
            usage.reasoning,
            self.charged,
        ])
    }
}
