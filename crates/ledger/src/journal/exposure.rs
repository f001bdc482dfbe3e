//! What a power loss may take: per key, the bounds of calls that were forwarded before the disk had
//! their intent.
//!
//! In standard mode a call does not wait for the disk, so a power loss can lose the last few
//! milliseconds of intents although the upstream was already asked. The sum of their bounds is kept
//! within an *exposure* per key, and a key's exposure is declared in the journal, on the disk,
//! before it is used. After a power loss that much of each declared key is held in doubt, and no
//! more. What does not fit waits for the disk, which takes milliseconds.
//!
//! A declaration holds for the segment it stands in, and for the day: the newest segment is never
//! removed, so at a recovery every declaration that may have been used is there to be read, and
//! what it may have lost is held in the windows that it was lost in.

use domain::money::Nanos;
use domain::time::UnixMillis;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where and for when a declaration holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The journal's segment.
    pub(crate) segment: u64,
    /// The day that calls are counted in.
    pub(crate) day: UnixMillis,
}

/// The unsynced bounds of one key.
#[derive(Debug, Default)]
pub(crate) struct Exposure {
    unsynced: AtomicI64,
    /// Where it is declared on the disk.
    declared: Mutex<Option<Place>>,
}

impl Exposure {
    /// Counts a bound that the disk does not have yet.
    pub(crate) fn add(&self, bound: Nanos) {
        self.unsynced.fetch_add(bound.get(), Ordering::AcqRel);
    }

    /// The disk has it now.
    pub(crate) fn synced(&self, bound: Nanos) {
        self.unsynced.fetch_sub(bound.get(), Ordering::AcqRel);
    }

    /// Whether what is counted is covered by a declaration that holds there and then.
    pub(crate) fn covers(&self, place: Place, most: Nanos) -> bool {
        self.is_declared(place) && self.unsynced.load(Ordering::Acquire) <= most.get()
    }

    /// Whether it is declared there and for then.
    pub(crate) fn is_declared(&self, place: Place) -> bool {
        *self.declared.lock().unwrap_or_else(PoisonError::into_inner) == Some(place)
    }

    /// The disk has the declaration.
    pub(crate) fn declared(&self, place: Place) {
        *self.declared.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }
}
