//! Values of keys that a rotation replaced: until when each works, and who still uses it.
//!
//! A use is noted in memory, under a lock that only calls with old values take; the database gets it
//! a moment later and at the end. What a crash takes with it is at most the last seconds' uses.

use domain::key::KeyDigest;
use domain::time::UnixMillis;
use hashbrown::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use store::api_key::{LookupPrevious, PreviousUse};
use store::{Database, StoreError};

use crate::gateway::Gateway;

/// How often uses are brought to the database.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// Every value that was replaced, of the keys in memory.
#[derive(Default)]
pub struct PreviousValues {
    values: RwLock<HashMap<KeyDigest, Previous>>,
    /// Uses that the database does not know yet.
    uses: Mutex<HashMap<KeyDigest, Use>>,
}

/// A value that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Previous {
    /// The digest of the key's value now.
    pub(crate) current: KeyDigest,
    /// Until when it works.
    pub(crate) ends_at: UnixMillis,
}

/// The last use of a value.
#[derive(Debug, Clone)]
struct Use {
    at: UnixMillis,
    ip: IpAddr,
    client: Arc<str>,
}

impl PreviousValues {
    /// Takes over the values of a key that was read or changed.
    pub(crate) fn update(&self, values: &[LookupPrevious]) {
        if values.is_empty() {
            return;
        }
        let mut known = self.values.write().unwrap_or_else(PoisonError::into_inner);
        for value in values {
            let previous = Previous { current: value.current, ends_at: value.ends_at };
            known.insert(value.digest, previous);
        }
    }

    /// The value behind a digest.
    pub(crate) fn find(&self, digest: &KeyDigest) -> Option<Previous> {
        self.values.read().unwrap_or_else(PoisonError::into_inner).get(digest).copied()
    }

    /// Notes that a value was used.
    pub(crate) fn note(
        &self,
        digest: KeyDigest,
        at: UnixMillis,
        ip: IpAddr,
        client: impl FnOnce() -> Arc<str>,
    ) {
        let client = client();
        let mut uses = self.uses();
        let last =
            uses.entry(digest).or_insert_with(|| Use { at, ip, client: Arc::clone(&client) });
        if last.at <= at {
            *last = Use { at, ip, client };
        }
    }

    /// The last use of a value that the database does not know yet.
    #[must_use]
    pub fn last_use(&self, digest: &KeyDigest) -> Option<PreviousUse> {
        self.uses().get(digest).map(Use::stored)
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<KeyDigest, Use>> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the uses to the database. They stay here until it has them, so that whoever asks sees
    /// them at any moment.
    async fn write(&self, database: &Database) -> Result<(), StoreError> {
        let noted: Vec<(KeyDigest, Use)> =
            self.uses().iter().map(|(digest, last)| (*digest, last.clone())).collect();
        if noted.is_empty() {
            return Ok(());
        }
        let mut transaction = database.begin().await?;
        for (digest, last) in &noted {
            transaction.note_previous_use(*digest, &last.stored()).await?;
        }
        transaction.commit().await?;
        let mut uses = self.uses();
        for (digest, written) in noted {
            if uses.get(&digest).is_some_and(|last| last.at <= written.at) {
                uses.remove(&digest);
            }
        }
        Ok(())
    }
}

impl Use {
    fn stored(&self) -> PreviousUse {
        PreviousUse { at: self.at, ip: self.ip.to_string(), client: self.client.to_string() }
    }
}

impl Gateway {
    /// The last use of a value that was replaced, if the database does not know it yet.
    #[must_use]
    pub fn last_use_of_previous(&self, digest: &KeyDigest) -> Option<PreviousUse> {
        self.directory.previous.last_use(digest)
    }

    /// Brings to the database who still uses values that were replaced.
    pub async fn write_previous_uses(&self) {
        if let Err(error) = self.directory.previous.write(&self.database).await {
            tracing::warn!(%error, "who uses replaced values of keys could not be noted; it is tried again");
        }
    }

    /// Does so from time to time, and settles what changes left in doubt, for as long as the gateway
    /// lives.
    pub async fn write_previous_uses_for_ever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            self.write_previous_uses().await;
            if let Err(error) = self.settle_doubts().await {
                tracing::warn!(%error, "changed keys could not be read back; until then they make no calls");
            }
        }
    }
}
