//! What a power loss may take: per key, the bounds of calls that were forwarded before the disk had
//! their intent.
//!
//! In standard mode a call does not wait for the disk, so a power loss can lose the last few
//! milliseconds of intents although the upstream was already asked. The sum of their bounds is kept
//! within an *exposure* per key, and a key's exposure is declared in the journal, on the disk,
//! before it is used. After a power loss that much of each declared key is held in doubt, and no
//! more. What does not fit waits for the disk, which takes milliseconds.
//!
//! A declaration holds for the segment it stands in: the newest segment is never removed, so at a
//! recovery every declaration that may have been used is there to be read.

use domain::money::Nanos;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The unsynced bounds of one key.
#[derive(Debug, Default)]
pub(crate) struct Exposure {
    unsynced: AtomicI64,
    /// The segment in which it is declared on the disk; 0: in none.
    declared_in: AtomicU64,
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

    /// Whether what is counted is covered by a declaration in a segment.
    pub(crate) fn covers(&self, segment: u64, most: Nanos) -> bool {
        self.is_declared(segment) && self.unsynced.load(Ordering::Acquire) <= most.get()
    }

    /// Whether it is declared in a segment.
    pub(crate) fn is_declared(&self, segment: u64) -> bool {
        self.declared_in.load(Ordering::Acquire) == segment
    }

    /// The disk has the declaration.
    pub(crate) fn declared(&self, segment: u64) {
        self.declared_in.fetch_max(segment, Ordering::AcqRel);
    }
}
