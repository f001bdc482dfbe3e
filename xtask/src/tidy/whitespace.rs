//! Lines end plainly: no blanks at their ends, no carriage returns, one line feed at the end. Rust
//! files are left to rustfmt, which knows a literal from a line.

use super::tree::{File, Finding, Tree};

const KINDS: &[&str] = &[".md", ".toml", ".py", ".sql", ".yml", ".yaml", ".sh", ".html", ".css"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.texts().filter(|file| is_ours(&file.path)) {
        if let Some(line) = first_difference(file) {
            let message = "white space at a line's or the file's end; run `cargo xtask tidy --fix`";
            findings.push(file.finding(line, message));
        }
    }
    findings
}

/// The text with its line ends put right; other kinds of files are left alone.
pub(super) fn mend(text: &str) -> String {
    let mut mended: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    let end = mended.trim_end().len();
    mended.truncate(end);
    if !mended.is_empty() {
        mended.push('\n');
    }
    mended
}

/// Whether a file's white space is ours to judge: golden inputs are bytes, not prose.
pub(super) fn is_ours(path: &str) -> bool {
    KINDS.iter().any(|kind| path.ends_with(kind))
        && !["/golden/", "/vendor/"].iter().any(|part| path.contains(part))
}

fn first_difference(file: &File) -> Option<usize> {
    let mended = mend(&file.text);
    if mended == file.text {
        return None;
    }
    let same =
        mended.bytes().zip(file.text.bytes()).take_while(|(one, other)| one == other).count();
    Some(file.text.get(..same).map_or(1, |before| before.matches('\n').count() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bad_line_is_named_and_mended() {
        let tree = Tree::of(&[("a.md", "one\ntwo \n"), ("b.md", "one"), ("c.md", "one\n")]);
        let lines: Vec<_> = check(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 1]);
        assert_eq!(mend("one \r\n\ntwo\n\n"), "one\n\ntwo\n");
    }
}
