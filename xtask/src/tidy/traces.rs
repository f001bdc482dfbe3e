//! The repository speaks of the product alone: no paths of somebody's machine, no numbers of
//! somebody's tickets, no hosts that packages happen to come from.

use super::tree::{Finding, Tree};

/// This file names what it bans.
const THIS_FILE: &str = "xtask/src/tidy/traces.rs";

const BANNED: &[(&str, &str)] = &[
    ("/work/", "a path of one machine; write it relative to the repository"),
    ("/root/", "a path of one machine; write it relative to the repository"),
    ("/home/", "a path of one machine; write it relative to the repository"),
    ("/tmp/", "a path of one machine; make a temporary directory instead"),
    ("/mnt/", "a path of one machine; write it relative to the repository"),
    ("pypi.org", "a package host; name the package alone"),
    ("pythonhosted.org", "a package host; name the package alone"),
    ("registry.npmjs.org", "a package host; name the package alone"),
    ("static.crates.io", "a package host; name the package alone"),
    ("index.crates.io", "a package host; name the package alone"),
    ("proxy.golang.org", "a package host; name the package alone"),
];

/// Files that tools write, with addresses of their own.
const GENERATED: &[&str] = &["Cargo.lock", ".snap"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.texts() {
        if file.path == THIS_FILE || GENERATED.iter().any(|end| file.path.ends_with(end)) {
            continue;
        }
        for (at, line) in file.text.lines().enumerate() {
            for (banned, instead) in BANNED {
                if line.contains(banned) {
                    findings.push(file.finding(at + 1, format!("`{banned}`: {instead}")));
                }
            }
            let prose = file.path.ends_with(".md") || line.trim_start().starts_with("//");
            if prose && ticket(line) {
                let message = "a ticket's number means nothing here; say what it is about";
                findings.push(file.finding(at + 1, message));
            }
        }
    }
    findings
}

/// Whether the line has a word like `#12` or `(#12)`.
fn ticket(line: &str) -> bool {
    line.split([' ', '(', '[', ',']).any(|word| {
        let number = word.trim_end_matches([')', ']', '.', ':', ';']).strip_prefix('#');
        number.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_found() {
        let tree = Tree::of(&[
            ("a.md", "see (#12)\n# 1. A heading\n[x](#1-a-heading)\n"),
            ("b.rs", "//! x\nlet a = \"/tmp/x\";\n"),
        ]);
        let places: Vec<_> = check(&tree).into_iter().map(|it| (it.path, it.line)).collect();
        assert_eq!(places, [("a.md".to_owned(), 1), ("b.rs".to_owned(), 2)]);
    }
}
