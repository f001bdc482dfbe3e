//! Every code with which the management API refuses is said on the pages: `problem-…` in
//! `locales/en`, to which the rule on messages holds the other languages.

use super::tree::{Finding, Tree};

const SOURCE: &str = "crates/management/src/";
const MESSAGES: &str = "locales/en/problem.ftl";
/// What makes a problem; its code is the first text in the parentheses.
const MAKES: [&str; 6] = [
    "Problem::new(",
    "Problem::conflict(",
    "Problem::forbidden(",
    "Problem::unauthorized(",
    "Self::new(",
    "Self::conflict(",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let messages = tree.file(MESSAGES).map_or("", |file| file.text.as_str());
    let mut said: Vec<&str> = messages
        .lines()
        .filter_map(|line| line.strip_prefix("problem-")?.split_once(" ="))
        .map(|(code, _)| code)
        .collect();
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with(SOURCE)) {
        let most = file.lines_without_tests();
        for makes in MAKES {
            for (place, _) in file.uncommented.match_indices(makes) {
                let before = file.uncommented.get(..place).unwrap_or_default();
                let line = before.lines().count().max(1);
                let rest = file.uncommented.get(place + makes.len()..).unwrap_or_default();
                let Some(code) = code(rest).filter(|_| line <= most) else { continue };
                let id = code.replace('_', "-");
                if !messages.contains(&format!("problem-{id} =")) {
                    let message = format!("say `problem-{id}` in {MESSAGES}");
                    findings.push(file.finding(line, message));
                }
                said.retain(|known| *known != id);
            }
        }
    }
    if let Some(file) = tree.file(MESSAGES) {
        let idle = said.iter().map(|code| file.finding(1, format!("no problem is `{code}`")));
        findings.extend(idle);
    }
    findings
}

/// The code among the arguments of what makes a problem.
fn code(arguments: &str) -> Option<&str> {
    let statement = arguments.split(';').next()?;
    let (_, text) = statement.split_once('"')?;
    let (code, _) = text.split_once('"')?;
    let is_code =
        code.contains('_') && code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_message_and_a_message_without_a_code_are_found() {
        let source = "fn a() {\n    Problem::conflict(\"in_use\", detail)\n}\nfn b() {\n    Problem::new(\n        StatusCode::GONE,\n        \"gone_away\",\n        \"It is gone.\",\n    )\n}\n";
        let files = [
            ("crates/management/src/a.rs", source),
            (MESSAGES, "problem-in-use = In use.\nproblem-idle = Idle.\n"),
        ];
        let found: Vec<String> = check(&Tree::of(&files))
            .into_iter()
            .map(|finding| format!("{}:{} {}", finding.path, finding.line, finding.message))
            .collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("a.rs:") && found[0].contains("say `problem-gone-away`"));
        assert!(found[1].contains("no problem is `idle`"));
    }
}
