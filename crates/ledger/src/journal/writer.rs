//! The journal of a running node: what may be journaled when, and what waits for what.

use domain::money::Nanos;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::batch::FinishedCall;
use tokio::sync::{Notify, watch};

use super::backlog::Backlog;
use super::exposure::{Exposure, Place};
use super::keeper;
use super::record::{Checkpoint, Declaration, Intent, Line};
use super::segment::{HEADER_LENGTH, Header, Segment};

/// What the last bytes of an answer wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The operating system has the record: a crash of the program loses nothing.
    Standard,
    /// The disk has the record: a power loss loses nothing.
    Strict,
}

/// Where a record lies: its sequence number and its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Counts records over all segments and starts.
    pub sequence: i64,
    pub(crate) segment: u64,
    /// Whether others are likely to write soon.
    pub(crate) crowded: bool,
}

/// How a call ends in the journal.
#[derive(Debug)]
pub(crate) enum Ending<'a> {
    /// With a charge, or without one.
    Settled(&'a FinishedCall),
    /// To be held in doubt.
    Doubted(&'a Intent, Option<Checkpoint>),
}

/// Why nothing could be journaled.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// No space is left for the records that admitting a call entails.
    #[error("the journal has no space left on its disk")]
    Full,
    /// The next segment is still being made.
    #[error("the journal waits for its next segment")]
    Turning,
    /// Too many finished calls wait for the database.
    #[error("the database has been away for too long")]
    Behind,
    /// A write or a sync failed; what is on the disk is no longer certain.
    #[error("the journal cannot be written: {0}")]
    Broken(String),
}

/// The journal of a running node.
pub struct Journal {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) directory: PathBuf,
    pub(crate) header: Header,
    pub(crate) segment_size: u64,
    pub(crate) durability: Durability,
    pub(crate) inner: Mutex<Inner>,
    /// A spare segment is there again.
    pub(crate) spared: Notify,
    /// Wakes the keeper: a spare is wanted, or something is to be synced.
    pub(crate) wake: Condvar,
    /// The last sequence number that the operating system has.
    pub(crate) written: AtomicI64,
    /// The last sequence number that the disk has.
    pub(crate) durable: watch::Sender<i64>,
    /// Something waits to be shipped.
    pub(crate) to_ship: Notify,
    /// Someone waits until everything is shipped.
    pub(crate) flush: Notify,
    /// The last record that is in the database.
    pub(crate) shipped: watch::Sender<i64>,
    /// No call may be admitted any more.
    pub(crate) failed: AtomicBool,
    pub(crate) failure: watch::Sender<Option<JournalError>>,
}

pub(crate) struct Inner {
    pub(crate) current: Segment,
    /// Where the next record goes.
    pub(crate) offset: u64,
    /// Records that wait to be written together; they end at `offset`.
    pub(crate) pending: Vec<u8>,
    /// Room to put a record together.
    pub(crate) record: Vec<u8>,
    pub(crate) spare: Option<Segment>,
    pub(crate) sequence: i64,
    pub(crate) synced: i64,
    pub(crate) open_calls: u64,
    pub(crate) segments: VecDeque<SegmentState>,
    pub(crate) backlog: Backlog,
    /// An empty one, with the room of one that was shipped.
    pub(crate) spare_backlog: Backlog,
    /// The last record that has something to ship.
    pub(crate) last_shippable: i64,
    pub(crate) closing: bool,
    /// Bounds that the disk does not have yet, by key.
    pub(crate) unsynced: Vec<(Arc<Exposure>, Nanos)>,
    /// Someone waits for the disk.
    pub(crate) sync_wanted: bool,
    /// Full segments that still have to be synced.
    pub(crate) retired: Vec<Segment>,
}

/// What keeps a segment from being removed.
pub(crate) struct SegmentState {
    pub(crate) index: u64,
    pub(crate) path: PathBuf,
    pub(crate) last_sequence: i64,
    pub(crate) open_intents: u64,
}

