//! Calls in doubt: settled or released by a person, or by time.

use domain::bill::Tariff;
use domain::id::{CallId, TransactionId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::{Usage, UsageSource};
use serde::{Deserialize, Serialize};
use std::sync::Weak;
use std::time::Duration;
use store::batch::{FinishedCall, Outcome};
use store::doubt::Doubt;
use store::{Database, StoreError};

use crate::book::{Caps, Held};
use crate::journal::{Checkpoint, Intent};
use crate::ledger::Ledger;
use crate::recover::held;

/// What becomes of a call in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The user is charged: the given usage, else the last checkpoint, else the bound.
    Settle(Option<Usage>),
    /// The user gets the amount back; it is booked as absorbed by the operator.
    Release,
}

/// Decides about a call in doubt while no gateway runs on the deployment's node.
///
/// # Errors
/// [`StoreError::NotFound`] when the call is not in doubt.
pub async fn resolve(
    database: &Database,
    call: CallId,
    resolution: Resolution,
    now: UnixMillis,
) -> Result<FinishedCall, StoreError> {
    let doubt = database.open_doubt(call).await?;
    let finished = decide(database, &doubt, resolution).await?;
    book(database, &doubt, &finished, resolution, now).await?;
    Ok(finished)
}

impl Ledger {
    /// Decides about a call in doubt; the limits take it over at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the call is not in doubt.
    pub async fn resolve_doubt(
        &self,
        call: CallId,
        resolution: Resolution,
    ) -> Result<FinishedCall, StoreError> {
        let doubt = self.database.open_doubt(call).await?;
        let key = self.key_book(doubt.key_id, doubt.user_id).await?;
        let finished = decide(&self.database, &doubt, resolution).await?;
        book(&self.database, &doubt, &finished, resolution, self.now()).await?;
        let held =
            Held { amount: doubt.bound, caps: Caps::default(), day: doubt.day, month: doubt.month };
        key.resolve(&held, finished.charged, finished.counted);
        Ok(finished)
    }
}

/// Resolves doubts whose time is up, until the ledger is dropped.
pub(crate) async fn run(ledger: Weak<Ledger>) {
    loop {
        let Some(strong) = ledger.upgrade() else {
            return;
        };
        if let Err(error) = resolve_overdue(&strong).await {
            tracing::warn!(%error, "doubts whose time is up could not be resolved yet");
        }
        drop(strong);
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
}

async fn resolve_overdue(ledger: &Ledger) -> Result<(), StoreError> {
    let before = UnixMillis::new(ledger.now().get().saturating_sub(ledger.options.doubt_hold));
    for doubt in ledger.database.open_doubts(Some(before)).await? {
        // One that cannot be resolved must not keep the others.
        match resolve_one(ledger, &doubt).await {
            Ok(resolution) => {
                tracing::info!(call = %doubt.call_id, ?resolution, "a call in doubt was resolved because its time was up");
            }
            Err(error) => {
                tracing::warn!(call = %doubt.call_id, %error, "a call in doubt could not be resolved")
            }
        }
    }
    Ok(())
}

async fn resolve_one(ledger: &Ledger, doubt: &Doubt) -> Result<Resolution, StoreError> {
    let resolution = match from_text(&doubt.intent)?.checkpoint {
        Some(_) => Resolution::Settle(None),
        None => Resolution::Release,
    };
    ledger.resolve_doubt(doubt.call_id, resolution).await?;
    Ok(resolution)
}

async fn decide(
    database: &Database,
    doubt: &Doubt,
    resolution: Resolution,
) -> Result<FinishedCall, StoreError> {
    let StoredIntent { intent, checkpoint } = from_text(&doubt.intent)?;
    let mut finished = intent.finished(Outcome::Reconciled);
    let usage = match resolution {
        Resolution::Release => {
            finished.cost = doubt.bound;
            finished.source = UsageSource::Bound;
            return Ok(finished);
        }
        Resolution::Settle(usage) => usage,
    };
    finished.counted = true;
    (finished.usage, finished.cost, finished.source) = match (usage, checkpoint) {
        (Some(usage), _) => {
            (usage, cost(database, &intent, &usage).await?, UsageSource::UpstreamFinal)
        }
        (None, Some((usage, cost))) => (usage, cost, UsageSource::Checkpoint),
        (None, None) => (Usage::default(), doubt.bound, UsageSource::Bound),
    };
    finished.charged = finished.cost.min(doubt.bound);
    Ok(finished)
}

async fn cost(database: &Database, intent: &Intent, usage: &Usage) -> Result<Nanos, StoreError> {
    let price =
        database.price_version(intent.price_version).await?.price.ok_or(StoreError::NotFound)?;
    let tariff = Tariff::of(&price, intent.billing_method).ok_or(StoreError::NotFound)?;
    tariff.cost(usage, intent.multiplier).map_err(|_| StoreError::NotFound)
}

async fn book(
    database: &Database,
    doubt: &Doubt,
    finished: &FinishedCall,
    resolution: Resolution,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let name = match resolution {
        Resolution::Settle(_) => "settled",
        Resolution::Release => "released",
    };
    let mut transaction = database.begin().await?;
    if !transaction.resolve_doubt(doubt.call_id, name, now).await? {
        return Err(StoreError::NotFound);
    }
    transaction.add_to_counters(&held(doubt, -1)).await?;
    transaction.book_calls(&[finished], now, || TransactionId::new(now, rand::random())).await?;
    transaction.commit().await
}

/// An open intent as the database keeps it.
#[derive(Serialize, Deserialize)]
struct StoredIntent {
    intent: Intent,
    checkpoint: Option<(Usage, Nanos)>,
}

pub(crate) fn to_text(
    intent: &Intent,
    checkpoint: Option<Checkpoint>,
) -> Result<String, StoreError> {
    let checkpoint = checkpoint.map(|checkpoint| (checkpoint.usage, checkpoint.cost));
    serde_json::to_string(&StoredIntent { intent: intent.clone(), checkpoint })
        .map_err(|error| StoreError::Damaged { column: "doubts.intent", reason: error.to_string() })
}

fn from_text(text: &str) -> Result<StoredIntent, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Damaged { column: "doubts.intent", reason: error.to_string() })
}
