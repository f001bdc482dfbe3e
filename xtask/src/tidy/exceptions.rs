//! No silent exceptions: lints are expected with a reason, tests are never ignored, nothing is
//! left to do without an owner.

use super::tree::{Finding, Tree};

const BANNED: &[(&str, &str)] = &[
    ("#[allow", "use `#[expect(…, reason = \"…\")]`, which ends when its reason does"),
    ("#![allow", "use `#[expect(…, reason = \"…\")]` at the place it is for"),
    ("#[ignore", "make the test run everywhere, or take it out"),
    ("todo!(", "write it, or return an error"),
    ("unimplemented!(", "write it, or return an error"),
    ("dbg!(", "take it out; log with tracing if it is worth reading"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for (at, line) in file.code.lines().enumerate() {
            for (banned, instead) in BANNED {
                if line.contains(banned) {
                    findings.push(file.finding(at + 1, format!("`{banned}`: {instead}")));
                }
            }
        }
        let lines = file.text.lines().zip(file.uncommented.lines()).enumerate();
        for (at, (line, uncommented)) in lines {
            let comment = line.get(uncommented.trim_end().len()..).unwrap_or_default();
            if unowned(comment) {
                let message = "a thing to do needs an owner: write `TODO(name): …`, or do it";
                findings.push(file.finding(at + 1, message));
            }
        }
    }
    findings
}

fn unowned(comment: &str) -> bool {
    ["TODO", "FIXME", "XXX"].iter().any(|word| {
        comment.split_once(word).is_some_and(|(before, after)| {
            !before.ends_with('`')
                && !before.ends_with(char::is_alphanumeric)
                && !after.starts_with('(')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_found_in_code_but_not_in_texts() {
        let text = "#[allow(dead_code)]\nlet a = \"todo!()\";\ntodo!()\n// TODO later\n// TODO(ann): now\n";
        let findings = check(&Tree::of(&[("a.rs", text)]));
        let lines: Vec<_> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 3, 4]);
    }
}
