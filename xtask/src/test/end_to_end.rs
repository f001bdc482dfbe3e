//! Real clients against the real programs: so far OpenAI's SDK for Python.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Run;
use super::binaries::Binaries;
use super::debian;
use super::report::Outcome;
use super::tally::Tally;
use crate::child::{must, quiet, show};

pub(super) fn python(run: &Run, binaries: &Binaries) -> Result<Outcome> {
    let python = environment(&run.root)?;
    let mut command = Command::new(python);
    command.arg(run.root.join("e2e/python/run.py"));
    command.args(run.filter.iter());
    command
        .env("TOLLKEEPER_BIN", &binaries.tollkeeper)
        .env("SIMULATED_PROVIDER_BIN", &binaries.simulated_provider)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let ended = show(command.current_dir(&run.root))?;
    let tally = Tally::of_runner(&ended.output).unwrap_or_default();
    Ok(Outcome::Ran(tally.ended(ended.success)))
}

/// The interpreter of `e2e/.venv`, which has exactly what `requirements.txt` pins.
fn environment(root: &Path) -> Result<PathBuf> {
    let place = root.join("e2e/.venv");
    let requirements = root.join("e2e/python/requirements.txt");
    let installed = place.join("installed.txt");
    let python = place.join("bin/python");
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    if python.exists() && std::fs::read_to_string(&installed).is_ok_and(|done| done == wanted) {
        return Ok(python);
    }
    if quiet(Command::new("python3").args(["-c", "import ensurepip"])).is_none() {
        debian::install(&["python3", "python3-venv"])?;
    }
    must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    must(pip.args(["--require-hashes", "--only-binary=:all:", "-r"]).arg(&requirements))?;
    std::fs::write(installed, wanted)?;
    Ok(python)
}
