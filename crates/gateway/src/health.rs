//! Which channels and secrets are well: a circuit breaker each.

use domain::time::UnixMillis;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};

/// Failures in a row that open the circuit.
const TOLERATED: u32 = 5;
/// The first pause of an open circuit; it doubles with each failed probe.
const FIRST_PAUSE: i64 = 5_000;
const LONGEST_PAUSE: i64 = 300_000;
/// A secret whose account has nothing left rests so long, unless a test finds it well before.
const QUOTA_PAUSE: i64 = 3_600_000;

/// The health of one channel's secret.
#[derive(Debug, Default)]
pub struct Health {
    failures: AtomicU32,
    /// Until then the circuit is open; the epoch: closed.
    open_until: AtomicI64,
    /// The last failure since a call went well: an index into [`Trouble::ALL`], plus one.
    trouble: AtomicU8,
}

/// What was the matter when a call last failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The provider refused the secret.
    Refused,
    /// The secret's account has nothing left.
    Quota,
    /// The provider wanted a pause.
    RateLimited,
    /// The provider failed, or could not be reached.
    Failed,
    /// The provider did not answer in time.
    TooSlow,
}

impl Trouble {
    const ALL: [Self; 5] =
        [Self::Refused, Self::Quota, Self::RateLimited, Self::Failed, Self::TooSlow];

    /// The code in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused => "secret_refused",
            Self::Quota => "quota_exhausted",
            Self::RateLimited => "rate_limited",
            Self::Failed => "failed",
            Self::TooSlow => "timed_out",
        }
    }
}

/// Whether a secret is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Healthy,
    /// The next call will show whether it works again.
    HalfOpen,
    /// Not until its rest is over.
    Resting,
}

impl State {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::HalfOpen => "half_open",
            Self::Resting => "resting",
        }
    }

    /// The value of the metric: higher is worse.
    #[must_use]
    pub const fn gauge(self) -> f64 {
        match self {
            Self::Healthy => 0.0,
            Self::HalfOpen => 1.0,
            Self::Resting => 2.0,
        }
    }
}

impl Health {
    /// Whether a call may be sent. An open circuit lets one probe through after its pause.
    #[must_use]
    pub fn permits(&self, now: impl FnOnce() -> UnixMillis) -> bool {
        let until = self.open_until.load(Ordering::Acquire);
        if until == 0 {
            return true;
        }
        let now = now();
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

    /// Whether it is used, and until when it rests.
    #[must_use]
    pub fn state(&self, now: UnixMillis) -> (State, Option<UnixMillis>) {
        match self.open_until.load(Ordering::Acquire) {
            0 => (State::Healthy, None),
            until if until > now.get() => (State::Resting, Some(UnixMillis::new(until))),
            _ => (State::HalfOpen, None),
        }
    }

    /// What was the matter when a call last failed, unless one went well since.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        let index = usize::from(self.trouble.load(Ordering::Relaxed)).checked_sub(1)?;
        Trouble::ALL.get(index).copied()
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
        if self.trouble.load(Ordering::Relaxed) != 0 {
            self.trouble.store(0, Ordering::Relaxed);
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

    /// The upstream asked for a pause.
    pub fn pause(&self, now: UnixMillis, millis: i64) {
        self.open_until.fetch_max(now.get().saturating_add(millis), Ordering::AcqRel);
    }

    /// The secret's account has nothing left: an hour's rest, or until a test finds it well.
    pub fn exhausted(&self, now: UnixMillis) {
        self.pause(now, QUOTA_PAUSE);
    }

    /// Notes what was the matter with a call, for whoever looks.
    pub fn note(&self, trouble: Trouble) {
        let index = Trouble::ALL.iter().position(|known| *known == trouble).unwrap_or(0);
        self.trouble.store(u8::try_from(index + 1).unwrap_or(0), Ordering::Relaxed);
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
            assert!(health.permits(|| now));
        }
        health.failed(now);
        assert!(!health.permits(|| now.plus(4_999)));
        assert!(health.permits(|| now.plus(5_000)));
        assert!(!health.permits(|| now.plus(5_001)), "one probe at a time");
        health.succeeded();
        assert!(health.permits(|| now.plus(5_002)));
        assert!((health.score(now) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn an_empty_account_rests_for_an_hour_or_until_it_is_found_well() {
        let health = Health::default();
        let now = UnixMillis::new(1_000_000);
        health.note(Trouble::Quota);
        health.exhausted(now);
        assert_eq!(health.state(now), (State::Resting, Some(now.plus(3_600_000))));
        assert_eq!(health.trouble(), Some(Trouble::Quota));
        assert!(!health.permits(|| now.plus(3_599_999)));
        assert_eq!(health.state(now.plus(3_600_000)), (State::HalfOpen, None));
        health.succeeded();
        assert_eq!((health.state(now), health.trouble()), ((State::Healthy, None), None));
    }

    #[test]
    fn every_trouble_is_remembered_as_itself() {
        let health = Health::default();
        for trouble in Trouble::ALL {
            health.note(trouble);
            assert_eq!(health.trouble(), Some(trouble));
        }
    }
}
