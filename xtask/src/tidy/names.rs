//! Doors have names: no room for odds and ends, and `foo.rs` beside `foo/` instead of `mod.rs`.

use super::tree::{Finding, Tree};

const BANNED: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        if file.path.ends_with("/mod.rs") {
            findings.push(file.finding(1, "name it after its directory and move it beside it"));
        }
        for part in file.path.trim_end_matches(".rs").split('/') {
            if part.split(['_', '-']).any(|word| BANNED.contains(&word)) {
                findings
                    .push(file.finding(1, format!("`{part}` says nothing; name what is in it")));
            }
        }
        for (line, code) in file.code_lines() {
            if let Some(name) = declared(code)
                && words(name).iter().any(|word| BANNED.contains(&word.as_str()))
            {
                findings
                    .push(file.finding(line, format!("`{name}` says nothing; name what it does")));
            }
        }
    }
    findings
}

/// The name of the type, trait or module that a line declares.
fn declared(code: &str) -> Option<&str> {
    let mut words = code.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || matches!(*word, "async" | "const" | "unsafe" | "in")
    });
    let kind = words.next()?;
    if !matches!(kind, "struct" | "enum" | "trait" | "mod" | "type") {
        return None;
    }
    words.next()?.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

/// The words of a name in either case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found() {
        let tree = Tree::of(&[
            ("crates/a/src/string_utils.rs", ""),
            ("crates/a/src/b/mod.rs", "pub struct KeyManager;\n"),
            ("crates/a/src/c.rs", "mod helpers;\nfn a_manager_reads() {}\n"),
        ]);
        let places: Vec<_> = check(&tree).into_iter().map(|it| (it.path, it.line)).collect();
        let expected = [
            ("crates/a/src/string_utils.rs", 1),
            ("crates/a/src/b/mod.rs", 1),
            ("crates/a/src/b/mod.rs", 1),
            ("crates/a/src/c.rs", 1),
        ];
        assert_eq!(places, expected.map(|(path, line)| (path.to_owned(), line)));
    }
}
