//! Shipping: a background task brings the journal's finished calls into the database in batches.

use domain::id::TransactionId;
use std::sync::Arc;
use std::time::Duration;
use store::batch::FinishedCall;
use store::node::Node;
use store::{Database, StoreError};

use crate::clock::Clock;
use crate::journal::{Checkpoint, Ends, Intent, Journal, JournalError, Shared};
use crate::recent::{Recent, SharedRecent};
use crate::recover;

/// The most calls of one transaction.
pub(crate) const BATCH: usize = 4_000;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Brings finished calls into the database until the journal is closed.
pub(crate) struct Shipper {
    shared: Arc<Shared>,
    database: Database,
    clock: Clock,
    node: Node,
    recent: SharedRecent,
}

impl Shipper {
    pub(crate) fn new(
        journal: &Journal,
        database: Database,
        clock: Clock,
        node: Node,
        recent: SharedRecent,
    ) -> Self {
        Self { shared: Arc::clone(&journal.shared), database, clock, node, recent }
    }

    pub(crate) async fn run(mut self) {
        loop {
            let flush = self.wait_for_work().await;
            if self.shared.lock().closing {
                return;
            }
            loop {
                let (backlog, watermark) = self.shared.take_unshipped(BATCH);
                if backlog.is_empty() && watermark == self.node.shipped {
                    break;
                }
                let Some(batch) = backlog.read().map(Batch::from) else {
                    let why = "what waits for the database cannot be read back".to_owned();
                    self.shared.fail(JournalError::Broken(why));
                    return;
                };
                if !self.ship_until_done(&batch, watermark).await {
                    return;
                }
                Recent::note(&self.recent, &batch.finished);
                self.node.shipped = watermark;
                self.shared.shipped.send_replace(watermark);
                self.shared.forget_shipped(backlog, watermark);
                // What came meanwhile waits for others again: a small batch costs as much to commit
                // as a large one. Only who waits for all of it gets all of it at once.
                let left = self.shared.lock().backlog.len();
                if left < BATCH && !(flush && left > 0) {
                    break;
                }
            }
        }
    }

    /// Waits for the first of a batch, and then for a while for others. True: someone waits until
    /// everything is shipped.
    async fn wait_for_work(&self) -> bool {
        let shared = &self.shared;
        while self.is_idle() {
            tokio::select! {
                () = shared.flush.notified() => return true,
                () = shared.to_ship.notified() => {}
            }
        }
        let full = async {
            while shared.lock().backlog.len() < BATCH {
                shared.to_ship.notified().await;
            }
        };
        tokio::select! {
            () = shared.flush.notified() => true,
            () = full => false,
            () = tokio::time::sleep(GATHER) => false,
        }
    }

    fn is_idle(&self) -> bool {
        let inner = self.shared.lock();
        inner.backlog.is_empty() && !inner.closing
    }

    /// Tries until the batch is in the database. False: this node may not ship any more.
    async fn ship_until_done(&self, batch: &Batch, watermark: i64) -> bool {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.ship(batch, watermark).await {
                Ok(()) => return true,
                Err(StoreError::Stale) => {
                    let why = "another process ships for this node: was the data directory copied?";
                    self.shared.fail(JournalError::Broken(why.to_owned()));
                    return false;
                }
                Err(error) => {
                    let calls = batch.finished.len();
                    tracing::error!(%error, calls, "shipping failed; nothing is lost, it is tried again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn ship(&self, batch: &Batch, watermark: i64) -> Result<(), StoreError> {
        let now = self.clock.now();
        let transaction_id = || TransactionId::new(now, rand::random());
        if batch.doubts.is_empty() {
            let calls = &batch.finished;
            return self.database.ship(self.node, watermark, calls, now, transaction_id).await;
        }
        let mut transaction = self.database.begin().await?;
        transaction.advance_watermark(self.node, watermark).await?;
        let calls: Vec<&FinishedCall> = batch.finished.iter().collect();
        transaction.book_calls(&calls, now, transaction_id).await?;
        for (intent, noted) in &batch.doubts {
            recover::hold(&mut transaction, intent, *noted).await?;
        }
        transaction.commit().await
    }
}

struct Batch {
    finished: Arc<[FinishedCall]>,
    doubts: Vec<(Intent, Option<Checkpoint>)>,
}

impl From<Ends> for Batch {
    fn from(ends: Ends) -> Self {
        Self { finished: ends.finished.into(), doubts: ends.doubts }
    }
}
