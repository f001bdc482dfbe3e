//! Links lead somewhere: relative ones between Markdown files, and the pages that code points to.

use super::tree::{File, Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.ending(".md") {
        for (line, target) in links(&file.text) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let Some(resolved) = resolve(&file.path, path) else {
                findings
                    .push(file.finding(line, format!("`{target}` leads out of the repository")));
                continue;
            };
            let to = if path.is_empty() { &file.path } else { &resolved };
            if !tree.has(to) {
                findings.push(file.finding(line, format!("`{target}`: there is no {to}")));
            } else if !anchor.is_empty()
                && tree.file(to).is_some_and(|page| !anchors(page).iter().any(|it| it == anchor))
            {
                findings.push(file.finding(line, format!("`{target}`: {to} has no such heading")));
            }
        }
    }
    for file in tree.rust().filter(|file| !file.path.starts_with("xtask/")) {
        for (at, text) in file.text.lines().enumerate() {
            for page in pages(text).filter(|page| !tree.has(page)) {
                findings.push(file.finding(at + 1, format!("there is no page `{page}`")));
            }
        }
    }
    findings
}

/// Targets of `](…)` outside code that are not addresses of the web.
fn links(text: &str) -> Vec<(usize, &str)> {
    let (mut fenced, mut found) = (false, Vec::new());
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (place, _) in line.match_indices("](") {
            let before = line.get(..place).unwrap_or_default();
            let after = line.get(place + 2..).unwrap_or_default();
            let target = after.split([')', ' ']).next().unwrap_or_default();
            let web = target.contains("://") || target.starts_with("mailto:");
            if !web && before.matches('`').count() % 2 == 0 {
                found.push((at + 1, target));
            }
        }
    }
    found
}

/// A path from the root for one from a file; none if it climbs above the root.
fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(page: &File) -> Vec<String> {
    let headings = page.text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept =
                words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// Pages of the documentation that a line of code names.
fn pages(line: &str) -> impl Iterator<Item = &str> {
    line.split(['`', ' ', '(', ')', '"', ','])
        .filter(|word| word.starts_with("docs/") && word.ends_with(".md"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_links_are_found() {
        let page = "# A page: one\n[a](b/c.md) [b](../x.md) [c](#a-page-one) [d](#two)\n`[e](f.md)` [g](https://h.i)\n```\n[j](k.md)\n```\n[l](b/)\n";
        let code = "//! See `docs/none.md`.\n";
        let tree = Tree::of(&[("docs/a.md", page), ("docs/b/c.md", ""), ("crates/a.rs", code)]);
        let messages: Vec<_> = check(&tree).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
        assert!(messages.iter().any(|message| message.contains("there is no x.md")));
        assert!(messages.iter().any(|message| message.contains("no such heading")));
        assert!(messages.iter().any(|message| message.contains("docs/none.md")));
    }
}
