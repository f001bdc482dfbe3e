//! Idle connections of one worker.

use hashbrown::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

use super::exchange::Exchange;

/// A connection is kept so long after its last use.
const KEPT: Duration = Duration::from_secs(60);
/// How often the idle ones are looked through.
const LOOK: Duration = Duration::from_secs(15);
/// More than this are not kept for one origin.
const MOST: usize = 1_024;

/// The idle connections, by origin.
#[derive(Default)]
pub(super) struct Pool {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    idle: HashMap<Arc<str>, Vec<Idle>>,
    /// A task looks through them.
    watched: bool,
}

struct Idle {
    exchange: Box<Exchange>,
    since: Instant,
}

impl Pool {
    /// The connection to an origin that was used last and can be used again.
    pub(super) fn take(&self, origin: &str) -> Option<Box<Exchange>> {
        loop {
            let mut idle = self.lock().idle.get_mut(origin)?.pop()?;
            if idle.exchange.is_usable() {
                return Some(idle.exchange);
            }
        }
    }

    /// Keeps a connection, if it can be used again.
    pub(super) fn put(self: &Arc<Self>, mut exchange: Box<Exchange>) {
        if !exchange.is_usable() {
            return;
        }
        let mut inner = self.lock();
        let idle = inner.idle.entry(Arc::clone(exchange.origin())).or_default();
        if idle.len() < MOST {
            idle.push(Idle { exchange, since: Instant::now() });
        }
        if !inner.watched && tokio::runtime::Handle::try_current().is_ok() {
            inner.watched = true;
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    /// Drops those that were closed at the other end or not used for long. False: none is left.
    fn look_through(&self) -> bool {
        let mut inner = self.lock();
        inner.idle.retain(|_, idle| {
            idle.retain_mut(|idle| idle.since.elapsed() < KEPT && idle.exchange.is_usable());
            !idle.is_empty()
        });
        inner.watched = !inner.idle.is_empty();
        inner.watched
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn watch(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !pool.upgrade().is_some_and(|pool| pool.look_through()) {
            return;
        }
    }
}
