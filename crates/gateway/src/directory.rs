//! Who may call: every key that was used since the start by the digest of its value, and its owner,
//! in memory.
//!
//! A key is read at its first use and stays, so that what runs on with it is never lost; `loading.rs`
//! keeps reads and changes apart. An entry is replaced as a whole when its key is edited; what runs on with it (books, rates,
//! calls under way) is handed over to the new one. Values that were replaced by a rotation are in a
//! table of their own, `previous.rs`, which only a value that is no key's now is looked up in.
//!
//! A change that could not be read back, because the database went away after it, leaves its keys in
//! doubt: none of them makes a call before it was read anew.

use arc_swap::ArcSwap;
use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::policy::KeyPolicy;
use domain::user::{Role, Tier};
use hashbrown::{HashMap, HashSet};
use ledger::book::KeyBook;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockWriteGuard};
use store::api_key::LookupKey;
use store::user::User;
use store::{Database, StoreError};
use tokio::sync::watch;

use crate::loading::Loading;
use crate::previous::PreviousValues;
use crate::rates::Rates;

/// A user as the admission of a call sees them.
#[derive(Debug)]
pub struct UserEntry {
    /// The user.
    pub id: UserId,
    rights: ArcSwap<UserRights>,
    in_doubt: AtomicBool,
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
        Self {
            id: user.id,
            rights: ArcSwap::from_pointee(UserRights::of(user)),
            in_doubt: AtomicBool::new(false),
        }
    }

    /// The user's rights now.
    #[must_use]
    pub fn rights(&self) -> Arc<UserRights> {
        self.rights.load_full()
    }

    /// Takes over what was read, unless something newer was.
    fn update(&self, user: &User) {
        self.rights.rcu(|now| {
            if now.version < user.version {
                Arc::new(UserRights::of(user))
            } else {
                Arc::clone(now)
            }
        });
        self.in_doubt.store(false, Ordering::Release);
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
    in_doubt: AtomicBool,
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
    /// Whether what is known of the key and its owner is what the database says; else it is read anew.
    pub(crate) fn is_sure(&self) -> bool {
        !self.in_doubt.load(Ordering::Acquire) && !self.owner.in_doubt.load(Ordering::Acquire)
    }

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

/// So many different policies are shared between keys; with more, those in use by one key alone are
/// no longer offered to others.
const MOST_SHARED: usize = 10_000;

/// Every key that was used, and its owner.
pub struct Directory {
    keys: Box<[Shard]>,
    users: RwLock<HashMap<UserId, Arc<UserEntry>>>,
    /// The values that these keys had before.
    pub(crate) previous: PreviousValues,
    loading: Loading,
    /// The policies that keys share; held while a key is put in its place.
    placing: Mutex<HashSet<Arc<KeyPolicy>>>,
    /// The keys and users of changes that could not be read back.
    in_doubt: Mutex<(HashSet<KeyId>, HashSet<UserId>)>,
    /// Whether there are keys whose values have no checksum of ours.
    imported: AtomicBool,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            keys: (0..SHARDS).map(|_| RwLock::default()).collect(),
            users: RwLock::default(),
            previous: PreviousValues::default(),
            loading: Loading::default(),
            placing: Mutex::default(),
            in_doubt: Mutex::default(),
            imported: AtomicBool::default(),
        }
    }
}

impl Directory {
    /// The key behind a digest, if it is in memory.
    #[must_use]
    pub fn find(&self, digest: &KeyDigest) -> Option<Arc<KeyEntry>> {
        self.shard(digest).read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Whether a value that fails the checksum may be a key's all the same: some were imported.
    pub(crate) fn holds_imported(&self) -> bool {
        self.imported.load(Ordering::Acquire)
    }

    /// Takes over that keys were imported. From then on values without our checksum are looked up.
    pub fn expect_imported(&self) {
        self.imported.store(true, Ordering::Release);
    }

    /// Whether a value was looked for in the database, and is no key's.
    pub(crate) fn is_unknown(&self, digest: &KeyDigest) -> bool {
        self.loading.is_unknown(digest)
    }

    /// Brings the key with this value, now or before, into memory, if there is one. Calls that ask
    /// for the same value at once wait for one read.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn load(
        &self,
        database: &Database,
        digest: &KeyDigest,
    ) -> Result<(), Arc<StoreError>> {
        let joined = self.loading.join(*digest);
        let mut outcome = joined.outcome.lock().await;
        if let Some(ended) = &*outcome {
            return ended.clone();
        }
        // Between the look-up and this, another read may have ended.
        if self.is_sure(digest) {
            return Ok(());
        }
        // Neither is ever closed.
        let _room = self.loading.room.acquire().await;
        let _unchanged = self.loading.changing.read().await;
        let ended = self.read(database, digest).await.map_err(Arc::new);
        // Before a change may begin: who asks after it must not share what was found before it.
        joined.end();
        *outcome = Some(ended.clone());
        ended
    }

    async fn read(&self, database: &Database, digest: &KeyDigest) -> Result<(), StoreError> {
        match database.api_key_by_value(digest).await? {
            Some(key) => {
                let owner = self.owner(database, &key).await?;
                self.place(&key, owner, Why::Read);
            }
            None => self.loading.note_unknown(*digest),
        }
        Ok(())
    }

