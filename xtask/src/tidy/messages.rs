//! Every message of the pages is there in both languages with the same values, and every
//! one is used: `t("id")` and its like in templates, `Message("id")` in code. What the API says with
//! a code is said behind a prefix, `coded("prefix", …)`, which uses all messages of that prefix.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{File, Finding, Tree};

const LANGUAGES: [&str; 2] = ["locales/en/", "locales/zh-CN/"];
/// The crates with pages.
const PAGES: [&str; 2] = ["crates/console/", "crates/dock/"];
/// What stands before the prefix of messages that are chosen by a code of the API's.
const CODED: &str = ".coded(\"";
/// What stands before the id of a message that is used.
const USES: &[&str] = &[".t(\"", ".t1(\"", ".t2(\"", "Message(\"", " t1(\""];

/// A message: where it stands, and the values in it.
struct Entry<'a> {
    file: &'a File,
    line: usize,
    values: BTreeSet<String>,
}

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut languages = LANGUAGES.map(|language| read(tree, language, &mut findings));
    let (used, prefixes) = (used(tree), prefixes(tree));
    let [english, chinese] = &mut languages;
    for (here, there, language) in
        [(&*english, &*chinese, LANGUAGES[1]), (&*chinese, &*english, LANGUAGES[0])]
    {
        for (id, entry) in here {
            match there.get(id) {
                None => findings
                    .push(entry.file.finding(entry.line, format!("say `{id}` in {language} too"))),
                Some(other) if other.values != entry.values => findings.push(entry.file.finding(
                    entry.line,
                    format!("`{id}` has other values in {language}: {:?}", other.values),
                )),
                Some(_) => {}
            }
            let coded = prefixes
                .iter()
                .any(|prefix| id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-')));
            if !coded && !used.contains_key(id.as_str()) {
                findings.push(entry.file.finding(entry.line, format!("nothing says `{id}`")));
            }
        }
    }
    for (id, (file, line)) in used {
        if !english.contains_key(id) {
            findings.push(file.finding(line, format!("there is no message `{id}` in locales/en")));
        }
    }
    findings
}

fn read<'a>(
    tree: &'a Tree,
    language: &str,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Entry<'a>> {
    let mut messages: BTreeMap<String, Entry<'a>> = BTreeMap::new();
    let files = tree.ending(".ftl").filter(|file| file.path.starts_with(language));
    for file in files {
        let mut current = None;
        for (at, line) in file.text.lines().enumerate() {
            if let Some((id, _)) = line.split_once(" =")
                && id.starts_with(|c: char| c.is_ascii_lowercase())
            {
                let entry = Entry { file, line: at + 1, values: BTreeSet::new() };
                if messages.insert(id.to_owned(), entry).is_some() {
                    findings.push(file.finding(at + 1, format!("`{id}` is said twice")));
                }
                current = Some(id.to_owned());
            }
            if let Some(entry) = current.as_ref().and_then(|id| messages.get_mut(id)) {
                entry.values.extend(values(line));
            }
        }
    }
    messages
}

/// The names after each `$`.
fn values(line: &str) -> impl Iterator<Item = String> {
    line.split('$')
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}

/// Every prefix that messages are chosen behind.
fn prefixes(tree: &Tree) -> BTreeSet<&str> {
    let texts = tree.rust().filter(says).flat_map(|file| file.uncommented.split(CODED).skip(1));
    texts.filter_map(|rest| rest.split_once('"')).map(|(prefix, _)| prefix).collect()
}

/// Whether a file is one of the pages'.
fn says(file: &&File) -> bool {
    PAGES.iter().any(|pages| file.path.starts_with(pages))
}

/// Every id that a page says, and where.
fn used(tree: &Tree) -> BTreeMap<&str, (&File, usize)> {
    let mut used = BTreeMap::new();
    for file in tree.texts().filter(says) {
        let text = match file.path.rsplit('.').next() {
            Some("rs") => &file.uncommented,
            Some("html") => &file.text,
            _ => continue,
        };
        for (at, line) in text.lines().take(lines(file)).enumerate() {
            for before in USES {
                for (place, _) in line.match_indices(before) {
                    let rest = line.get(place + before.len()..).unwrap_or_default();
                    if let Some((id, _)) = rest.split_once('"') {
                        used.entry(id).or_insert((file, at + 1));
                    }
                }
            }
        }
    }
    used
}

fn lines(file: &File) -> usize {
    if file.path.ends_with(".rs") { file.lines_without_tests() } else { usize::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_are_missing_or_unused_are_found() {
        let tree = Tree::of(&[
            ("locales/en/a.ftl", "a-one = One\na-two = { $count } two\na-idle = Idle\n"),
            ("locales/en/b.ftl", "b-by-code = By code\n"),
            ("locales/zh-CN/b.ftl", "b-by-code = 按代码\n"),
            ("locales/zh-CN/a.ftl", "a-one = 一\na-two = 二\n"),
            (
                "crates/console/templates/a.html",
                "{{ page.t(\"a-one\") }} {{ page.t1(\"a-two\", \"count\", n) }}\n",
            ),
            (
                "crates/console/src/a.rs",
                "const A: Message = Message(\"a-gone\");\nwords.coded(\"b\", code, values)\n",
            ),
        ]);
        let mut messages: Vec<_> = check(&tree).into_iter().map(|it| it.message).collect();
        messages.sort();
        assert_eq!(messages.len(), 5, "{messages:?}");
        assert!(messages.iter().any(|it| it.contains("say `a-idle` in locales/zh-CN/")));
        assert!(messages.iter().any(|it| it.contains("nothing says `a-idle`")));
        assert!(messages.iter().any(|it| it.contains("no message `a-gone`")));
        assert_eq!(messages.iter().filter(|it| it.contains("`a-two` has other")).count(), 2);
    }
}
