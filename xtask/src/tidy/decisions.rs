//! Every dependency of the workspace has its line, with the reason, in the decision about them.

use super::tree::{Finding, Tree};

const PAGE: &str = "docs/decisions/0001-dependencies.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(manifest) = tree.file("Cargo.toml") else { return Vec::new() };
    let page = tree.file(PAGE).map_or("", |page| page.text.as_str());
    let listed: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|names| names.split(", "))
        .collect();
    let (mut inside, mut findings) = (false, Vec::new());
    for (at, line) in manifest.text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        }
        let Some((name, value)) = line.split_once(" = ").filter(|_| inside) else { continue };
        if !line.starts_with('#') && !value.contains("path = ") && !listed.contains(&name) {
            findings.push(manifest.finding(at + 1, format!("say in {PAGE} what {name} is for")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\nours = { path = \"crates/ours\" }\nhttp = \"1\"\nnew = \"1\"\n[profile.dev]\ndebug = 1\n";
        let page = "| crate | for |\n|---|---|\n| http, http-body | words |\n";
        let findings = check(&Tree::of(&[("Cargo.toml", manifest), (PAGE, page)]));
        let lines: Vec<_> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [4]);
    }
}
