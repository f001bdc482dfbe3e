//! The ledger of a running node: the one handle that the gateway and the management API share.

use domain::id::{KeyId, NodeId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::user::Credit;
use domain::window::Windows;
use hashbrown::HashMap;
use jiff::tz::TimeZone;
use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use store::counter::Subject;
use store::{Database, StoreError};
use tokio::sync::OnceCell;

use crate::book::{Caps, KeyBook, Lease, Shortage, UserBook};
use crate::call::Reservation;
use crate::clock::Clock;
use crate::journal::{Durability, Journal, JournalError};
use crate::recent::SharedRecent;

/// How a node keeps its books.
#[derive(Clone)]
pub struct Options {
    /// The node's own directory.
    pub data: PathBuf,
    /// What the last bytes of an answer wait for.
    pub durability: Durability,
    /// The zone in which days and months begin.
    pub zone: TimeZone,
    /// The time that the books go by.
    pub clock: Clock,
    /// Bytes of one journal segment.
    pub segment_size: u64,
    /// Milliseconds for which a call is held in doubt.
    pub doubt_hold: i64,
    /// Changes with each start of the machine: if it changed, the power may have failed.
    pub boot: String,
    /// What of each key may be forwarded before the disk has it, in standard mode.
    pub exposure: Nanos,
}

impl Options {
    /// The defaults, for a data directory.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            durability: Durability::Standard,
            zone: TimeZone::UTC,
            clock: Clock::system(),
            segment_size: 8 * 1024 * 1024,
            doubt_hold: 24 * 3_600_000,
            boot: crate::open::boot_id(),
            exposure: Nanos::from_usd(5),
        }
    }
}

/// How long a flush waits for the database.
const FLUSH_PATIENCE: Duration = Duration::from_secs(10);

/// Books that are loaded once, by whoever needs them first.
pub(crate) type Loaded<K, V> = Mutex<HashMap<K, Arc<OnceCell<Arc<V>>>>>;

/// The exact books of a running node.
pub struct Ledger {
    pub(crate) database: Database,
    pub(crate) journal: Arc<Journal>,
    pub(crate) options: Options,
    pub(crate) node: NodeId,
    pub(crate) users: Loaded<UserId, UserBook>,
    pub(crate) keys: Loaded<KeyId, KeyBook>,
    pub(crate) windows: RwLock<Windows>,
    pub(crate) credit_turn: tokio::sync::Mutex<()>,
    pub(crate) recent: SharedRecent,
    /// Held for as long as the process lives: a second one on the same directory is refused.
    pub(crate) _lock: std::fs::File,
}

