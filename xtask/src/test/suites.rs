//! Unit, integration and documentation tests, all through cargo.

use anyhow::Result;

use super::Run;
use super::binaries::Binaries;
use super::postgres::Postgres;
use super::report::Outcome;
use super::tally::Tally;
use crate::child::{cargo, show};

pub(super) fn cargo_tests(run: &Run, binaries: &Binaries, postgres: &Postgres) -> Result<Outcome> {
    let mut command = cargo(&run.root);
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    if let Some(filter) = &run.filter {
        command.args(["--", filter]);
    }
    command
        .env("TOLLKEEPER_BIN", &binaries.tollkeeper)
        // They wait for servers and databases most of the time.
        .env("RUST_TEST_THREADS", threads().to_string())
        .env("TOLLKEEPER_FLAWS_BIN", &binaries.flaws)
        .env("SIMULATED_PROVIDER_BIN", &binaries.simulated_provider)
        .env("TOLLKEEPER_TEST_POSTGRES", postgres.url())
        .env("INSTA_UPDATE", "no");
    let ended = show(&mut command)?;
    Ok(Outcome::Ran(Tally::of_cargo(&ended.output).ended(ended.success)))
}

fn threads() -> usize {
    2 * std::thread::available_parallelism().map_or(2, usize::from)
}
