//! Counts of passed, failed and skipped, read from what test programs print.

use std::fmt;

/// How many tests or checks ended in each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Tally {
    pub(super) const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Adds up cargo's lines `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(super) fn of_cargo(output: &str) -> Self {
        let lines = output.lines().filter_map(|line| line.trim().strip_prefix("test result: "));
        Self::sum(lines, ';', "ignored")
    }

    /// Reads the line `3 passed, 0 failed, 1 skipped` that our own runners end with.
    pub(super) fn of_runner(output: &str) -> Option<Self> {
        let last = output.lines().rev().find(|line| !line.trim().is_empty())?;
        let is_tally = ["passed", "failed", "skipped"].iter().all(|word| last.contains(word));
        is_tally.then(|| Self::sum(std::iter::once(last), ',', "skipped"))
    }

    /// This tally of a program that ended so: one that failed without a failed test (it did not
    /// build, or was killed) counts as a failure.
    pub(super) const fn ended(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    fn sum<'a>(lines: impl Iterator<Item = &'a str>, separator: char, skipped: &str) -> Self {
        let mut tally = Self::default();
        for part in lines.flat_map(|line| line.split([separator, '.'])) {
            let mut words = part.split_whitespace();
            let Some(Ok(count)) = words.next().map(str::parse::<u64>) else { continue };
            match words.next() {
                Some("passed") => tally.passed += count,
                Some("failed") => tally.failed += count,
                Some(word) if word == skipped => tally.skipped += count,
                _ => {}
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_added_up() {
        let output = "test a ... ok\ntest result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n\ntest result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out; finished in 1.00s\n";
        assert_eq!(Tally::of_cargo(output), Tally { passed: 15, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_runner_is_read_by_its_last_line() {
        let tally = Tally { passed: 5, failed: 1, skipped: 2 };
        assert_eq!(Tally::of_runner("x\n5 passed, 1 failed, 2 skipped\n"), Some(tally));
        assert_eq!(Tally::of_runner(&tally.to_string()), Some(tally));
        assert_eq!(Tally::of_runner("Traceback\n"), None);
    }

    #[test]
    fn a_failure_without_a_failed_test_counts() {
        assert_eq!(Tally::default().ended(false).failed, 1);
        assert_eq!(Tally { failed: 2, ..Tally::default() }.ended(false).failed, 2);
        assert_eq!(Tally::default().ended(true), Tally::default());
    }
}
