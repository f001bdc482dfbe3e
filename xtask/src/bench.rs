//! `cargo xtask bench`: build what is measured without debug code, and measure it.

use anyhow::Result;
use std::process::{Command, ExitCode};

use crate::child::{cargo, must, show};
use crate::repository;

pub(crate) fn command(arguments: &[String]) -> Result<ExitCode> {
    let root = repository::root()?;
    let mut build = cargo(&root);
    build.args(["build", "--release", "-p", "tollkeeper", "-p", "tollkeeper-bench", "--bins"]);
    must(&mut build)?;
    let built = repository::target(&root).join("release");
    let mut bench = Command::new(built.join("tollkeeper-bench"));
    bench.arg("run").args(arguments);
    if !arguments.iter().any(|argument| argument == "--binary") {
        bench.arg("--binary").arg(built.join("tollkeeper"));
    }
    let ended = show(bench.current_dir(&root))?;
    Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
