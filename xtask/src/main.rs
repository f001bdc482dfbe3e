//! The workshop: what a developer and the build machine run as `cargo xtask VERB`. One verb, one
//! file.

mod bench;
mod child;
mod repository;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask tidy [--fix]              the house's rules, each finding with file and line
cargo xtask test [--quick] [FILTER]   everything that has to hold; FILTER: only tests of that name
cargo xtask bench [ARGUMENTS]         tollkeeper beside a bare proxy (see bench/src/main.rs)
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().unwrap_or_default();
    match run(&verb, arguments.collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{verb}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: &str, arguments: Vec<String>) -> Result<ExitCode> {
    match verb {
        "tidy" => tidy::command(&arguments),
        "test" => test::command(&arguments),
        "bench" => bench::command(&arguments),
        "" | "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("unknown verb\n\n{HELP}"),
    }
}
