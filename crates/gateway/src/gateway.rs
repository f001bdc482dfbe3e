//! What the whole data plane shares, and what each worker has for itself.

use arc_swap::ArcSwap;
use domain::id::UserId;
use domain::key::KeyHasher;
use domain::network::AddressRange;
use hashbrown::HashMap;
use ledger::Ledger;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::deployment::Fact;
use store::{Database, StoreError};
use tokio::sync::{Notify, Semaphore};

use crate::authenticate::Strangers;
use crate::catalog::{Catalog, ChannelEntry};
use crate::directory::Directory;
use crate::egress::EgressPolicy;
use crate::idempotency::Idempotency;
use crate::metrics::Meters;
use crate::seal::Sealer;
use crate::stored::StoredObjects;
use crate::upstream::{Proxy, UpstreamClient};
use crate::watch::SecretGauges;

/// How the data plane behaves.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// The largest request body, in bytes.
    pub max_body: usize,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Arc<[AddressRange]>,
    /// Where upstreams may be.
    pub egress: EgressPolicy,
    /// Until an upstream is connected.
    pub connect_timeout: Duration,
    /// Until the first byte of an answer.
    pub first_byte_timeout: Duration,
    /// Between two bytes of an answer.
    pub idle_timeout: Duration,
    /// For a whole call.
    pub total_timeout: Duration,
    /// For how long an answer is read on whose client went away.
    pub drain_timeout: Duration,
    /// How many such answers are read on at once.
    pub drain_calls: usize,
    /// Unknown credentials that one address may try in a minute.
    pub strangers_per_minute: u32,
    /// Long streams note their usage this often.
    pub checkpoint_every: Duration,
    /// The least output that is left when a maximum is lowered.
    pub lowered_floor: u64,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self {
            max_body: 32 * 1024 * 1024,
            trusted_proxies: Arc::default(),
            egress: EgressPolicy::default(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(120),
            total_timeout: Duration::from_secs(1_800),
            drain_timeout: Duration::from_secs(60),
            drain_calls: 64,
            strangers_per_minute: 600,
            checkpoint_every: Duration::from_secs(2),
            lowered_floor: 256,
        }
    }
}

/// What the whole data plane shares.
pub struct Gateway {
    /// The database, for what is loaded at first use.
    pub database: Database,
    /// The exact books.
    pub ledger: Arc<Ledger>,
    /// Who may call.
    pub directory: Directory,
    /// What can be called.
    pub catalog: ArcSwap<Catalog>,
    /// Hashes presented keys.
    pub hasher: KeyHasher,
    /// Opens and seals upstream secrets.
    pub sealer: Sealer,
    /// How it behaves.
    pub options: GatewayOptions,
    /// Counters and timings.
    pub meters: Meters,
    pub(crate) strangers: Strangers,
    pub(crate) idempotency: Idempotency,
    pub(crate) stored: StoredObjects,
    pub(crate) drains: Arc<Semaphore>,
    pub(crate) secret_gauges: SecretGauges,
    draining: AtomicBool,
    under_way: AtomicUsize,
    idle: Notify,
}

