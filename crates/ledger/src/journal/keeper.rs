//! The thread beside the journal: it syncs what was written, and keeps a spare segment ready.
//!
//! An error ends the journal: a sync that failed is never tried again, because the operating
//! system may have dropped the very pages that failed.

use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::segment::Segment;
use super::writer::{Durability, JournalError, Shared};

/// How long a record may lie in memory only, in standard mode.
const SYNC_EVERY: Duration = Duration::from_millis(10);

pub(crate) fn spawn(shared: Arc<Shared>) -> io::Result<()> {
    std::thread::Builder::new().name("journal".to_owned()).spawn(move || keep(&shared)).map(|_| ())
}

fn keep(shared: &Shared) {
    while round(shared) {}
}

/// One look at the journal. False: it is over.
fn round(shared: &Shared) -> bool {
    let mut inner = shared.lock();
    let urgent = shared.durability == Durability::Strict;
    loop {
        if inner.closing {
            return false;
        }
        let dirty = inner.synced != inner.sequence;
        if inner.spare.is_none() || dirty && (urgent || inner.sync_wanted) {
            break;
        }
        if !dirty {
            inner = shared.wake.wait(inner).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let (guard, pause) =
            shared.wake.wait_timeout(inner, SYNC_EVERY).unwrap_or_else(PoisonError::into_inner);
        inner = guard;
        if pause.timed_out() {
            break;
        }
    }
    if shared.write_out(&mut inner).is_err() {
        return false;
    }
    let sequence = inner.sequence;
    let next = inner.spare.is_none().then_some(inner.current.index + 1);
    let retired = std::mem::take(&mut inner.retired);
    let room = Vec::with_capacity(inner.unsynced.len());
    let exposed = std::mem::replace(&mut inner.unsynced, room);
    let current = inner.current.file.try_clone();
    inner.sync_wanted = false;
    drop(inner);

    let synced = retired
        .iter()
        .try_for_each(|segment| segment.file.sync_data())
        .and_then(|()| current?.sync_data());
    if let Err(error) = synced {
        shared.fail(JournalError::Broken(error.to_string()));
        return false;
    }
    for (exposure, bound) in exposed {
        exposure.synced(bound);
    }
    shared.lock().synced = sequence;
    shared.durable.send_replace(sequence);
    if let Some(index) = next {
        match Segment::create(&shared.directory, index, shared.segment_size, &shared.header) {
            Ok(segment) => {
                shared.lock().spare = Some(segment);
                shared.spared.notify_waiters();
            }
            Err(error) => {
                tracing::error!(%error, "no space for the next journal segment");
                shared.fail(JournalError::Full);
                return false;
            }
        }
    }
    true
}
