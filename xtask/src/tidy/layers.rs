//! Arrows between crates point one way: `domain ← protocol, store ← ledger ← gateway ←
//! management ← server ← cli ← tollkeeper`.

use super::tree::{File, Finding, Tree};

/// A crate's directory, and which of ours it may depend on.
const MAY: &[(&str, &[&str])] = &[
    ("crates/domain", &[]),
    ("crates/protocol", &["domain"]),
    ("crates/store", &["domain"]),
    ("crates/ledger", &["domain", "store"]),
    ("crates/ledger-model", &[]),
    ("crates/gateway", &["domain", "protocol", "store", "ledger"]),
    ("crates/alerts", &["domain", "store", "ledger", "gateway"]),
    ("crates/management", &["domain", "protocol", "store", "ledger", "gateway", "alerts"]),
    (
        "crates/server",
        &["domain", "protocol", "store", "ledger", "gateway", "alerts", "management", "console"],
    ),
    ("crates/console", &["domain"]),
    ("crates/companion", &["domain", "testkit"]),
    ("crates/dock", &["domain", "companion", "console"]),
    ("crates/testkit", &[]),
    ("crates/cli", &["companion", "dock", "domain", "store", "ledger", "server", "testkit"]),
    ("crates/tollkeeper", &["cli"]),
    ("bench", &["testkit"]),
    ("xtask", &[]),
    ("tests", &["domain", "protocol", "store", "ledger", "testkit"]),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let ours: Vec<String> = tree.ending("Cargo.toml").filter_map(package).collect();
    let mut findings = Vec::new();
    for manifest in tree.ending("/Cargo.toml") {
        let directory = manifest.path.trim_end_matches("/Cargo.toml");
        let Some((_, may)) = MAY.iter().find(|(known, _)| *known == directory) else {
            let message = "a new crate: say in xtask/src/tidy/layers.rs which of ours it may use";
            findings.push(manifest.finding(1, message));
            continue;
        };
        for (line, name) in dependencies(manifest) {
            let short = name.trim_start_matches("tollkeeper-");
            let is_ours = ours.iter().any(|it| it.trim_start_matches("tollkeeper-") == short);
            if is_ours && !may.contains(&short) {
                let may = if may.is_empty() { "none of ours".to_owned() } else { may.join(", ") };
                let message = format!("{directory} must not use {short}; it may use {may}");
                findings.push(manifest.finding(line, message));
            }
        }
    }
    findings
}

fn package(manifest: &File) -> Option<String> {
    let table: toml::Table = manifest.text.parse().ok()?;
    Some(table.get("package")?.get("name")?.as_str()?.to_owned())
}

/// The names under `[dependencies]` and the tables like it, with their lines.
pub(super) fn dependencies(manifest: &File) -> Vec<(usize, String)> {
    let (mut inside, mut found) = (false, Vec::new());
    for (at, line) in manifest.text.lines().enumerate() {
        let line = line.trim();
        if let Some(table) = line.strip_prefix('[') {
            inside = table.trim_end_matches(']').ends_with("dependencies")
                && !table.starts_with("workspace");
        } else if inside && !line.starts_with('#') && line.contains('=') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default().trim_matches('"');
            found.push((at + 1, name.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_points_back_is_found() {
        let domain = "[package]\nname = \"tollkeeper-domain\"\n[dependencies]\nstore.workspace = true\nserde = \"1\"\n";
        let store = "[package]\nname = \"tollkeeper-store\"\n[dev-dependencies]\ndomain = { workspace = true }\n";
        let tree = Tree::of(&[
            ("crates/domain/Cargo.toml", domain),
            ("crates/store/Cargo.toml", store),
            ("crates/new/Cargo.toml", "[package]\nname = \"new\"\n"),
        ]);
        let findings = check(&tree);
        let places: Vec<_> = findings.iter().map(|it| (it.path.as_str(), it.line)).collect();
        assert_eq!(places, [("crates/domain/Cargo.toml", 4), ("crates/new/Cargo.toml", 1)]);
    }
}
