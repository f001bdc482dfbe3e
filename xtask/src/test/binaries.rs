//! The programs that the tests start, built once and set aside, so that no later build replaces
//! them under a running test.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

use super::Run;
use crate::child::{cargo, must};
use crate::repository;

/// Where each program lies.
pub(super) struct Binaries {
    pub(super) tollkeeper: PathBuf,
    /// The gateway with deliberate flaws, which the tests must catch.
    pub(super) flaws: PathBuf,
    pub(super) simulated_provider: PathBuf,
    pub(super) simulated_site: PathBuf,
}

impl Binaries {
    pub(super) fn build(run: &Run) -> Result<Self> {
        let target = repository::target(&run.root);
        let built = target.join("debug");
        // The flawed one first: what lies in the target directory afterwards is the good one.
        build(run, &["--features", "tollkeeper/flaws"])?;
        let flaws = set_aside(&built, "tollkeeper", &target.join("flaws"))?;
        build(run, &[])?;
        let aside = target.join("tested");
        Ok(Self {
            tollkeeper: set_aside(&built, "tollkeeper", &aside)?,
            flaws,
            simulated_provider: set_aside(&built, "simulated-provider", &aside)?,
            simulated_site: set_aside(&built, "simulated-site", &aside)?,
        })
    }
}

fn build(run: &Run, more: &[&str]) -> Result<()> {
    let mut command = cargo(&run.root);
    command.args(["build", "--locked", "-p", "tollkeeper", "-p", "tollkeeper-testkit", "--bins"]);
    must(command.args(more)).map(drop)
}

fn set_aside(built: &Path, name: &str, directory: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(directory)?;
    let (from, to) = (built.join(name), directory.join(name));
    // A copy over a program that still runs fails: it goes beside it and then takes its place.
    let fresh = directory.join(format!("{name}.new"));
    std::fs::copy(&from, &fresh)
        .and_then(|_| std::fs::rename(&fresh, &to))
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(to)
}
