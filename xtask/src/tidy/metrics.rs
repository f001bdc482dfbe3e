//! Every metric that the gateway records is on the monitoring page, in both languages.

use super::tree::{Finding, Tree};

const PAGES: [&str; 2] = ["docs/en/operator/monitoring.md", "docs/zh-CN/operator/monitoring.md"];
const MACROS: [&str; 3] = ["counter!(", "gauge!(", "histogram!("];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with("crates/")) {
        for (at, line) in file.uncommented.lines().enumerate() {
            let Some(name) = MACROS.iter().find_map(|call| named(line, call)) else { continue };
            for path in PAGES {
                let row = format!("| `{name}` |");
                if !tree.file(path).is_some_and(|page| page.text.contains(&row)) {
                    findings.push(file.finding(at + 1, format!("add `{row} …` to {path}")));
                }
            }
        }
    }
    findings
}

fn named<'a>(line: &'a str, call: &str) -> Option<&'a str> {
    line.split_once(call)?.1.strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_that_no_page_names_is_found() {
        let code =
            "fn f() {\n    counter!(\"calls_total\").increment(1);\n    gauge!(\"open\");\n}\n";
        let [english, chinese] = PAGES;
        let files =
            [("crates/a.rs", code), (english, "| `open` | x |"), (chinese, "| `open` | x |")];
        let lines: Vec<_> = check(&Tree::of(&files)).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 2]);
    }
}
