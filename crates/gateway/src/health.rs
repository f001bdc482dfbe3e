//! Which channels and secrets are well: a circuit breaker each.

use domain::time::UnixMillis;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// Failures in a row that open the circuit.
const TOLERATED: u32 = 5;
/// The first pause of an open circuit; it doubles with each failed probe.
const FIRST_PAUSE: i64 = 5_000;
const LONGEST_PAUSE: i64 = 300_000;

/// The health of one channel's secret.
#[derive(Debug, Default)]
pub struct Health {
    failures: AtomicU32,
    /// Until then the circuit is open; the epoch: closed.
    open_until: AtomicI64,
}

impl Health {
    /// Whether a call may be sent. An open circuit lets one probe through after its pause.
    #[must_use]
    pub fn permits(&self, now: UnixMillis) -> bool {
        let until = self.open_until.load(Ordering::Acquire);
        if until == 0 {
            return true;
        }
        if now.get() < until {
            return false;
        }
        // Half open: whoever moves the end of the pause on sends the probe.
        let next = now.get().saturating_add(FIRST_PAUSE);
        self.open_until.compare_exchange(until, next, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// From 1.0 (well) to 0.0 (open circuit), for the choice among channels.
    #[must_use]
    pub fn score(&self, now: UnixMillis) -> f64 {
        if self.open_until.load(Ordering::Acquire) > now.get() {
            return 0.0;
        }
        1.0 / f64::from(1 + self.failures.load(Ordering::Relaxed))
    }

    /// Milliseconds until a call may be sent again; 0: now.
    #[must_use]
    pub fn rests_for(&self, now: UnixMillis) -> i64 {
        UnixMillis::new(self.open_until.load(Ordering::Acquire)).since(now)
    }

    /// A call went well: the circuit closes.
    pub fn succeeded(&self) {
        // Loads first: the usual case writes nothing that other cores hold.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.open_until.load(Ordering::Relaxed) != 0 {
            self.open_until.store(0, Ordering::Release);
        }
    }

    /// A call failed in a way that speaks against the channel.
    pub fn failed(&self, now: UnixMillis) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures >= TOLERATED {
            let doublings = (failures - TOLERATED).min(6);
            self.pause(now, (FIRST_PAUSE << doublings).min(LONGEST_PAUSE));
        }
    }

    /// The upstream asked for a pause, or refused the secret.
    pub fn pause(&self, now: UnixMillis, millis: i64) {
        self.open_until.fetch_max(now.get().saturating_add(millis), Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_open_the_circuit_and_one_probe_may_close_it() {
        let health = Health::default();
        let now = UnixMillis::new(1_000_000);
        for _ in 0..4 {
            health.failed(now);
            assert!(health.permits(now));
        }
        health.failed(now);
        assert!(!health.permits(now.plus(4_999)));
        assert!(health.permits(now.plus(5_000)));
        assert!(!health.permits(now.plus(5_001)), "one probe at a time");
        health.succeeded();
        assert!(health.permits(now.plus(5_002)));
        assert!((health.score(now) - 1.0).abs() < f64::EPSILON);
    }
}
