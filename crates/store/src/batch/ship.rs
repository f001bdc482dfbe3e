//! Shipping: a batch of finished calls and its node's watermark, in one transaction.

use domain::id::TransactionId;
use domain::time::UnixMillis;
use rusqlite::Connection;
use std::sync::Arc;

use super::row::{self, INSERT_CALLS, Transactions};
use super::{FinishedCall, sum};
use crate::counter::{self, CounterChange};
use crate::database::{Database, blocking};
use crate::error::StoreError;
use crate::ledger_entry::{self, Posting};
use crate::native::{Rows, run};
use crate::node::{self, Node};

impl Database {
    /// Moves a node's watermark on and books finished calls, all of it or nothing. Calls that are
    /// in the books already are passed over. `transaction_id` makes ids for the ledger.
    ///
    /// # Errors
    /// [`StoreError::Stale`] as for [`crate::Transaction::advance_watermark`]; otherwise when the
    /// database is unavailable.
    pub async fn ship(
        &self,
        node: Node,
        watermark: i64,
        calls: &Arc<[FinishedCall]>,
        now: UnixMillis,
        transaction_id: impl FnMut() -> TransactionId,
    ) -> Result<(), StoreError> {
        let Some(native) = self.native() else {
            let mut transaction = self.begin().await?;
            transaction.advance_watermark(node, watermark).await?;
            let calls: Vec<&FinishedCall> = calls.iter().collect();
            transaction.book_calls(&calls, now, transaction_id).await?;
            return transaction.commit().await;
        };
        let transactions = sum::transactions(calls.iter(), transaction_id);
        let (native, calls) = (native.clone(), Arc::clone(calls));
        let permit = self.write_permit().await?;
        // The permit goes with the work: who waits for this may be gone before it is done.
        let work = blocking(move || {
            let done = native.write(|connection| {
                node::advance(connection, node, watermark)?;
                book(connection, &calls, &transactions, now)
            });
            (done, permit)
        });
        let (done, _permit) = work.await?;
        done
    }
}

/// What [`crate::Transaction::book_calls`] does, on the native connection.
fn book(
    connection: &Connection,
    calls: &[FinishedCall],
    transactions: &Transactions,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let mut calls: Vec<&FinishedCall> = calls.iter().collect();
    // Ids rise with time: in their order, each index grows at one end.
    calls.sort_unstable_by_key(|call| call.id);
    let mut fresh: Vec<&FinishedCall> = Vec::with_capacity(calls.len());
    let mut rows = Rows::new(connection, &INSERT_CALLS.one_if_new())?;
    for call in calls {
        if rows.run(row::call(call, transactions))? {
            fresh.push(call);
        }
    }
    let changes = sum::counter_changes(&fresh);
    run(connection, &counter::ADD.rows.one(), changes.iter().map(CounterChange::row))?;
    let hours = sum::hours(&fresh);
    run(connection, &sum::ADD_HOURS.rows.one(), hours.iter().map(sum::Hour::row))?;
    run(connection, &sum::ADD_SUMS.rows.one(), sum::sums(&fresh).into_iter())?;
    let charges = sum::charges(&fresh, transactions, now);
    run(connection, &ledger_entry::INSERT.rows.one(), charges.iter().map(Posting::row))
}

#[cfg(test)]
mod tests;
