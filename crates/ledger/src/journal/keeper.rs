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
    loop {
        let mut inner = shared.lock();
        let idle = inner.spare.is_some() && inner.synced == inner.sequence;
        if inner.closing {
            return;
        }
        if idle {
            // In standard mode nobody wakes us for a record: look again after a while.
            let (guard, _) =
                shared.wake.wait_timeout(inner, SYNC_EVERY).unwrap_or_else(PoisonError::into_inner);
            drop(guard);
            continue;
        }
        let sequence = inner.sequence;
        let next = inner.spare.is_none().then_some(inner.current.index + 1);
        let retired = std::mem::take(&mut inner.retired);
        let current = inner.current.file.try_clone();
        drop(inner);

        let synced = retired
            .iter()
            .try_for_each(|segment| segment.file.sync_data())
            .and_then(|()| current?.sync_data());
        if let Err(error) = synced {
            shared.fail(JournalError::Broken(error.to_string()));
            return;
        }
        if let Some(index) = next {
            match Segment::create(&shared.directory, index, shared.segment_size, &shared.header) {
                Ok(segment) => shared.lock().spare = Some(segment),
                Err(error) => {
                    tracing::error!(%error, "no space for the next journal segment");
                    shared.fail(JournalError::Full);
                }
            }
        }
        shared.lock().synced = sequence;
        shared.durable.send_replace(sequence);
        if shared.failed.load(std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        if shared.durability == Durability::Standard {
            std::thread::sleep(SYNC_EVERY);
        }
    }
}
