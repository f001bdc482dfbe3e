//! Every refusal code is in the table of refusals, in both languages, and in a test.

use super::tree::{Finding, Tree};

const SOURCE: &str = "crates/domain/src/refusal.rs";
const PAGES: [&str; 2] = ["docs/en/user/refusals.md", "docs/zh-CN/user/refusals.md"];

/// A code, its status, and the line that defines it.
struct Code<'a> {
    text: &'a str,
    status: &'a str,
    line: usize,
}

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(source) = tree.file(SOURCE) else { return Vec::new() };
    let codes = parse(&source.text);
    let mut findings = Vec::new();
    if codes.len() < 5 {
        findings.push(source.finding(1, "the codes can no longer be read from this file"));
    }
    let tested = |text: &str| {
        let is_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let stands_in = |code: &str| {
            let bytes = code.as_bytes();
            code.match_indices(text).any(|(at, _)| {
                !is_word(at.checked_sub(1).and_then(|before| bytes.get(before)))
                    && !is_word(bytes.get(at + text.len()))
            })
        };
        tree.rust().any(|file| file.path.starts_with("tests/") && stands_in(&file.text))
    };
    for code in &codes {
        for path in PAGES {
            let begin = format!("| `{}` | {} |", code.text, code.status);
            let page = tree.file(path).map_or("", |page| page.text.as_str());
            if !page.lines().any(|line| line.starts_with(&begin)) {
                findings.push(source.finding(code.line, format!("add `{begin} …` to {path}")));
            }
        }
        if !tested(code.text) {
            let message = format!("no test under tests/ sees \"{}\"; write one", code.text);
            findings.push(source.finding(code.line, message));
        }
    }
    findings
}

/// Reads the lines `Name = "code", 401, true;` of the macro's invocation.
fn parse(source: &str) -> Vec<Code<'_>> {
    let lines = source.lines().enumerate();
    lines
        .filter_map(|(at, line)| {
            let (_, rest) = line.trim().strip_suffix(';')?.split_once(" = \"")?;
            let (text, rest) = rest.split_once("\", ")?;
            let (status, permanent) = rest.split_once(", ")?;
            let known = matches!(permanent, "true" | "false") && status.len() == 3;
            known.then_some(Code { text, status, line: at + 1 })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_row_or_a_test_is_found() {
        let source = "refusal_codes! {\n    A = \"a\", 401, true;\n    B = \"b\", 402, false;\n    C = \"c\", 403, true;\n    D = \"d\", 404, true;\n    E = \"e\", 405, true;\n}\n";
        let page = "| `a` | 401 | x |\n| `b` | 402 | x |\n| `c` | 403 | x |\n| `d` | 404 | x |\n| `e` | 999 | x |\n";
        let test = "f([\"a\", \"b\", \"c\", \"e\"])";
        let [english, chinese] = PAGES;
        let files = [(SOURCE, source), (english, page), (chinese, page), ("tests/src/a.rs", test)];
        let lines: Vec<_> = check(&Tree::of(&files)).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [5, 6, 6]);
    }
}
