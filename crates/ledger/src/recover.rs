//! After a stop of any kind: what the journal tells is brought into the database, once.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, NodeId, TransactionId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::window::Window;
use store::batch::FinishedCall;
use store::counter::{Counter, CounterChange, Subject};
use store::doubt::Doubt;
use store::node::Node;
use store::{Database, StoreError, Transaction};

use crate::flaw::{self, Flaw};
use crate::journal::{Checkpoint, Declaration, History, Intent, OpenIntent};

/// Brings everything that is journaled into the database and holds what is in doubt, in one
/// transaction. Done again, it changes nothing.
pub(crate) async fn bring_up(
    database: &Database,
    node: NodeId,
    history: &History,
    boot: &str,
    now: UnixMillis,
) -> Result<Node, StoreError> {
    let mut transaction = database.begin().await?;
    let started = transaction.start_node(node, now).await?;
    let again = replayed(history, started, now);
    let new = history.finished.iter().filter(|(sequence, _)| *sequence > started.shipped);
    let missing: Vec<&FinishedCall> = new.map(|(_, finished)| finished).chain(&again).collect();
    for chunk in missing.chunks(crate::ship::BATCH) {
        transaction.book_calls(chunk, now, || TransactionId::new(now, rand::random())).await?;
    }
    let doubted: &[OpenIntent] = if flaw::is(Flaw::DoubtForgotten) { &[] } else { &history.open };
    for open in doubted {
        hold(&mut transaction, &open.intent, open.checkpoint).await?;
    }
    if history.may_have_lost_records(boot) {
        let epoch = history.header.as_ref().map_or(0, |header| header.epoch);
        for declaration in history.declared.values() {
            hold_lost(&mut transaction, declaration, epoch).await?;
        }
        let keys = history.declared.len();
        tracing::warn!(keys, "the power may have failed: what it may have taken is held in doubt");
    }
    // The database can be ahead of a journal whose tail a power loss took.
    let shipped = history.last_sequence.max(started.shipped);
    transaction.advance_watermark(started, shipped).await?;
    transaction.commit().await?;
    if !history.orderly {
        tracing::warn!(
            booked = missing.len(),
            in_doubt = history.open.len(),
            torn = history.torn,
            "the last stop was not orderly; the journal was replayed"
        );
    }
    Ok(Node { shipped, ..started })
}

/// What a replay that does not know a call by its id would book again: nothing, in a sound build.
fn replayed(history: &History, started: Node, now: UnixMillis) -> Vec<FinishedCall> {
    if !flaw::is(Flaw::ReplayWithoutIdCheck) {
        return Vec::new();
    }
    let old = history.finished.iter().filter(|(sequence, _)| *sequence <= started.shipped);
    old.map(|(_, finished)| FinishedCall {
        id: CallId::new(now, rand::random()),
        ..finished.clone()
    })
    .collect()
}

/// Holds a call in doubt, unless it is in the books or held already.
pub(crate) async fn hold(
    transaction: &mut Transaction,
    intent: &Intent,
    checkpoint: Option<Checkpoint>,
) -> Result<(), StoreError> {
    let doubt = Doubt {
        call_id: intent.id,
        key_id: intent.key,
        user_id: intent.user,
        bound: intent.bound,
        day: intent.day,
        month: intent.month,
        intent: crate::doubt::to_text(intent, checkpoint)?,
        since: intent.started_at,
    };
    if transaction.insert_doubt(&doubt).await? {
        transaction.add_to_counters(&held(&doubt, 1)).await?;
    }
    Ok(())
}

/// What a doubt adds to (`sign` 1) or takes from (`sign` −1) the counters.
pub(crate) fn held(doubt: &Doubt, sign: i64) -> Vec<CounterChange> {
    let add = Counter {
        held: Nanos::new(sign * doubt.bound.get()),
        requests_held: sign,
        ..Counter::default()
    };
    [Subject::Key(doubt.key_id), Subject::User(doubt.user_id)]
        .into_iter()
        .flat_map(|subject| {
            [
                (Window::Total, UnixMillis::new(0)),
                (Window::Day, doubt.day),
                (Window::Month, doubt.month),
            ]
            .map(|(window, starts_at)| CounterChange {
                subject,
                window,
                starts_at,
                add,
            })
        })
        .collect()
}

/// Holds what a power loss may have taken of a key: what was declared, and no more than is left.
async fn hold_lost(
    transaction: &mut Transaction,
    declaration: &Declaration,
    epoch: i64,
) -> Result<(), StoreError> {
    let left = transaction.remainder(declaration.key, declaration.day, declaration.month).await?;
    let bound = left.map_or(declaration.exposure, |left| left.min(declaration.exposure));
    if bound == Nanos::ZERO {
        return Ok(());
    }
    hold(transaction, &Intent { bound, ..lost(declaration, epoch) }, None).await
}

/// Stands for the calls of a key that a power loss may have taken. Its id depends on the key and
/// the start that declared it alone, so that a recovery that is repeated holds it once.
fn lost(declaration: &Declaration, epoch: i64) -> Intent {
    let mut id = declaration.key.to_bytes();
    for (byte, mark) in id.iter_mut().rev().zip(epoch.to_le_bytes()) {
        *byte ^= mark;
    }
    Intent {
        id: CallId::from_bytes(id),
        key: declaration.key,
        user: declaration.user,
        bound: declaration.exposure,
        model: "(power loss)".into(),
        channel: ChannelId::from_bytes([0; 16]),
        group: "".into(),
        dialect: Dialect::Chat,
        billing_method: BillingMethod::UsageBased,
        price_version: 0,
        multiplier: Multiplier::ONE,
        started_at: declaration.at,
        hour: declaration.day,
        day: declaration.day,
        month: declaration.month,
        client_ip: "".into(),
        user_agent: "".into(),
    }
}
