//! The command line: `tollkeeper VERB`. Each verb is a file in `commands/`.

mod commands;
mod output;
mod settings;

use std::process::ExitCode;

/// The whole program: what was asked on the command line, done.
#[must_use]
pub fn main() -> ExitCode {
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
