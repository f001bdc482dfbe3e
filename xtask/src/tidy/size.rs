//! Files stay small: none above 600 lines without its tests, 90 of 100 up to 400, the median up
//! to 150.

use super::tree::{File, Finding, Tree};

const MOST: usize = 600;
const NINE_OF_TEN: usize = 400;
const MEDIAN: usize = 150;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tree
        .rust()
        .filter(|file| !is_test(file) && file.lines_without_tests() > MOST)
        .map(|file| {
            let lines = file.lines_without_tests();
            file.finding(MOST, format!("{lines} lines without tests; split it, {MOST} is the most"))
        })
        .collect();
    let (median, ninetieth) = quantiles(tree);
    let mut too_many = |what: &str, lines: usize, most: usize| {
        if lines > most {
            let message = format!("{what} of all Rust files is {lines} lines; {most} is the most");
            findings.push(Finding { path: "crates".to_owned(), line: 0, message });
        }
    };
    too_many("the median", median, MEDIAN);
    too_many("the 90th percentile", ninetieth, NINE_OF_TEN);
    findings
}

/// The figures as a sentence.
pub(super) fn figures(tree: &Tree) -> String {
    let (median, ninetieth) = quantiles(tree);
    let most = sizes(tree).last().copied().unwrap_or_default();
    format!(
        "lines of a file without its tests: median {median}, 90 % up to {ninetieth}, most {most}"
    )
}

fn quantiles(tree: &Tree) -> (usize, usize) {
    let sizes = sizes(tree);
    let at = |percent: usize| {
        let place = (sizes.len() * percent).div_ceil(100).saturating_sub(1);
        sizes.get(place).copied().unwrap_or_default()
    };
    (at(50), at(90))
}

fn sizes(tree: &Tree) -> Vec<usize> {
    let files = tree.rust().filter(|file| !is_test(file));
    let mut sizes: Vec<usize> = files.map(File::lines_without_tests).collect();
    sizes.sort_unstable();
    sizes
}

fn is_test(file: &File) -> bool {
    file.path.starts_with("tests/") || file.path.contains("/tests/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_do_not_count() {
        let code = "fn f() {}\n".repeat(590);
        let tests = format!("{code}#[cfg(test)]\nmod tests {{\n{code}}}\n");
        let long = "fn f() {}\n".repeat(601);
        let mut files = vec![("a.rs", tests.as_str()), ("b.rs", long.as_str())];
        files.extend([("s.rs", "//! x\n"); 30]);
        let tree = Tree::of(&files);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings.first().map(|finding| finding.path.as_str()), Some("b.rs"));
        assert!(figures(&tree).contains("median 1, 90 % up to 1, most 601"));
    }
}
