//! The repository as the rules see it: paths and texts, so that a test can make one up.

use anyhow::Result;
use std::collections::BTreeSet;
use std::path::Path;

use super::rust;
use crate::repository;

/// Larger files are not read: no text of ours is.
const LARGEST: usize = 2_000_000;

/// Where a rule is broken, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) message: String,
}

/// One text file.
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// A Rust file's code: comments and the insides of literals are blanks.
    pub(super) code: String,
    /// A Rust file's code and literals: comments are blanks.
    pub(super) uncommented: String,
}

/// All files, and the texts among them.
#[derive(Default)]
pub(super) struct Tree {
    files: Vec<File>,
    paths: BTreeSet<String>,
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (code, uncommented) =
            if path.ends_with(".rs") { rust::strip(text) } else { Default::default() };
        Self { path: path.to_owned(), text: text.to_owned(), code, uncommented }
    }

    /// A finding in this file; lines count from 1.
    pub(super) fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, message: message.into() }
    }

    /// The lines of code before the file's tests, which stand at its end.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().take(self.lines_without_tests()).enumerate().map(|(at, it)| (at + 1, it))
    }

    /// How many lines come before `#[cfg(test)] mod … {`.
    pub(super) fn lines_without_tests(&self) -> usize {
        let lines: Vec<&str> = self.code.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            matches!(pair, [attribute, module]
                if attribute.trim() == "#[cfg(test)]" && module.starts_with("mod ") && module.ends_with('{'))
        });
        tests.unwrap_or(lines.len())
    }
}

impl Tree {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        for path in repository::files(root)? {
            let bytes = std::fs::read(root.join(&path))?;
            if bytes.len() <= LARGEST
                && let Ok(text) = std::str::from_utf8(&bytes)
            {
                tree.files.push(File::new(&path, text));
            }
            tree.paths.insert(path);
        }
        Ok(tree)
    }

    /// A tree that is made up.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files.iter().map(|(path, text)| File::new(path, text)).collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        }
    }

    /// Every text file.
    pub(super) fn texts(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// Every Rust file.
    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// Every text file whose path ends so.
    pub(super) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.path.ends_with(end))
    }

    /// The file at this path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether there is a file or a directory at this path.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        path.is_empty()
            || self.paths.contains(path)
            || self.paths.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below))
    }
}