impl Gateway {
    /// Reads channels, groups and prices. Keys and their owners are read at their first use.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn open(
        database: Database,
        ledger: Arc<Ledger>,
        hasher: KeyHasher,
        sealer: Sealer,
        options: GatewayOptions,
    ) -> Result<Arc<Self>, StoreError> {
        let catalog = Catalog::load(&database, &sealer, &Catalog::default()).await?;
        let directory = Directory::default();
        if database.fact(Fact::ImportedKeys).await?.is_some() {
            directory.expect_imported();
        }
        Ok(Arc::new(Self {
            database,
            ledger,
            directory,
            catalog: ArcSwap::from_pointee(catalog),
            hasher,
            sealer,
            meters: Meters::new(),
            strangers: Strangers::new(options.strangers_per_minute),
            idempotency: Idempotency::default(),
            stored: StoredObjects::default(),
            drains: Arc::new(Semaphore::new(options.drain_calls)),
            secret_gauges: SecretGauges::default(),
            draining: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            idle: Notify::new(),
            options,
        }))
    }

    /// Takes over channels, groups and prices after they were changed in the database.
    ///
    /// # Errors
    /// When the database is unavailable; the old ones stay in force.
    pub async fn catalog_changed(&self) -> Result<(), StoreError> {
        let fresh = Catalog::load(&self.database, &self.sealer, &self.catalog.load()).await?;
        self.catalog.store(Arc::new(fresh));
        Ok(())
    }

    /// Whether calls are admitted: the books can be written and nobody asked us to stop.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_draining() && self.ledger.admits()
    }

    /// Whether no further call is taken.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Takes no further call.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// How many calls are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Acquire)
    }

    /// Waits until no call is under way.
    pub async fn finished(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.under_way() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Takes over a user's rights and credit after they were changed in the database.
    ///
    /// # Errors
    /// When the database is unavailable; then none of their keys makes a call before both were read
    /// anew.
    pub async fn user_changed(&self, id: UserId) -> Result<(), StoreError> {
        // The money first: while it is not known, the rest is of no use.
        let credit = self.ledger.credit_changed(id).await;
        credit.inspect_err(|_| self.directory.doubt_user(id))?;
        self.directory.user_changed(&self.database, id).await
    }

    /// Reads what a change left in doubt anew, so that the calls of a key that was revoked end even
    /// if nobody uses it.
    ///
    /// # Errors
    /// When the database is unavailable still.
    pub async fn settle_doubts(&self) -> Result<(), StoreError> {
        let (keys, users) = self.directory.doubts();
        for user in users {
            self.user_changed(user).await?;
        }
        if keys.is_empty() {
            return Ok(());
        }
        self.directory.keys_changed(&self.database, &keys).await
    }

    pub(crate) fn enter(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        UnderWay(Arc::clone(self))
    }
}

/// A call under way; dropped, it is over.
pub(crate) struct UnderWay(Arc<Gateway>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.0.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// What one worker thread uses: the shared state, and connections of its own.
#[derive(Clone)]
pub struct Worker {
    /// The shared state.
    pub gateway: Arc<Gateway>,
    upstream: UpstreamClient,
    others: Arc<Others>,
}

/// Clients for channels that set their own time to connect or are behind a proxy, and what it takes
/// to make another.
struct Others {
    clients: Mutex<HashMap<WayOut, UpstreamClient>>,
    tls: Arc<rustls::ClientConfig>,
}

impl Worker {
    /// A worker with connections of its own.
    #[must_use]
    pub fn new(gateway: Arc<Gateway>, tls: Arc<rustls::ClientConfig>) -> Self {
        let options = &gateway.options;
        let upstream =
            UpstreamClient::new(options.egress.clone(), Arc::clone(&tls), options.connect_timeout);
        let others = Arc::new(Others { clients: Mutex::default(), tls });
        Self { upstream, gateway, others }
    }

    /// The worker's connections to a channel: made within the channel's own time and through its
    /// own proxy, if it sets them.
    #[must_use]
    pub fn upstream(&self, channel: &ChannelEntry) -> UpstreamClient {
        let (own_timeout, proxy) = (channel.timeouts.connect_ms, &channel.proxy);
        if own_timeout.is_none() && proxy.is_none() {
            return self.upstream.clone();
        }
        let options = &self.gateway.options;
        let timeout = own_timeout.map_or(options.connect_timeout, Duration::from_millis);
        let Others { clients, tls } = &*self.others;
        let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of channels that were edited since are not kept for ever; calls under way have theirs.
        if clients.len() >= MOST_WAYS_OUT {
            clients.clear();
        }
        let make = || {
            let tls = Arc::clone(tls);
            UpstreamClient::through(proxy.clone(), options.egress.clone(), tls, timeout)
        };
        clients.entry((timeout, proxy.clone())).or_insert_with(make).clone()
    }
}

/// How long a connection may take, and through which proxy it goes.
type WayOut = (Duration, Option<Proxy>);

/// More clients than this are not kept beside the usual one.
const MOST_WAYS_OUT: usize = 256;
