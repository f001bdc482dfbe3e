//! A statement is one visible text: never put together at run time.

use super::tree::{File, Finding, Tree};

const STARTS: &[&str] =
    &["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "ALTER ", "DROP ", "WITH "];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with("crates/store/src/")) {
        // The one place that repeats placeholders for wide inserts, and only placeholders.
        let repeats_placeholders = file.path == "crates/store/src/dialect.rs";
        for builder in ["QueryBuilder", "AssertSqlSafe"] {
            if repeats_placeholders && builder == "AssertSqlSafe" {
                continue;
            }
            findings.extend(places(&file.code, builder).map(|line| {
                file.finding(
                    line,
                    format!("`{builder}`: write the statement as one `&'static str`"),
                )
            }));
        }
        findings.extend(formatted(file));
    }
    findings
}

/// `format!` and `concat!` whose text begins like a statement.
fn formatted(file: &File) -> impl Iterator<Item = Finding> {
    ["format!(", "push_str("].into_iter().flat_map(move |call| {
        file.uncommented.match_indices(call).filter_map(move |(at, _)| {
            let after = file.uncommented.get(at + call.len()..)?.trim_start();
            let text = after.trim_start_matches(['r', '#']).strip_prefix('"')?;
            let text = text.trim_start_matches(['\\', '\n', ' ']).to_ascii_uppercase();
            let line = file.uncommented.get(..at)?.lines().count();
            let message = "a statement put together at run time: write it out and bind its values";
            STARTS.iter().any(|start| text.starts_with(start)).then(|| file.finding(line, message))
        })
    })
}

fn places(code: &str, word: &str) -> impl Iterator<Item = usize> {
    code.lines().enumerate().filter(move |(_, line)| line.contains(word)).map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_put_together_are_found() {
        let text = "//! x\nlet a = format!(\"SELECT {b}\");\nlet c = format!(\"user:{d}\");\nlet e = QueryBuilder::new(f);\n";
        let tree = Tree::of(&[("crates/store/src/a.rs", text), ("crates/cli/src/a.rs", text)]);
        let lines: Vec<_> = check(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [4, 2]);
    }
}
