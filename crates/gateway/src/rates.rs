//! Requests a minute, tokens a minute and calls under way at once, per key.

use domain::policy::RateLimits;
use domain::time::UnixMillis;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const MINUTE: i64 = 60_000_000;

/// The state behind a key's rate limits.
#[derive(Debug, Default)]
pub struct Rates {
    buckets: Mutex<Buckets>,
    parallel: AtomicU32,
}

/// Both buckets in microseconds: the time at which they would be full again.
#[derive(Debug, Default)]
struct Buckets {
    requests_full_at: i64,
    tokens_full_at: i64,
}

/// A rate limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateShortage {
    /// Requests a minute; seconds until the next may come.
    Requests(u64),
    /// Tokens a minute; seconds until as many as asked for are free.
    Tokens(u64),
    /// Calls under way at once.
    Parallel,
}

/// One of the calls under way; dropped, it makes room for another.
#[derive(Debug)]
pub struct ParallelGuard(Arc<Rates>);

impl Drop for ParallelGuard {
    fn drop(&mut self) {
        self.0.parallel.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Rates {
    /// Counts a call with about this many input tokens against the limits: all or nothing.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn admit(
        self: &Arc<Self>,
        limits: &RateLimits,
        tokens: u64,
        now: UnixMillis,
    ) -> Result<ParallelGuard, RateShortage> {
        let guard = self.enter(limits.parallel)?;
        if limits.requests_per_minute.is_none() && limits.tokens_per_minute.is_none() {
            return Ok(guard);
        }
        let now = now.get().saturating_mul(1_000);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut requests_full_at = buckets.requests_full_at.max(now);
        if let Some(limit) = limits.requests_per_minute {
            requests_full_at += MINUTE / i64::from(limit.max(1));
            // GCRA: the bucket holds a minute's worth, so as many as the limit may come at once.
            let wait = requests_full_at - now - MINUTE;
            if limit == 0 || wait > 0 {
                return Err(RateShortage::Requests(if limit == 0 { 60 } else { seconds(wait) }));
            }
        }
        let mut tokens_full_at = buckets.tokens_full_at.max(now);
        if let Some(limit) = limits.tokens_per_minute {
            let cost = time_for(tokens, limit);
            // A call larger than a whole minute's worth may start on a full bucket.
            let wait = tokens_full_at + cost.min(MINUTE) - now - MINUTE;
            if limit == 0 || wait > 0 {
                return Err(RateShortage::Tokens(if limit == 0 { 60 } else { seconds(wait) }));
            }
            tokens_full_at = tokens_full_at.saturating_add(cost);
        }
        buckets.requests_full_at = requests_full_at;
        buckets.tokens_full_at = tokens_full_at;
        Ok(guard)
    }

    /// Gives back what [`Rates::admit`] took for a call that was refused after all.
    pub fn give_back(&self, limits: &RateLimits, tokens: u64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limit) = limits.requests_per_minute.filter(|limit| *limit > 0) {
            buckets.requests_full_at =
                buckets.requests_full_at.saturating_sub(MINUTE / i64::from(limit));
        }
        if let Some(limit) = limits.tokens_per_minute.filter(|limit| *limit > 0) {
            buckets.tokens_full_at = buckets.tokens_full_at.saturating_sub(time_for(tokens, limit));
        }
    }

    /// Corrects what [`Rates::admit`] took for tokens to what a call really used.
    pub fn correct(&self, limits: &RateLimits, taken: u64, used: u64) {
        let Some(limit) = limits.tokens_per_minute.filter(|limit| *limit > 0) else {
            return;
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.tokens_full_at = buckets
            .tokens_full_at
            .saturating_add(time_for(used, limit))
            .saturating_sub(time_for(taken, limit));
    }

    fn enter(self: &Arc<Self>, limit: Option<u32>) -> Result<ParallelGuard, RateShortage> {
        let most = limit.unwrap_or(u32::MAX);
        let enter = |running: u32| (running < most).then(|| running + 1);
        match self.parallel.fetch_update(Ordering::AcqRel, Ordering::Acquire, enter) {
            Ok(_) => Ok(ParallelGuard(Arc::clone(self))),
            Err(_) => Err(RateShortage::Parallel),
        }
    }
}

fn time_for(tokens: u64, per_minute: u64) -> i64 {
    let micros = u128::from(tokens) * 60_000_000 / u128::from(per_minute.max(1));
    i64::try_from(micros).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

fn seconds(micros: i64) -> u64 {
    u64::try_from(micros.saturating_add(999_999) / 1_000_000).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> UnixMillis {
        UnixMillis::new(1_700_000_000_000 + millis)
    }

    #[test]
    fn three_a_minute_come_at_once_and_then_one_every_twenty_seconds() {
        let rates = Arc::new(Rates::default());
        let limits = RateLimits { requests_per_minute: Some(3), ..RateLimits::default() };
        let admit = |millis| rates.admit(&limits, 0, at(millis)).map(|_| ());
        assert_eq!([admit(0), admit(0), admit(0)], [Ok(()); 3]);
        assert_eq!(admit(0), Err(RateShortage::Requests(20)));
        assert_eq!(admit(19_999), Err(RateShortage::Requests(1)));
        assert_eq!(admit(20_000), Ok(()));
        assert_eq!(admit(20_000), Err(RateShortage::Requests(20)));
    }

    #[test]
    fn tokens_are_corrected_and_may_go_below_zero() {
        let rates = Arc::new(Rates::default());
        let limits = RateLimits { tokens_per_minute: Some(600), ..RateLimits::default() };
        let admit = |tokens, millis| rates.admit(&limits, tokens, at(millis)).map(|_| ());
        assert_eq!(admit(100, 0), Ok(()));
        rates.correct(&limits, 100, 1_200);
        assert_eq!(admit(1, 0), Err(RateShortage::Tokens(61)));
        assert_eq!(admit(600, 120_000), Ok(()));
    }

    #[test]
    fn parallel_calls_make_room_when_they_end() {
        let rates = Arc::new(Rates::default());
        let limits = RateLimits { parallel: Some(1), ..RateLimits::default() };
        let first = rates.admit(&limits, 0, at(0)).unwrap();
        assert_eq!(rates.admit(&limits, 0, at(0)).map(|_| ()), Err(RateShortage::Parallel));
        drop(first);
        assert!(rates.admit(&limits, 0, at(0)).is_ok());
    }

    #[test]
    fn a_call_that_is_refused_later_gives_back_what_it_took() {
        let rates = Arc::new(Rates::default());
        let limits = RateLimits {
            requests_per_minute: Some(1),
            tokens_per_minute: Some(10),
            parallel: None,
        };
        for _ in 0..5 {
            assert!(rates.admit(&limits, 10, at(0)).is_ok());
            rates.give_back(&limits, 10);
        }
    }

    #[test]
    fn a_refused_call_takes_nothing() {
        let rates = Arc::new(Rates::default());
        let limits = RateLimits {
            requests_per_minute: Some(1),
            tokens_per_minute: Some(1),
            parallel: Some(1),
        };
        assert!(rates.admit(&limits, 1, at(0)).is_ok());
        assert!(rates.admit(&limits, 1, at(1)).is_err());
        assert!(rates.admit(&limits, 1, at(60_001)).is_ok());
    }
}
