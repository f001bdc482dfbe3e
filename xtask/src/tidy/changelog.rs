//! The change log speaks of this version, or of what is not released yet.

use super::tree::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(manifest) = tree.file("Cargo.toml") else { return Vec::new() };
    let Some(version) = version(&manifest.text) else {
        return vec![manifest.finding(1, "the workspace has no version")];
    };
    let Some(log) = tree.file("CHANGELOG.md") else {
        return vec![manifest.finding(1, "write CHANGELOG.md")];
    };
    let named = log.text.lines().any(|line| {
        line.starts_with("## [Unreleased]") || line.starts_with(&format!("## [{version}]"))
    });
    if named {
        return Vec::new();
    }
    vec![log.finding(1, format!("add `## [{version}]` or `## [Unreleased]`"))]
}

fn version(manifest: &str) -> Option<String> {
    let table: toml::Table = manifest.parse().ok()?;
    let package = table.get("workspace")?.get("package")?;
    Some(package.get("version")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_must_be_named() {
        let manifest = ("Cargo.toml", "[workspace.package]\nversion = \"0.2.0\"\n");
        let check = |log: &str| check(&Tree::of(&[manifest, ("CHANGELOG.md", log)])).len();
        assert_eq!(check("## [0.1.0] - 2026-01-01\n"), 1);
        assert_eq!(check("## [0.2.0] - Unreleased\n"), 0);
        assert_eq!(check("## [Unreleased]\n"), 0);
    }
}
