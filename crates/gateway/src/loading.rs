//! Keys on their way from the database into memory: one read per value however many calls wait for
//! it, few reads at once, and no read beside a change.
//!
//! A change waits for the reads that began before it and replaces what they found; a read that begins
//! after a change finds what it left. So whatever is in memory is what the last change published.

use domain::key::KeyDigest;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::StoreError;
use tokio::sync::{RwLock, Semaphore};

/// So many keys are read at once; others wait, and the database has room for the books.
const AT_ONCE: usize = 4;
/// So many values are remembered that are no key's; the oldest are forgotten first.
const MOST_UNKNOWN: usize = 65_536;

/// How a read ended; none while it has not.
pub(crate) type Outcome = Option<Result<(), Arc<StoreError>>>;

/// What keeps reads of keys apart from each other and from changes.
pub(crate) struct Loading {
    /// Shared by reads, held alone by a change.
    pub(crate) changing: RwLock<()>,
    /// A permit per read.
    pub(crate) room: Semaphore,
    flights: Mutex<HashMap<KeyDigest, Flight>>,
    unknown: Mutex<Unknown>,
}

/// A read and the calls that wait for it.
struct Flight {
    waiting: usize,
    outcome: SharedOutcome,
}

type SharedOutcome = Arc<tokio::sync::Mutex<Outcome>>;

/// Values that are no key's.
#[derive(Default)]
struct Unknown {
    digests: HashSet<KeyDigest>,
    order: VecDeque<KeyDigest>,
}

impl Default for Loading {
    fn default() -> Self {
        Self {
            changing: RwLock::default(),
            room: Semaphore::new(AT_ONCE),
            flights: Mutex::default(),
            unknown: Mutex::default(),
        }
    }
}

impl Loading {
    /// Takes part in the read of a value: whoever has the lock on its outcome reads.
    pub(crate) fn join(&self, digest: KeyDigest) -> Joined<'_> {
        let mut flights = self.flights();
        let flight =
            flights.entry(digest).or_insert_with(|| Flight { waiting: 0, outcome: Arc::default() });
        flight.waiting += 1;
        Joined { loading: self, digest, outcome: Arc::clone(&flight.outcome) }
    }

    /// Whether a value is known to be no key's.
    pub(crate) fn is_unknown(&self, digest: &KeyDigest) -> bool {
        self.unknown().digests.contains(digest)
    }

    /// Remembers that a value is no key's.
    pub(crate) fn note_unknown(&self, digest: KeyDigest) {
        let mut unknown = self.unknown();
        if !unknown.digests.insert(digest) {
            return;
        }
        unknown.order.push_back(digest);
        if unknown.order.len() > MOST_UNKNOWN
            && let Some(oldest) = unknown.order.pop_front()
        {
            unknown.digests.remove(&oldest);
        }
    }

    /// Forgets that a value was no key's: now it is.
    pub(crate) fn forget_unknown(&self, digest: &KeyDigest) {
        self.unknown().digests.remove(digest);
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<KeyDigest, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self) -> MutexGuard<'_, Unknown> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's part in a read. It ends when it was answered, or with the last call that is dropped.
pub(crate) struct Joined<'l> {
    loading: &'l Loading,
    digest: KeyDigest,
    /// How it ended.
    pub(crate) outcome: SharedOutcome,
}

impl Joined<'_> {
    /// Whoever asks from now on begins a read of their own: this one's answer may be of before a
    /// change, its failure of before the database came back.
    pub(crate) fn end(&self) {
        let mut flights = self.loading.flights();
        if flights.get(&self.digest).is_some_and(|flight| self.is_of(flight)) {
            flights.remove(&self.digest);
        }
    }

    fn is_of(&self, flight: &Flight) -> bool {
        Arc::ptr_eq(&flight.outcome, &self.outcome)
    }
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        let mut flights = self.loading.flights();
        if let Some(flight) = flights.get_mut(&self.digest).filter(|flight| self.is_of(flight)) {
            flight.waiting -= 1;
            if flight.waiting == 0 {
                flights.remove(&self.digest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u64) -> KeyDigest {
        KeyDigest::from_hex(&format!("{number:064x}")).unwrap()
    }

    #[test]
    fn the_oldest_unknown_values_are_forgotten_first() {
        let loading = Loading::default();
        let most = u64::try_from(MOST_UNKNOWN).unwrap();
        for number in 0..=most {
            loading.note_unknown(digest(number));
        }
        assert!(!loading.is_unknown(&digest(0)) && loading.is_unknown(&digest(1)));
        loading.forget_unknown(&digest(1));
        assert!(!loading.is_unknown(&digest(1)) && loading.is_unknown(&digest(most)));
        assert_eq!(loading.unknown().digests.len(), MOST_UNKNOWN - 1);
    }

    #[test]
    fn who_asks_after_a_read_ended_begins_another() {
        let loading = Loading::default();
        let first = loading.join(digest(1));
        let second = loading.join(digest(1));
        first.end();
        let third = loading.join(digest(1));
        assert!(!Arc::ptr_eq(&first.outcome, &third.outcome));
        // Those of the read before take no part in it.
        second.end();
        drop(first);
        drop(second);
        assert!(Arc::ptr_eq(&third.outcome, &loading.join(digest(1)).outcome));
        drop(third);
        assert!(loading.flights().is_empty());
    }

    #[test]
    fn a_read_ends_with_the_last_call_that_waits_for_it() {
        let loading = Loading::default();
        let first = loading.join(digest(1));
        let second = loading.join(digest(1));
        assert!(Arc::ptr_eq(&first.outcome, &second.outcome));
        *first.outcome.try_lock().unwrap() = Some(Ok(()));
        drop(first);
        assert!(loading.join(digest(1)).outcome.try_lock().unwrap().is_some());
        drop(second);
        assert!(loading.flights().is_empty());
        assert!(loading.join(digest(1)).outcome.try_lock().unwrap().is_none());
    }
}
