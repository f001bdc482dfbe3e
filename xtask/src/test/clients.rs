//! What the end-to-end suites' clients need: a Python with pinned packages, and what npm's lock
//! files pin. Each is brought once and kept until what pins it changes.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian;
use crate::child::{must, quiet};
use crate::repository;

/// The interpreter of `e2e/.venv`, which has exactly what `requirements.txt` pins.
pub(super) fn python(root: &Path) -> Result<PathBuf> {
    let place = root.join("e2e/.venv");
    let requirements = root.join("e2e/python/requirements.txt");
    let python = place.join("bin/python");
    let pinned = Pinned::read(&requirements, &place)?;
    if python.exists() && pinned.is_there() {
        return Ok(python);
    }
    if quiet(Command::new("python3").args(["-c", "import ensurepip"])).is_none() {
        debian::install(&["python3", "python3-venv"])?;
    }
    must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    must(pip.args(["--require-hashes", "--only-binary=:all:", "-r"]).arg(&requirements))?;
    pinned.note()?;
    Ok(python)
}

/// A copy of a folder of `e2e` in the target directory, with the packages that its
/// `package-lock.json` pins. Their own install scripts are not run.
pub(super) fn node_modules(root: &Path, folder: &str) -> Result<PathBuf> {
    let source = root.join("e2e").join(folder);
    let place = repository::target(root).join("e2e").join(folder);
    std::fs::create_dir_all(&place)?;
    for entry in std::fs::read_dir(&source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), place.join(entry.file_name()))?;
        }
    }
    let pinned = Pinned::read(&source.join("package-lock.json"), &place)?;
    if pinned.is_there() {
        return Ok(place);
    }
    if quiet(Command::new("npm").arg("--version")).is_none() {
        debian::install(&["nodejs", "npm"])?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    must(npm.current_dir(&place))?;
    pinned.note()?;
    Ok(place)
}

/// Debian's Chromium, which the console is walked through with.
pub(super) fn chromium() -> Result<PathBuf> {
    let place = PathBuf::from("/usr/bin/chromium");
    if !place.exists() {
        debian::install(&["chromium", "fonts-noto-cjk"])?;
    }
    Ok(place)
}

/// What a place has to have, and the note there of what it has.
struct Pinned {
    wanted: String,
    note: PathBuf,
}

impl Pinned {
    fn read(pins: &Path, place: &Path) -> Result<Self> {
        let wanted = std::fs::read_to_string(pins)
            .with_context(|| format!("cannot read {}", pins.display()))?;
        Ok(Self { wanted, note: place.join("installed.txt") })
    }

    fn is_there(&self) -> bool {
        std::fs::read_to_string(&self.note).is_ok_and(|done| done == self.wanted)
    }

    fn note(&self) -> Result<()> {
        std::fs::write(&self.note, &self.wanted)
            .with_context(|| format!("cannot write {}", self.note.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_is_brought_again_when_it_changes() {
        let place = tempfile::tempdir().unwrap();
        let pins = place.path().join("pins");
        std::fs::write(&pins, "a==1").unwrap();
        let pinned = Pinned::read(&pins, place.path()).unwrap();
        assert!(!pinned.is_there());
        pinned.note().unwrap();
        assert!(pinned.is_there());
        std::fs::write(&pins, "a==2").unwrap();
        assert!(!Pinned::read(&pins, place.path()).unwrap().is_there());
    }
}
