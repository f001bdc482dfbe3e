//! A batch of finished calls on its way into the books.
//!
//! Everything a batch changes is changed in one transaction together with the node's watermark:
//! it is in the books entirely or not at all, and a second time it changes nothing.

mod row;
mod ship;
mod sum;

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::{Usage, UsageSource};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use std::collections::HashSet;
use std::sync::Arc;

use self::row::{INSERT_CALLS, Transactions};
use crate::database::Transaction;
use crate::dialect::{PerDialect, WideInsert};
use crate::error::StoreError;
use crate::value::Value;

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
    pub model: Arc<str>,
    /// The model that the upstream was asked for.
    pub upstream_model: Arc<str>,
    /// The channel that served, or was tried last.
    pub channel: ChannelId,
    /// The group that it was routed through.
    pub group: Arc<str>,
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
    pub client_ip: Arc<str>,
    /// The caller's program.
    pub user_agent: Arc<str>,
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
        transaction_id: impl FnMut() -> TransactionId,
    ) -> Result<(), StoreError> {
        let transactions = sum::transactions(calls.iter().copied(), transaction_id);
        let calls = self.insert_calls(calls, &transactions).await?;
        self.add_to_counters(&sum::counter_changes(&calls)).await?;
        let hours = sum::hours(&calls);
        self.insert_json(sum::ADD_HOURS, hours.iter().map(sum::Hour::row)).await?;
        self.insert_json(sum::ADD_SUMS, sum::sums(&calls).into_iter()).await?;
        self.post_entries(&sum::charges(&calls, &transactions, now)).await
    }

    /// Inserts the calls that are not in the books yet, and says which those are.
    async fn insert_calls<'c>(
        &mut self,
        calls: &[&'c FinishedCall],
        transactions: &Transactions,
    ) -> Result<Vec<&'c FinishedCall>, StoreError> {
        let known = self.known_calls(calls).await?;
        let fresh: Vec<&FinishedCall> =
            calls.iter().copied().filter(|call| !known.contains(&call.id.to_string())).collect();
        let mut rest = fresh.as_slice();
        for size in WideInsert::CHUNKS {
            while let Some((chunk, others)) = rest.split_at_checked(size) {
                rest = others;
                let rows = chunk.iter().map(|call| row::call(call, transactions));
                self.insert_chunk(INSERT_CALLS, rows).await?;
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
        let ids: Vec<CallId> = calls.iter().map(|call| call.id).collect();
        let ids = serde_json::to_string(&ids).map_err(|e| StoreError::damaged("batch", e))?;
        let rows = sqlx::query(KNOWN_CALLS.text(self.dialect))
            .bind(ids)
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    async fn insert_chunk<'v, const N: usize>(
        &mut self,
        insert: WideInsert,
        rows: impl ExactSizeIterator<Item = [Value<'v>; N]>,
    ) -> Result<(), StoreError> {
        let query = insert.query(rows.len(), self.dialect);
        let query = rows.flatten().fold(query, |query, value| value.bind(query));
        query.execute(self.connection()).await?;
        Ok(())
    }
}

const KNOWN_CALLS: PerDialect = PerDialect {
    sqlite: "SELECT id FROM calls WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT id FROM calls WHERE id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))",
};
