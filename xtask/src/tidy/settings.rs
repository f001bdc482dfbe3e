//! Every setting is on the settings page, in both languages, with its true default. The English
//! table is made from the code by `--fix`.

use super::tree::{Finding, Tree};

const SOURCE: &str = "crates/server/src/config/setting.rs";
const ENGLISH: &str = "docs/en/operator/settings.md";
const CHINESE: &str = "docs/zh-CN/operator/settings.md";
const BEGIN: &str = "<!-- made from the code by `cargo xtask tidy --fix` -->\n";
const END: &str = "<!-- end -->\n";

/// How a language says that there is no default.
#[derive(Clone, Copy)]
struct Absent {
    value: &'static str,
    list: &'static str,
}

const IN_ENGLISH: Absent = Absent { value: "not set", list: "none" };
const IN_CHINESE: Absent = Absent { value: "未设", list: "无" };

/// What the source says of a setting.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    name: String,
    default: Option<String>,
    help: String,
    repeatable: bool,
}

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(source) = tree.file(SOURCE) else { return Vec::new() };
    let settings = parse(&source.text);
    let mut findings = Vec::new();
    if settings.len() < 5 {
        findings.push(source.finding(1, "the settings can no longer be read from this file"));
    }
    for (path, absent) in [(ENGLISH, IN_ENGLISH), (CHINESE, IN_CHINESE)] {
        let Some(page) = tree.file(path) else {
            findings.push(source.finding(1, format!("there is no {path} for the settings")));
            continue;
        };
        for setting in &settings {
            let begin = row_begin(setting, absent);
            if !page.text.lines().any(|line| line.starts_with(&begin)) {
                findings.push(page.finding(1, format!("add the row `{begin} … |`")));
            }
        }
        for (at, line) in page.text.lines().enumerate() {
            let name = line.strip_prefix("| `").and_then(|rest| rest.split('`').next());
            if name.is_some_and(|name| !settings.iter().any(|setting| setting.name == name)) {
                findings.push(page.finding(at + 1, "there is no such setting; take the row out"));
            }
        }
    }
    if let Some(page) = tree.file(ENGLISH)
        && mend(tree, ENGLISH, &page.text) != page.text
    {
        findings.push(page.finding(1, "the table is not the code's; run `cargo xtask tidy --fix`"));
    }
    findings
}

/// A page with its generated table put right; other pages come back as they are.
pub(super) fn mend(tree: &Tree, path: &str, text: &str) -> String {
    let (Some(source), true) = (tree.file(SOURCE), path == ENGLISH) else { return text.to_owned() };
    let Some((before, rest)) = text.split_once(BEGIN) else { return text.to_owned() };
    let Some((_, after)) = rest.split_once(END) else { return text.to_owned() };
    let mut table = "| setting | default | what it is for |\n|---|---|---|\n".to_owned();
    for setting in parse(&source.text) {
        let help = setting.help.trim_end_matches('.').replace('|', "\\|");
        table.push_str(&format!("{} {help} |\n", row_begin(&setting, IN_ENGLISH)));
    }
    format!("{before}{BEGIN}{table}{END}{after}")
}

fn row_begin(setting: &Setting, absent: Absent) -> String {
    let default = match &setting.default {
        Some(default) => format!("`{default}`"),
        None if setting.repeatable => absent.list.to_owned(),
        None => absent.value.to_owned(),
    };
    format!("| `{}` | {default} |", setting.name)
}

/// Reads `Setting::new("name", "default", "help")`, `unset("name", "help")`, `list(…)`.
fn parse(source: &str) -> Vec<Setting> {
    let table = source.split_once("SETTINGS: &[Setting]").map_or("", |(_, table)| table);
    let table = table.split("#[cfg(test)]").next().unwrap_or_default();
    let mut settings = Vec::new();
    for call in table.split("Setting::").skip(1) {
        let Some((kind, arguments)) = call.split_once('(') else { continue };
        let mut texts = literals(arguments).into_iter();
        let Some(name) = texts.next() else { continue };
        let default = if kind == "new" { texts.next() } else { None };
        let help = texts.next().unwrap_or_default();
        settings.push(Setting { name, default, help, repeatable: kind == "list" });
    }
    settings
}

fn literals(text: &str) -> Vec<String> {
    let parts = text.split('"').collect::<Vec<_>>();
    parts.iter().skip(1).step_by(2).map(|literal| (*literal).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "//! x\npub const SETTINGS: &[Setting] = &[\n    Setting::new(\"listen\", \"1:2\", \"Where\"),\n    Setting {\n        also_variable: Some(\"D\"),\n        ..Setting::unset(\"database\", \"Which\")\n    },\n    Setting::list(\"proxy\", \"Whose\"),\n];\n";

    #[test]
    fn settings_are_read_from_the_code() {
        let read: Vec<_> = parse(CODE).into_iter().map(|it| (it.name, it.default)).collect();
        let expected = [("listen", Some("1:2")), ("database", None), ("proxy", None)];
        let expected =
            expected.map(|(name, default)| (name.to_owned(), default.map(str::to_owned)));
        assert_eq!(read, expected);
    }

    #[test]
    fn a_stale_table_is_mended() {
        let page = format!("# Settings\n{BEGIN}| `listen` | `3:4` | Where |\n{END}More.\n");
        let tree = Tree::of(&[(SOURCE, CODE), (ENGLISH, &page)]);
        let mended = mend(&tree, ENGLISH, &page);
        assert!(
            mended.contains("| `listen` | `1:2` | Where |\n| `database` | not set | Which |\n")
        );
        assert!(mended.ends_with("| `proxy` | none | Whose |\n<!-- end -->\nMore.\n"));
        assert!(check(&tree).iter().any(|finding| finding.message.contains("not the code's")));
    }
}
