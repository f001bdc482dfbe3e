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

#[cfg(test)]
mod tests {
    #[test]
    fn the_program_has_no_profile_of_its_own_that_would_keep_its_symbols() {
        let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
        let release = &manifest["profile"]["release"];
        assert_eq!(release["strip"].as_bool(), Some(true));
        assert!(release["package"].get("tollkeeper").is_none(), "see crates/tollkeeper");
    }
}
