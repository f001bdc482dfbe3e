//! The time that the books go by.

use domain::time::UnixMillis;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A source of time; clones share it.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's wall clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is moved, for tests.
    #[must_use]
    pub fn manual(now: UnixMillis) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(now.get()))))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        match &self.0 {
            Source::System => {
                let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
                UnixMillis::new(
                    time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000),
                )
            }
            Source::Manual(now) => UnixMillis::new(now.load(Ordering::Relaxed)),
        }
    }

    /// Moves a manual clock; the system's cannot be moved.
    pub fn set(&self, now: UnixMillis) {
        if let Source::Manual(time) = &self.0 {
            time.store(now.get(), Ordering::Relaxed);
        }
    }
}
