//! Who may call: every key by the digest of its value, and its owner, in memory.
//!
//! An entry is replaced as a whole when its key is edited; what runs on with it (books, rates,
//! calls under way) is handed over to the new one. Values that were replaced by a rotation are in a
//! table of their own, `previous.rs`, which only a value that is no key's now is looked up in.

use arc_swap::ArcSwap;
use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::policy::KeyPolicy;
use domain::user::{Role, Tier};
use hashbrown::{HashMap, HashSet};
use ledger::book::KeyBook;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockWriteGuard};
use store::api_key::LookupKey;
use store::user::User;
use store::{Database, StoreError};
use tokio::sync::watch;

use crate::previous::PreviousValues;
use crate::rates::Rates;

/// A user as the admission of a call sees them.
#[derive(Debug)]
pub struct UserEntry {
    /// The user.
    pub id: UserId,
    rights: ArcSwap<UserRights>,
}

/// What of a user can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRights {
    /// Blocked: none of their keys works.
    pub disabled: bool,
    /// Their balance is frozen: none of their keys makes a call.
    pub frozen: bool,
    /// What they may do in the deployment.
    pub role: Role,
    /// Their class.
    pub tier: Tier,
    /// The groups that their keys may route through, in order.
    pub groups: Vec<String>,
    version: i64,
}

impl UserEntry {
    fn new(user: &User) -> Self {
        Self { id: user.id, rights: ArcSwap::from_pointee(UserRights::of(user)) }
    }

    /// The user's rights now.
    #[must_use]
    pub fn rights(&self) -> Arc<UserRights> {
        self.rights.load_full()
    }
}

impl UserRights {
    fn of(user: &User) -> Self {
        Self {
            disabled: user.disabled,
            frozen: user.frozen_at.is_some(),
            role: user.role,
            tier: user.tier,
            groups: user.groups.clone(),
            version: user.version,
        }
    }
}

/// A key as the admission of a call sees it.
#[derive(Debug)]
pub struct KeyEntry {
    /// The key.
    pub id: KeyId,
    /// Who pays.
    pub owner: Arc<UserEntry>,
    /// What is checked. Keys that were read together share it where it is the same.
    pub policy: Arc<KeyPolicy>,
    /// What outlives an edit.
    running: Arc<OnceLock<Running>>,
}

/// What a key's calls share while they run.
#[derive(Debug)]
pub struct Running {
    /// The limits.
    pub book: Arc<KeyBook>,
    /// The rate limits.
    pub rates: Arc<Rates>,
    /// How often its tokens were counted.
    pub counting: Arc<Rates>,
    /// Set when the key is revoked: calls under way end.
    pub revoked: watch::Sender<bool>,
}

impl KeyEntry {
    /// Waits until the calls that were under way when the key was revoked have ended.
    pub async fn calls_ended(&self) {
        if let Some(running) = self.running() {
            running.revoked.closed().await;
        }
    }

    /// What the key's calls share, if it has been used.
    #[must_use]
    pub fn running(&self) -> Option<&Running> {
        self.running.get()
    }

    /// What the key's calls share; made from its book at first use.
    pub fn start(&self, book: Arc<KeyBook>) -> &Running {
        self.running.get_or_init(|| Running {
            book,
            rates: Arc::default(),
            counting: Arc::default(),
            revoked: watch::Sender::new(self.policy.revoked),
        })
    }
}

/// A part of the keys, so that an edit holds up few look-ups.
type Shard = RwLock<HashMap<KeyDigest, Arc<KeyEntry>>>;

const SHARDS: usize = 64;

/// Every key and every user.
pub struct Directory {
    keys: Box<[Shard]>,
    users: RwLock<HashMap<UserId, Arc<UserEntry>>>,
    /// The values that keys had before.
    pub(crate) previous: PreviousValues,
}

impl Directory {
    /// Reads every user and every key.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn load(database: &Database) -> Result<Self, StoreError> {
        let keys = (0..SHARDS).map(|_| RwLock::default()).collect();
        let previous = PreviousValues::load(database).await?;
        let directory = Self { keys, users: RwLock::default(), previous };
        let mut after = None;
        let mut known = HashSet::new();
        loop {
            let page = database.all_api_keys_for_lookup(after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for key in page {
                directory.insert(database, key, &mut known).await?;
            }
        }
        Ok(directory)
    }

    /// The key behind a digest.
    #[must_use]
    pub fn find(&self, digest: &KeyDigest) -> Option<Arc<KeyEntry>> {
        self.shard(digest).read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Takes over a key after it was made or changed in the database. When this returns, the
    /// change is in force.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn key_changed(&self, database: &Database, id: KeyId) -> Result<(), StoreError> {
        self.keys_changed(database, &[id]).await
    }

    /// The same for several keys.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn keys_changed(&self, database: &Database, ids: &[KeyId]) -> Result<(), StoreError> {
        let mut known = HashSet::new();
        for key in database.api_keys_for_lookup(ids).await? {
            self.insert(database, key, &mut known).await?;
        }
        Ok(())
    }

    /// Takes over a user after they were changed in the database.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_changed(&self, database: &Database, id: UserId) -> Result<(), StoreError> {
        let user = database.user(id).await?;
        let entry = self.user_entry(&user);
        entry.rights.rcu(|now| {
            if now.version < user.version {
                Arc::new(UserRights::of(&user))
            } else {
                Arc::clone(now)
            }
        });
        Ok(())
    }

    /// A user who is known here: one who owns a key.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<Arc<UserEntry>> {
        self.users.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    async fn insert(
        &self,
        database: &Database,
        key: LookupKey,
        known: &mut HashSet<Arc<KeyPolicy>>,
    ) -> Result<(), StoreError> {
        let owner = match self.user(key.owner) {
            Some(owner) => owner,
            None => self.user_entry(&database.user(key.owner).await?),
        };
        // A value that was replaced hands over to the new one what runs on.
        let replaced = key.previous.iter().find_map(|value| self.find(&value.digest));
        self.previous.update(&key.previous);
        let running = replaced.or_else(|| self.find(&key.digest));
        let running = running.map(|old| Arc::clone(&old.running)).unwrap_or_default();
        let policy = Arc::clone(known.get_or_insert_with(&key.policy, |new| Arc::new(new.clone())));
        let entry = Arc::new(KeyEntry { id: key.id, owner, policy, running });
        self.write(&key.digest).insert(key.digest, Arc::clone(&entry));
        // After the new value is in its place: at no moment is the key without one.
        for value in &key.previous {
            self.write(&value.digest).remove(&value.digest);
        }
        // After the entry is in its place: a call that starts from now on sees it.
        if let Some(running) = entry.running.get().filter(|_| entry.policy.revoked) {
            running.revoked.send_replace(true);
        }
        Ok(())
    }

    fn user_entry(&self, user: &User) -> Arc<UserEntry> {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(users.entry(user.id).or_insert_with(|| Arc::new(UserEntry::new(user))))
    }

    fn write(&self, digest: &KeyDigest) -> RwLockWriteGuard<'_, HashMap<KeyDigest, Arc<KeyEntry>>> {
        self.shard(digest).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, digest: &KeyDigest) -> &Shard {
        let [first, ..] = *digest.as_bytes();
        #[expect(clippy::indexing_slicing, reason = "there are SHARDS of them")]
        &self.keys[usize::from(first) % SHARDS]
    }
}
