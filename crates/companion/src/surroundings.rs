//! What lies around a person's shell: variables, home, the current directory, the kind of machine.
//!
//! The program reads them once and hands them in, so that everything here can be tried for every
//! kind of machine on any.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Linux and its like.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// That of this program.
    #[must_use]
    pub const fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }

    /// Whether a path names a place without knowing where one is.
    pub(crate) fn is_absolute(self, path: &str) -> bool {
        match self {
            Self::Linux | Self::MacOs => path.starts_with('/'),
            Self::Windows => {
                let mut start = path.chars();
                let drive = start.next().is_some_and(|letter| letter.is_ascii_alphabetic())
                    && start.next() == Some(':')
                    && start.next().is_some_and(|slash| slash == '\\' || slash == '/');
                drive || path.starts_with(r"\\")
            }
        }
    }

    /// A path below another, with this machine's separators wherever the program runs.
    pub(crate) fn join(self, base: &str, names: &[&str]) -> String {
        let separator = if self == Self::Windows { '\\' } else { '/' };
        let mut path = base.trim_end_matches(['/', separator]).to_owned();
        for name in names {
            path.push(separator);
            path.push_str(name);
        }
        path
    }
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The kind of machine.
    pub platform: Platform,
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// Where the person stands.
    pub current_directory: PathBuf,
}

impl Surroundings {
    /// A variable that says something.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The current directory and those around it, innermost first.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.current_directory.ancestors()
    }
}
