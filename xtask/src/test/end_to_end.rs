//! Real clients against the real programs: SDKs for Python and Node.js, Claude Code, Codex.
//!
//! Each suite is a process of its own with a gateway of its own, and all of them run at once.

use anyhow::{Result, anyhow};
use std::process::Command;
use std::thread::JoinHandle;

use super::Run;
use super::binaries::Binaries;
use super::clients::{chromium, node_modules, python};
use super::report::Outcome;
use super::tally::Tally;
use crate::child::{Ended, collect};

/// A folder of `e2e/python/suites`.
#[derive(Clone, Copy)]
pub(super) struct Suite {
    folder: &'static str,
    pub(super) title: &'static str,
}

pub(super) const SUITES: [Suite; 7] = [
    Suite { folder: "python", title: "end to end: SDKs for Python" },
    Suite { folder: "node", title: "end to end: SDKs for Node.js" },
    Suite { folder: "claude", title: "end to end: Claude Code" },
    Suite { folder: "codex", title: "end to end: Codex" },
    Suite { folder: "companion", title: "end to end: the companion" },
    Suite { folder: "schema", title: "the API against its own description" },
    Suite { folder: "browser", title: "end to end: the console in a browser" },
];

/// All suites, running.
pub(super) struct Running(Vec<(&'static str, JoinHandle<Result<Ended>>)>);

impl Running {
    /// Brings what they need, and starts them.
    pub(super) fn start(run: &Run, binaries: &Binaries) -> Result<Self> {
        let python = python(&run.root)?;
        let sdks = node_modules(&run.root, "node")?;
        let agents = node_modules(&run.root, "agents")?;
        let chromium = chromium()?;
        let start = |suite: Suite| {
            let mut command = Command::new(&python);
            command.arg(run.root.join("e2e/python/run.py")).arg(suite.folder);
            command
                .args(run.filter.iter())
                .current_dir(&run.root)
                .env("TOLLKEEPER_BIN", &binaries.tollkeeper)
                .env("SIMULATED_PROVIDER_BIN", &binaries.simulated_provider)
                .env("SIMULATED_SITE_BIN", &binaries.simulated_site)
                .env("NODE_SDKS", &sdks)
                .env("AGENTS", &agents)
                .env("CHROMIUM", &chromium)
                .env("PYTHONDONTWRITEBYTECODE", "1");
            (suite.folder, std::thread::spawn(move || collect(&mut command)))
        };
        Ok(Self(SUITES.into_iter().map(start).collect()))
    }

    /// Waits for a suite, and shows what it printed.
    pub(super) fn end(&mut self, suite: Suite) -> Result<Outcome> {
        let at = self.0.iter().position(|(folder, _)| *folder == suite.folder);
        let (_, thread) = at.map(|at| self.0.remove(at)).ok_or_else(|| anyhow!("not started"))?;
        let ended = thread.join().map_err(|_| anyhow!("the suite's thread panicked"))??;
        print!("{}", ended.output);
        let tally = Tally::of_runner(&ended.output).unwrap_or_default();
        Ok(Outcome::Ran(tally.ended(ended.success)))
    }
}
