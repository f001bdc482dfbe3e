//! The one binary: `tollkeeper VERB`. Each verb is a file in `commands/`.

mod commands;
mod output;
mod settings;

use std::process::ExitCode;

fn main() -> ExitCode {
    match commands::run(std::env::args_os()) {
        Ok(code) => code,
        Err(error) => {
            output::fail(&error);
            ExitCode::FAILURE
        }
    }
}