/// Space that each call under way may still need for its last records.
const ROOM_PER_CALL: u64 = 4 * 1024;
const ROOM_AT_LEAST: u64 = 64 * 1024;
/// More finished calls than this do not wait for a database that is away.
const MOST_UNSHIPPED: usize = 200_000;
/// How long a call waits for the next segment of the journal.
const LONGEST_TURN: Duration = Duration::from_secs(5);

impl Journal {
    /// Starts a journal behind the records that were read back.
    pub(crate) fn start(
        directory: &Path,
        header: Header,
        durability: Durability,
        segment_size: u64,
        first_segment: u64,
        last_sequence: i64,
    ) -> io::Result<Self> {
        let current = Segment::create(directory, first_segment, segment_size, &header)?;
        let spare = Segment::create(directory, first_segment + 1, segment_size, &header)?;
        let state = SegmentState {
            index: current.index,
            path: current.path.clone(),
            last_sequence,
            open_intents: 0,
        };
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            header,
            segment_size,
            durability,
            inner: Mutex::new(Inner {
                current,
                offset: HEADER_LENGTH,
                pending: Vec::with_capacity(16 * 1024),
                record: Vec::with_capacity(1024),
                spare: Some(spare),
                sequence: last_sequence,
                synced: last_sequence,
                open_calls: 0,
                segments: VecDeque::from([state]),
                backlog: Backlog::default(),
                spare_backlog: Backlog::default(),
                last_shippable: last_sequence,
                closing: false,
                unsynced: Vec::new(),
                sync_wanted: false,
                retired: Vec::new(),
            }),
            spared: Notify::new(),
            wake: Condvar::new(),
            written: AtomicI64::new(last_sequence),
            durable: watch::Sender::new(last_sequence),
            to_ship: Notify::new(),
            flush: Notify::new(),
            shipped: watch::Sender::new(last_sequence),
            failed: AtomicBool::new(false),
            failure: watch::Sender::new(None),
        });
        keeper::spawn(Arc::clone(&shared))?;
        Ok(Self { shared })
    }

    /// Whether calls may still be admitted.
    pub(crate) fn is_sound(&self) -> bool {
        !self.shared.failed.load(Ordering::Relaxed)
    }

    /// Tells when the journal can no longer be written.
    pub(crate) fn failure(&self) -> watch::Receiver<Option<JournalError>> {
        self.shared.failure.subscribe()
    }

    /// Waits for the next segment, which the keeper is making, and journals a call's intent then: on
    /// a slow disk it takes longer to make one than calls need to fill the last one.
    pub(crate) async fn intend_after_turn(
        &self,
        intent: &Intent,
        exposure: &Arc<Exposure>,
    ) -> Result<Position, JournalError> {
        let long_enough = tokio::time::sleep(LONGEST_TURN);
        tokio::pin!(long_enough);
        loop {
            let spared = self.shared.spared.notified();
            tokio::pin!(spared);
            spared.as_mut().enable();
            match self.intend(intent, exposure) {
                Err(JournalError::Turning) => {}
                done => return done,
            }
            tokio::select! {
                () = spared => {}
                () = &mut long_enough => return Err(JournalError::Full),
            }
        }
    }

    /// Journals a call's intent. Nothing may follow from it before it is [`Self::written`]. While
    /// there is no room for what follows from it, the journal is [`JournalError::Turning`].
    pub(crate) fn intend(
        &self,
        intent: &Intent,
        exposure: &Arc<Exposure>,
    ) -> Result<Position, JournalError> {
        let mut inner = self.shared.lock();
        if !self.is_sound() || inner.closing {
            return Err(JournalError::Full);
        }
        if inner.backlog.len() >= MOST_UNSHIPPED {
            return Err(JournalError::Behind);
        }
        let room = inner.current.end.saturating_sub(inner.offset);
        let needed = ROOM_AT_LEAST.saturating_add(inner.open_calls.saturating_mul(ROOM_PER_CALL));
        // A fresh segment takes a call, however many are under way: the next spare is being made.
        let needed = needed.min(self.shared.segment_size / 2);
        if inner.spare.is_none() && room < needed {
            return Err(JournalError::Turning);
        }
        let position = self.shared.append(&mut inner, Line::Intent(intent))?;
        inner.open_calls += 1;
        if self.shared.durability == Durability::Standard {
            exposure.add(intent.bound);
            match inner.unsynced.last_mut() {
                Some((last, sum)) if Arc::ptr_eq(last, exposure) => {
                    *sum = Nanos::new(sum.get().saturating_add(intent.bound.get()));
                }
                _ => inner.unsynced.push((Arc::clone(exposure), intent.bound)),
            }
        }
        if let Some(state) = inner.segments.back_mut() {
            state.open_intents += 1;
        }
        Ok(position)
    }

    /// Journals something about a call under way, and writes it.
    pub(crate) fn note(&self, line: Line<'_>) -> Result<Position, JournalError> {
        let mut inner = self.shared.lock();
        let position = self.shared.append(&mut inner, line)?;
        self.shared.write_out(&mut inner)?;
        Ok(position)
    }

    /// Journals a call's end and queues it for the database. Nobody may be told of it before it is
    /// [`Self::settled`].
    pub(crate) fn end(
        &self,
        intent: Position,
        ending: Ending<'_>,
    ) -> Result<Position, JournalError> {
        let mut inner = self.shared.lock();
        let line = match &ending {
            Ending::Settled(finished) => Line::Settle(finished),
            Ending::Doubted(intent, _) => Line::Doubt(intent.id),
        };
        let position = self.shared.append(&mut inner, line)?;
        inner.open_calls = inner.open_calls.saturating_sub(1);
        let Inner { backlog, record, .. } = &mut *inner;
        match ending {
            Ending::Settled(_) => backlog.add_finished(position.sequence, intent.segment, record),
            Ending::Doubted(call, noted) => {
                let call = Box::new(call.clone());
                backlog.add_doubt(position.sequence, intent.segment, call, noted);
            }
        }
        inner.last_shippable = position.sequence;
        let awaited = matches!(inner.backlog.len(), 1 | crate::ship::BATCH);
        drop(inner);
        if awaited {
            self.shared.to_ship.notify_one();
        }
        Ok(position)
    }

    /// Waits until the operating system has the record.
    ///
    /// One write serves all records that come in the same turn of a worker's loop: whoever is back
    /// first writes for everyone. Alone, nobody is waited for.
    pub(crate) async fn written(&self, position: Position) -> Result<(), JournalError> {
        if position.crowded {
            tokio::task::yield_now().await;
        }
        if self.shared.written.load(Ordering::Acquire) >= position.sequence {
            return Ok(());
        }
        self.shared.write_out(&mut self.shared.lock())
    }

    /// Waits until the record is as durable as the mode promises.
    pub(crate) async fn settled(&self, position: Position) -> Result<(), JournalError> {
        match self.shared.durability {
            Durability::Standard => self.written(position).await,
            Durability::Strict => Box::pin(self.synced(position)).await,
        }
    }

    /// Waits until the upstream may be asked: until the disk has the intent, or a power loss could
    /// take no more than what is declared for the key.
    pub(crate) async fn may_forward(
        &self,
        intent: Position,
        exposure: &Exposure,
        declaration: Declaration,
    ) -> Result<(), JournalError> {
        if self.shared.durability == Durability::Strict {
            return Box::pin(self.synced(intent)).await;
        }
        self.written(intent).await?;
        let place = Place { segment: intent.segment, day: declaration.day };
        if exposure.covers(place, declaration.exposure) {
            return Ok(());
        }
        if exposure.is_declared(place) {
            return Box::pin(self.synced(intent)).await;
        }
        let position = self.note(Line::Declare(declaration))?;
        Box::pin(self.synced(position)).await?;
        exposure.declared(Place { segment: position.segment, ..place });
        Ok(())
    }

    /// Waits until the disk has the record.
    pub(crate) async fn synced(&self, position: Position) -> Result<(), JournalError> {
        let mut durable = self.shared.durable.subscribe();
        let mut failure = self.shared.failure.subscribe();
        self.shared.lock().sync_wanted = true;
        self.shared.wake.notify_all();
        tokio::select! {
            reached = durable.wait_for(|sequence| *sequence >= position.sequence) => {
                reached.map(|_| ()).map_err(|_| JournalError::Broken("the journal is closed".to_owned()))
            }
            failed = failure.wait_for(Option::is_some) => {
                Err(failed.ok().and_then(|error| error.clone()).unwrap_or(JournalError::Full))
            }
        }
    }

    /// The last record that the database will want.
    pub(crate) fn last_shippable(&self) -> i64 {
        self.shared.lock().last_shippable
    }

    /// Writes the mark of an orderly end and ends the keeper; everything is on the disk then.
    ///
    /// True: nothing is owed, neither calls under way nor ends that the database does not have.
    pub(crate) fn close(&self) -> Result<bool, JournalError> {
        let mut inner = self.shared.lock();
        if inner.closing {
            return Ok(false);
        }
        let shipped = *self.shared.shipped.borrow() >= inner.last_shippable;
        let settled = inner.open_calls == 0 && inner.backlog.is_empty() && shipped;
        self.shared.append(&mut inner, Line::Shutdown)?;
        self.shared.write_out(&mut inner)?;
        inner.closing = true;
        let retired = std::mem::take(&mut inner.retired);
        let synced = retired.iter().try_for_each(|segment| segment.file.sync_data());
        let synced = synced.and_then(|()| inner.current.file.sync_data());
        drop(inner);
        self.shared.wake.notify_all();
        self.shared.to_ship.notify_one();
        synced.map(|()| settled).map_err(|error| JournalError::Broken(error.to_string()))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake.notify_all();
        self.shared.to_ship.notify_one();
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes at most `most` things to ship, and the watermark that they reach.
    pub(crate) fn take_unshipped(&self, most: usize) -> (Backlog, i64) {
        let mut inner = self.lock();
        // The database may not have what the journal lacks. A write that fails ends the journal; what
        // it should have written is then left to the next start.
        if self.write_out(&mut inner).is_err() {
            return (Backlog::default(), *self.shipped.borrow());
        }
        let empty = std::mem::take(&mut inner.spare_backlog);
        let taken = inner.backlog.take(most, empty);
        let watermark = if inner.backlog.is_empty() { None } else { taken.last_sequence() };
        (taken, watermark.unwrap_or(inner.sequence))
    }

    /// Removes the segments of which everything is in the database and nothing is under way.
    pub(crate) fn forget_shipped(&self, shipped: Backlog, watermark: i64) {
        let mut removable = Vec::new();
        let mut inner = self.lock();
        for segment in shipped.intent_segments() {
            if let Some(state) = inner.segments.iter_mut().find(|state| state.index == segment) {
                state.open_intents = state.open_intents.saturating_sub(1);
            }
        }
        inner.spare_backlog = shipped.emptied();
        let current = inner.current.index;
        while let Some(front) = inner.segments.front() {
            if front.index == current || front.open_intents > 0 || front.last_sequence > watermark {
                break;
            }
            removable.extend(inner.segments.pop_front().map(|state| state.path));
        }
        inner.retired.retain(|segment| !removable.contains(&segment.path));
        drop(inner);
        for path in removable {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "a shipped journal segment cannot be removed");
            }
        }
    }

    /// Stops admission for good.
    pub(crate) fn fail(&self, error: JournalError) {
        if !self.failed.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the journal has failed: no further call is admitted");
            self.failure.send_replace(Some(error));
            self.spared.notify_waiters();
        }
    }
}
