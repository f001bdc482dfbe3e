//! Failures of guessers, per account and per address, and how long further tries have to wait.
//!
//! A try is counted before it is examined, so that many at once cannot slip through together; who
//! turns out to be right gets theirs back. The rows outlive a restart.

use domain::time::UnixMillis;
use sqlx::Row;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// How patient one is with a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Failures without consequence.
    pub free: i64,
    /// The longest wait, in milliseconds. Waits double from one second up to it.
    pub longest: i64,
}

/// Failures are forgotten after a day without any, in milliseconds.
const FORGOTTEN: i64 = 24 * 3_600_000;

impl Patience {
    /// How long to wait after so many failures, in milliseconds.
    #[must_use]
    pub fn wait(self, failures: i64) -> i64 {
        let beyond = failures.saturating_sub(self.free);
        if beyond < 0 {
            return 0;
        }
        let doubled = 1_000_i64.checked_shl(u32::try_from(beyond.min(40)).unwrap_or(40));
        doubled.unwrap_or(i64::MAX).min(self.longest)
    }
}

impl Database {
    /// Counts a try. If it has to wait, the time until then is given, and it is not counted.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn count_attempt(
        &self,
        subject: &str,
        patience: Patience,
        now: UnixMillis,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let mut transaction = self.begin().await?;
        let (failures, last_at, blocked_until) = transaction.attempts(subject, now).await?;
        if blocked_until > now {
            return Ok(Some(blocked_until));
        }
        let failures = if now.since(last_at) > FORGOTTEN { 1 } else { failures.saturating_add(1) };
        let until = now.plus(patience.wait(failures));
        transaction.set_attempts(subject, failures, now, until).await?;
        transaction.commit().await?;
        Ok(None)
    }
}

impl Transaction {
    /// Takes back a try that was none of a guesser's.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn forgive_attempt(
        &mut self,
        subject: &str,
        patience: Patience,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let (failures, last_at, _) = self.attempts(subject, now).await?;
        let failures = failures.saturating_sub(1).max(0);
        let until = last_at.plus(patience.wait(failures));
        // Of the tries that are left, the last was earlier: its wait began before.
        let until = if failures == 0 { UnixMillis::default() } else { until };
        self.set_attempts(subject, failures, last_at, until).await
    }

    /// Forgets the failures of a subject, and those of everybody from long ago.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn clear_attempts(
        &mut self,
        subject: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM attempts WHERE subject = $1 OR last_at < $2")
            .bind(subject)
            .bind(now.get().saturating_sub(FORGOTTEN))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// A subject's failures, when the last was, and until when it waits; others wait meanwhile.
    async fn attempts(
        &mut self,
        subject: &str,
        now: UnixMillis,
    ) -> Result<(i64, UnixMillis, UnixMillis), StoreError> {
        let row = sqlx::query(
            "INSERT INTO attempts (subject, failures, last_at, blocked_until) VALUES ($1, 0, $2, 0) \
             ON CONFLICT (subject) DO UPDATE SET failures = attempts.failures \
             RETURNING failures, last_at, blocked_until",
        )
        .bind(subject)
        .bind(now.get())
        .fetch_one(self.connection())
        .await?;
        let time = |column: &str| row.try_get::<i64, _>(column).map(UnixMillis::new);
        Ok((row.try_get("failures")?, time("last_at")?, time("blocked_until")?))
    }

    async fn set_attempts(
        &mut self,
        subject: &str,
        failures: i64,
        last_at: UnixMillis,
        until: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE attempts SET failures = $1, last_at = $2, blocked_until = $3 WHERE subject = $4",
        )
        .bind(failures)
        .bind(last_at.get())
        .bind(until.get())
        .bind(subject)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let patience = Patience { free: 5, longest: 60_000 };
        let waits: Vec<i64> =
            [0, 4, 5, 6, 7, 10, 11, 1_000, i64::MAX].map(|n| patience.wait(n)).into();
        assert_eq!(waits, [0, 0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
    }
}
