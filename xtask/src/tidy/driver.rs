//! Nobody but `store` names a database driver; tests damage databases, and the benchmark fills one.

use super::layers::dependencies;
use super::tree::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let message = "only crates/store speaks to the database; add what is needed there";
    let mut findings = Vec::new();
    for manifest in tree.ending("/Cargo.toml") {
        if may(&manifest.path) {
            continue;
        }
        for (line, name) in dependencies(manifest) {
            let drivers = ["sqlx", "rusqlite", "libsqlite3-sys"];
            if drivers.contains(&name.as_str()) || name.starts_with("sqlx-") {
                findings.push(manifest.finding(line, message));
            }
        }
    }
    for file in tree.rust() {
        if may(&file.path) {
            continue;
        }
        for (at, line) in file.code.lines().enumerate() {
            if line.contains("sqlx::") || line.contains("rusqlite::") {
                findings.push(file.finding(at + 1, message));
            }
        }
    }
    findings
}

fn may(path: &str) -> bool {
    ["crates/store/", "tests/", "bench/"].iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_named_in_store_only() {
        let tree = Tree::of(&[
            ("crates/store/src/a.rs", "use sqlx::Any;\n"),
            ("crates/ledger/src/a.rs", "// sqlx::Any\nuse sqlx::Any;\n"),
            ("crates/ledger/Cargo.toml", "[dependencies]\nsqlx.workspace = true\n"),
        ]);
        assert_eq!(check(&tree).len(), 2);
    }
}
