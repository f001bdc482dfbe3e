//! The one binary: `tollkeeper VERB`. Each verb is a file in `commands/`.

mod commands;
mod output;
mod settings;

use std::process::ExitCode;

/// A call's records are made on a worker's thread and freed on the shipping one, which the system's
/// allocator answers with locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(feature = "flaws")]
    ledger::flaw::choose(std::env::var("TOLLKEEPER_FLAW").unwrap_or_default());
    match commands::run(std::env::args_os()) {
        Ok(code) => code,
        Err(error) => {
            output::fail(&error);
            ExitCode::FAILURE
        }
    }
}