impl Ledger {
    /// The time that the books go by.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.options.clock.now()
    }

    /// The zone in which days and months begin.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.options.zone
    }

    /// This node's identity.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The calendar windows now. They never go back, even if the clock does.
    #[must_use]
    pub fn windows(&self, now: UnixMillis) -> Windows {
        let current = *self.windows.read().unwrap_or_else(PoisonError::into_inner);
        if now < current.next_hour {
            return current;
        }
        let fresh = Windows::at(now, &self.options.zone);
        *self.windows.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        fresh
    }

    /// Whether calls may be admitted.
    #[must_use]
    pub fn admits(&self) -> bool {
        self.journal.is_sound()
    }

    /// Waits until the journal fails. Never returns while it is sound.
    pub async fn failed(&self) -> JournalError {
        let mut failure = self.journal.failure();
        match failure.wait_for(Option::is_some).await {
            Ok(error) => error.clone().unwrap_or(JournalError::Full),
            Err(_) => std::future::pending().await,
        }
    }

    /// A user's book, loaded at first use.
    ///
    /// # Errors
    /// When the database is unavailable or the user does not exist.
    pub async fn user_book(&self, id: UserId) -> Result<Arc<UserBook>, StoreError> {
        let cell = slot(&self.users, id);
        let book = cell
            .get_or_try_init(|| async {
                let user = self.database.user(id).await?;
                let counters =
                    self.database.counters(Subject::User(id), &self.windows(self.now())).await?;
                let balance = Lease::new(counters.total.settled.get(), counters.total.held.get());
                Ok::<_, StoreError>(Arc::new(UserBook::new(
                    id,
                    credit(user.credit, user.credited),
                    balance,
                )))
            })
            .await?;
        Ok(Arc::clone(book))
    }

    /// A key's book, loaded at first use.
    ///
    /// # Errors
    /// When the database is unavailable or the owner does not exist.
    pub async fn key_book(&self, id: KeyId, owner: UserId) -> Result<Arc<KeyBook>, StoreError> {
        let cell = slot(&self.keys, id);
        let book = cell
            .get_or_try_init(|| async {
                let user = self.user_book(owner).await?;
                let windows = self.windows(self.now());
                let counters = self.database.counters(Subject::Key(id), &windows).await?;
                Ok::<_, StoreError>(Arc::new(KeyBook::new(id, user, &counters, &windows)))
            })
            .await?;
        Ok(Arc::clone(book))
    }

    /// A user's book if it is loaded.
    #[must_use]
    pub fn loaded_user(&self, id: UserId) -> Option<Arc<UserBook>> {
        lock(&self.users).get(&id).and_then(|cell| cell.get().cloned())
    }

    /// A key's book if it is loaded.
    #[must_use]
    pub fn loaded_key(&self, id: KeyId) -> Option<Arc<KeyBook>> {
        lock(&self.keys).get(&id).and_then(|cell| cell.get().cloned())
    }

    /// Takes over a user's credit after it was changed in the database.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn credit_changed(&self, id: UserId) -> Result<(), StoreError> {
        let known = lock(&self.users).contains_key(&id);
        if !known {
            return Ok(());
        }
        // A load that is under way may have read the old figure: wait for it, then overwrite. One
        // at a time, so that the last to write has read what every change before it left.
        let book = self.user_book(id).await?;
        let _turn = self.credit_turn.lock().await;
        let user = self.database.user(id).await?;
        book.set_credited(credit(user.credit, user.credited));
        Ok(())
    }

    /// Sets a call's bound aside on every limit at once; where it does not fit, `shrink` may give
    /// a smaller bound for what is free.
    ///
    /// # Errors
    /// The limit that binds; nothing is set aside then.
    pub fn reserve(
        &self,
        book: &Arc<KeyBook>,
        caps: Caps,
        bound: Nanos,
        now: UnixMillis,
        shrink: impl FnOnce(Nanos) -> Option<Nanos>,
    ) -> Result<Reservation, Shortage> {
        let windows = self.windows(now);
        let held = book.reserve(caps, bound, now, &windows, shrink)?;
        Ok(Reservation::new(
            Arc::clone(&self.journal),
            Arc::clone(book),
            held,
            windows,
            self.options.exposure,
        ))
    }

    /// Waits until every call that is settled now is in the database; not for ever, though: what a
    /// database that is away did not take is in the journal.
    pub async fn flush(&self) {
        let sequence = self.journal.last_shippable();
        let shared = &self.journal.shared;
        let mut shipped = shared.shipped.subscribe();
        if *shipped.borrow() >= sequence {
            return;
        }
        shared.flush.notify_one();
        let done = shipped.wait_for(|reached| *reached >= sequence);
        if tokio::time::timeout(FLUSH_PATIENCE, done).await.is_err() {
            tracing::warn!(
                "the database did not take all finished calls in time; they stay in the journal"
            );
        }
    }

    /// Ships what is left and ends the journal in order. No call may be under way.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn close(&self) -> Result<(), JournalError> {
        if self.journal.is_sound() {
            self.flush().await;
        }
        let closed = self.journal.close();
        // A node that still owes something goes on keeping the books: only its own next start can pay.
        if matches!(closed, Ok(true))
            && let Err(error) = self.leave().await
        {
            tracing::warn!(%error, "the database could not be told that this node has ended");
        }
        self.database.close().await;
        closed.map(drop)
    }
}

impl Ledger {
    async fn leave(&self) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.end_node(self.node).await?;
        transaction.commit().await
    }
}

fn credit(credit: Credit, credited: Nanos) -> Option<Nanos> {
    match credit {
        Credit::Balance => Some(credited),
        Credit::Unlimited => None,
    }
}

fn lock<K, V>(
    books: &Loaded<K, V>,
) -> std::sync::MutexGuard<'_, HashMap<K, Arc<OnceCell<Arc<V>>>>> {
    books.lock().unwrap_or_else(PoisonError::into_inner)
}

fn slot<K: Hash + Eq, V>(books: &Loaded<K, V>, id: K) -> Arc<OnceCell<Arc<V>>> {
    Arc::clone(lock(books).entry(id).or_default())
}