    /// Takes over a key after it was made or changed in the database. When this returns, the
    /// change is in force.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn key_changed(&self, database: &Database, id: KeyId) -> Result<(), StoreError> {
        self.keys_changed(database, &[id]).await
    }

    /// The same for several keys. Those that are not in memory are read at their next use.
    ///
    /// # Errors
    /// When the database is unavailable; then these keys make no call before they were read anew.
    pub async fn keys_changed(&self, database: &Database, ids: &[KeyId]) -> Result<(), StoreError> {
        let _alone = self.loading.changing.write().await;
        let taken = self.take_over(database, ids).await;
        let ids: HashSet<KeyId> = ids.iter().copied().collect();
        if taken.is_ok() {
            self.in_doubt().0.retain(|id| !ids.contains(id));
            return taken;
        }
        for shard in &self.keys {
            let keys = shard.read().unwrap_or_else(PoisonError::into_inner);
            for key in keys.values().filter(|key| ids.contains(&key.id)) {
                key.in_doubt.store(true, Ordering::Release);
            }
        }
        self.in_doubt().0.extend(ids);
        taken
    }

    async fn take_over(&self, database: &Database, ids: &[KeyId]) -> Result<(), StoreError> {
        for key in database.api_keys_for_lookup(ids).await? {
            self.loading.forget_unknown(&key.digest);
            let mut values = key.previous.iter().map(|value| &value.digest).chain([&key.digest]);
            if values.any(|digest| self.find(digest).is_some()) {
                let owner = self.owner(database, &key).await?;
                self.place(&key, owner, Why::Changed);
            }
        }
        Ok(())
    }

    /// Takes over that keys with these values were made. When this returns, they work.
    pub async fn keys_made(&self, digests: &[KeyDigest]) {
        let _alone = self.loading.changing.write().await;
        for digest in digests {
            self.loading.forget_unknown(digest);
        }
    }

    /// Takes over a user after they were changed in the database.
    ///
    /// # Errors
    /// When the database is unavailable; then none of their keys makes a call before they were read
    /// anew.
    pub async fn user_changed(&self, database: &Database, id: UserId) -> Result<(), StoreError> {
        let _alone = self.loading.changing.write().await;
        match database.user(id).await {
            Ok(user) => {
                self.user_entry(&user).update(&user);
                self.in_doubt().1.remove(&id);
                Ok(())
            }
            Err(error) => {
                self.doubt_user(id);
                Err(error)
            }
        }
    }

    /// Lets no key of a user call before their rights and their money were read anew.
    pub(crate) fn doubt_user(&self, id: UserId) {
        if let Some(user) = self.user(id) {
            user.in_doubt.store(true, Ordering::Release);
        }
        self.in_doubt().1.insert(id);
    }

    /// The keys and users of changes that could not be read back.
    pub(crate) fn doubts(&self) -> (Vec<KeyId>, Vec<UserId>) {
        let (keys, users) = &*self.in_doubt();
        (keys.iter().copied().collect(), users.iter().copied().collect())
    }

    /// Whether a value's key is in memory and makes no call for now.
    pub(crate) fn is_in_doubt(&self, digest: &KeyDigest) -> bool {
        self.behind(digest).is_some_and(|key| !key.is_sure())
    }

    /// A user who is known here: one who owns a key that is in memory.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<Arc<UserEntry>> {
        self.users.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    async fn owner(
        &self,
        database: &Database,
        key: &LookupKey,
    ) -> Result<Arc<UserEntry>, StoreError> {
        match self.user(key.owner) {
            Some(owner) => Ok(owner),
            None => Ok(self.user_entry(&database.user(key.owner).await?)),
        }
    }

    fn place(&self, key: &LookupKey, owner: Arc<UserEntry>, why: Why) {
        let mut policies = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.find(&key.digest);
        // Another read was first; it may even know that the value was replaced meanwhile.
        let is_known = now.as_ref().is_some_and(|now| now.is_sure());
        if why == Why::Read && (is_known || self.previous.find(&key.digest).is_some()) {
            return;
        }
        // A value that was replaced hands over to the new one what runs on.
        let replaced = key.previous.iter().find_map(|value| self.find(&value.digest));
        let running = replaced.or(now).map(|old| Arc::clone(&old.running)).unwrap_or_default();
        let policy = shared(&mut policies, &key.policy);
        let in_doubt = AtomicBool::new(false);
        let entry = Arc::new(KeyEntry { id: key.id, owner, policy, running, in_doubt });
        // The old values last: whoever finds one finds what it leads to.
        self.write(&key.digest).insert(key.digest, Arc::clone(&entry));
        self.previous.update(&key.previous);
        // After the new value is in its place: at no moment is the key without one.
        for value in &key.previous {
            self.write(&value.digest).remove(&value.digest);
        }
        // After the entry is in its place: a call that starts from now on sees it.
        if let Some(running) = entry.running.get().filter(|_| entry.policy.revoked) {
            running.revoked.send_replace(true);
        }
    }

    fn user_entry(&self, user: &User) -> Arc<UserEntry> {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(users.entry(user.id).or_insert_with(|| Arc::new(UserEntry::new(user))))
    }

    /// Whether a value is known, now or before, and nothing about its key is in doubt.
    fn is_sure(&self, digest: &KeyDigest) -> bool {
        self.behind(digest).is_some_and(|key| key.is_sure())
    }

    fn behind(&self, digest: &KeyDigest) -> Option<Arc<KeyEntry>> {
        self.find(digest).or_else(|| self.find(&self.previous.find(digest)?.current))
    }

    fn in_doubt(&self) -> MutexGuard<'_, (HashSet<KeyId>, HashSet<UserId>)> {
        self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Why a key is put in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is used for the first time.
    Read,
    /// It was changed.
    Changed,
}

/// The policy that keys with equal terms share.
fn shared(policies: &mut HashSet<Arc<KeyPolicy>>, policy: &KeyPolicy) -> Arc<KeyPolicy> {
    if policies.len() >= MOST_SHARED {
        policies.retain(|policy| Arc::strong_count(policy) > 2);
        if policies.len() >= MOST_SHARED {
            policies.clear();
        }
    }
    Arc::clone(policies.get_or_insert_with(policy, |new| Arc::new(new.clone())))
}
