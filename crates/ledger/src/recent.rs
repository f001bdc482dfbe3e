//! What was shipped lately: keys that were used, and channels whose usage figures were suspect. For
//! whoever watches the books without asking the database about every key.

use domain::id::{CallId, ChannelId, KeyId};
use hashbrown::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use store::batch::FinishedCall;

use crate::ledger::Ledger;

/// What was shipped since it was last taken.
#[derive(Debug, Default)]
pub struct Recent {
    /// Keys that were used.
    pub keys: HashSet<KeyId>,
    /// How many suspect calls a channel had, and one of them.
    pub suspects: HashMap<ChannelId, (u64, CallId)>,
}

/// The same, shared with the shipper.
pub(crate) type SharedRecent = Arc<Mutex<Recent>>;

impl Recent {
    /// Notes calls that are in the database now.
    pub(crate) fn note(shared: &SharedRecent, calls: &[FinishedCall]) {
        let mut recent = shared.lock().unwrap_or_else(PoisonError::into_inner);
        for call in calls {
            recent.keys.insert(call.key);
            if call.suspect {
                let (count, last) = recent.suspects.entry(call.channel).or_insert((0, call.id));
                *count += 1;
                *last = call.id;
            }
        }
    }
}

impl Ledger {
    /// Takes what was shipped since the last time.
    #[must_use]
    pub fn take_recent(&self) -> Recent {
        std::mem::take(&mut *self.recent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
