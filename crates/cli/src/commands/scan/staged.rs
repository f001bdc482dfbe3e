//! What is staged in the git repository here: the contents as they would be committed, not those of
//! the files.

use anyhow::{Context, Result, bail};
use std::process::Command;

use super::files::{Choice, Searched};
use super::search::{Search, is_binary};

/// Searches what is staged.
pub(super) fn search(choice: &Choice) -> Result<Searched> {
    // Outside of a repository, git takes the question that follows for another one.
    git(&["rev-parse", "--git-dir"])?;
    let names =
        git(&["diff", "--cached", "--name-only", "--diff-filter=ACMRT", "--no-renames", "-z"])?;
    let search = Search::new();
    let mut searched = Searched::default();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = std::str::from_utf8(name).context("a staged file's name is not UTF-8")?;
        // A submodule has no contents here.
        let Ok(bytes) = git(&["cat-file", "blob", &format!(":0:{name}")]) else { continue };
        if is_binary(&bytes) {
            searched.binary += 1;
        } else if bytes.len() as u64 > choice.most_bytes {
            searched.large += 1;
        } else {
            searched.files += 1;
            searched.bytes += bytes.len() as u64;
            searched.hits.extend(search.hits(name, &bytes));
        }
    }
    Ok(searched.sorted())
}

fn git(arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new("git").args(arguments).output().context("git cannot be run")?;
    if !output.status.success() {
        bail!("git: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}
