//! The documentation has the same pages in English and Chinese, and each page is in its summary.

use super::tree::{Finding, Tree};

const LANGUAGES: [&str; 2] = ["docs/en/", "docs/zh-CN/"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let [english, chinese] = LANGUAGES;
    for (here, there) in [(english, chinese), (chinese, english)] {
        let summary = tree.file(&format!("{here}SUMMARY.md")).map_or("", |file| file.text.as_str());
        for file in tree.ending(".md") {
            let Some(page) = file.path.strip_prefix(here) else { continue };
            let other = format!("{there}{page}");
            if !tree.has(&other) {
                findings.push(file.finding(1, format!("write the same page as {other}")));
            }
            if page != "SUMMARY.md" && !summary.contains(&format!("({page})")) {
                findings.push(file.finding(1, format!("list it in {here}SUMMARY.md")));
            }
        }
    }
    if let (Some(readme), false) = (tree.file("README.md"), tree.has("README.zh-CN.md")) {
        findings.push(readme.finding(1, "write the same page as README.zh-CN.md"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_one_language_is_found() {
        let tree = Tree::of(&[
            ("docs/en/SUMMARY.md", "- [A](a.md)\n"),
            ("docs/zh-CN/SUMMARY.md", "- [A](a.md)\n"),
            ("docs/en/a.md", ""),
            ("docs/zh-CN/a.md", ""),
            ("docs/en/b.md", ""),
        ]);
        let messages: Vec<_> = check(&tree).into_iter().map(|finding| finding.message).collect();
        let expected = ["write the same page as docs/zh-CN/b.md", "list it in docs/en/SUMMARY.md"];
        assert_eq!(messages, expected);
    }
}
