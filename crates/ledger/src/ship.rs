//! Shipping: a background task brings the journal's finished calls into the database in batches.

use domain::id::TransactionId;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::StoreError;
use store::batch::FinishedCall;
use store::node::Node;

use crate::journal::{OpenIntent, Shippable};
use crate::ledger::Ledger;
use crate::recover;

/// The most calls of one transaction.
pub(crate) const BATCH: usize = 1_000;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Ships until the ledger is dropped or the journal is closed.
pub(crate) async fn run(ledger: Weak<Ledger>, mut node: Node) {
    loop {
        let Some(ledger) = ledger.upgrade() else {
            return;
        };
        wait_for_work(&ledger).await;
        loop {
            let (items, watermark) = ledger.journal.take_unshipped(BATCH);
            if items.is_empty() && watermark == node.shipped {
                break;
            }
            let batch = Batch::new(items);
            if !ship_until_done(&ledger, &batch, node, watermark).await {
                return;
            }
            node.shipped = watermark;
            ledger.shipped.send_replace(watermark);
            ledger.journal.forget_shipped(watermark);
        }
    }
}

async fn wait_for_work(ledger: &Ledger) {
    let shared = &ledger.journal.shared;
    tokio::select! {
        () = ledger.flush.notified() => return,
        () = shared.to_ship.notified() => {}
        // The ledger is held only for a while, so that it can be dropped.
        () = tokio::time::sleep(Duration::from_secs(1)) => return,
    }
    let full = async {
        while shared.lock().unshipped.len() < BATCH {
            shared.to_ship.notified().await;
        }
    };
    tokio::select! {
        () = ledger.flush.notified() => {}
        () = full => {}
        () = tokio::time::sleep(GATHER) => {}
    }
}

struct Batch {
    finished: Vec<Arc<FinishedCall>>,
    doubts: Vec<OpenIntent>,
}

impl Batch {
    fn new(items: Vec<Shippable>) -> Self {
        let mut batch = Self { finished: Vec::with_capacity(items.len()), doubts: Vec::new() };
        for item in items {
            match item {
                Shippable::Finished(finished) => batch.finished.push(finished),
                Shippable::Doubt(intent) => {
                    batch.doubts.push(OpenIntent { intent: *intent, checkpoint: None })
                }
            }
        }
        batch
    }
}

/// Tries until the batch is in the database. False: this node may not ship any more.
async fn ship_until_done(ledger: &Arc<Ledger>, batch: &Batch, node: Node, watermark: i64) -> bool {
    let mut pause = Duration::from_millis(50);
    loop {
        match ship(ledger, batch, node, watermark).await {
            Ok(()) => return true,
            Err(StoreError::Stale) => {
                ledger.journal.shared.fail(crate::journal::JournalError::Broken(
                    "another process ships for this node: was the data directory copied?"
                        .to_owned(),
                ));
                return false;
            }
            Err(error) => {
                tracing::error!(%error, calls = batch.finished.len(), "shipping failed; nothing is lost, it is tried again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn ship(
    ledger: &Ledger,
    batch: &Batch,
    node: Node,
    watermark: i64,
) -> Result<(), StoreError> {
    let now = ledger.now();
    let mut transaction = ledger.database.begin().await?;
    transaction.advance_watermark(node, watermark).await?;
    let calls: Vec<&FinishedCall> = batch.finished.iter().map(Arc::as_ref).collect();
    transaction.book_calls(&calls, now, || TransactionId::new(now, rand::random()))
        .await?;
    for open in &batch.doubts {
        recover::hold(&mut transaction, &open.intent, open).await?;
    }
    transaction.commit().await
}
