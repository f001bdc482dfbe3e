//! What ran, how long it took and how it ended.

use anyhow::Result;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::tally::Tally;

/// How a step that could be run ended.
pub(super) enum Outcome {
    /// It ran; these are its results.
    Ran(Tally),
    /// It could not be run here, and why.
    Skipped(String),
}

impl Outcome {
    /// One check that holds.
    pub(super) const fn passed() -> Self {
        Self::Ran(Tally { passed: 1, failed: 0, skipped: 0 })
    }

    /// One check that holds or does not.
    pub(super) const fn held(holds: bool) -> Self {
        Self::Ran(Tally { passed: holds as u64, failed: !holds as u64, skipped: 0 })
    }
}

/// All steps so far.
pub(super) struct Report {
    ci: bool,
    started: Instant,
    lines: Vec<String>,
    total: Tally,
}

impl Report {
    pub(super) fn new(ci: bool) -> Self {
        Self { ci, started: Instant::now(), lines: Vec::new(), total: Tally::default() }
    }

    /// Runs a step under its heading, unless there is a reason to leave it out. A step that fails
    /// does not keep the next from running.
    pub(super) fn check(
        &mut self,
        name: &str,
        left_out: Option<String>,
        step: impl FnOnce() -> Result<Outcome>,
    ) {
        let started = Instant::now();
        let outcome = match left_out {
            Some(why) => Ok(Outcome::Skipped(why)),
            None => {
                println!("\n=== {name} ===");
                step()
            }
        };
        let (tally, what) = match outcome {
            Ok(Outcome::Ran(tally)) => (tally, tally.to_string()),
            Ok(Outcome::Skipped(why)) => {
                (Tally { skipped: 1, ..Tally::default() }, format!("skipped: {why}"))
            }
            Err(error) => {
                println!("{name}: {error:#}");
                (Tally { failed: 1, ..Tally::default() }, format!("failed: {error:#}"))
            }
        };
        let time = seconds(started.elapsed());
        println!("--- {name}: {what} ({time})");
        self.lines.push(format!("{:>8}  {name}: {what}", time));
        self.total.add(tally);
    }

    /// Prints all of it; the last line is the totals alone.
    pub(super) fn end(self) -> ExitCode {
        println!("\n=== what ran ===");
        for line in &self.lines {
            println!("{line}");
        }
        println!("{:>8}  in all", seconds(self.started.elapsed()));
        let skipped_on_ci = self.ci && self.total.skipped > 0;
        if skipped_on_ci {
            println!("On the build machine nothing may be skipped.");
        }
        println!("{}", self.total);
        if self.total.failed == 0 && !skipped_on_ci { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
