//! Only `server` and `cli` read the environment.

use super::tree::{Finding, Tree};

/// Programs and tests of our own, which are no part of the product.
const MAY: &[&str] =
    &["crates/server/", "crates/cli/", "crates/testkit/", "bench/", "tests/", "xtask/"];
const READS: &[&str] = &["env::var", "env::args", "env::current_dir", "env::temp_dir"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        if MAY.iter().any(|may| file.path.starts_with(may))
            || file.path.ends_with("/build.rs")
            || ["/tests/", "/examples/"].iter().any(|part| file.path.contains(part))
        {
            continue;
        }
        for (line, code) in file.code_lines() {
            if let Some(read) = READS.iter().find(|read| code.contains(*read)) {
                let message = format!("`{read}`: hand the value in; only server and cli read it");
                findings.push(file.finding(line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_the_environment_is_found() {
        let text = "let a = std::env::var(\"A\");\n";
        let tree = Tree::of(&[("crates/cli/src/main.rs", text), ("crates/ledger/src/a.rs", text)]);
        assert_eq!(check(&tree).len(), 1);
    }
}
