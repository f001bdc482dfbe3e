//! Every module opens with `//!`: a sentence of purpose, then how it fits.

use super::tree::{Finding, Tree};

/// A shorter sentence cannot say what a module is for.
const SHORTEST: usize = 12;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let opening = file.text.lines().next().unwrap_or_default();
        match opening.strip_prefix("//!") {
            None => findings.push(file.finding(1, "open the module with `//!` and its purpose")),
            Some(purpose) if purpose.trim().len() < SHORTEST => {
                findings.push(file.finding(1, "say in the first line what the module is for"));
            }
            Some(_) => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_a_purpose_in_the_first_line() {
        let tree = Tree::of(&[
            ("a.rs", "//! What this room is for.\n"),
            ("b.rs", "use x;\n"),
            ("c.rs", "//! x\n"),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["b.rs", "c.rs"]);
    }
}
