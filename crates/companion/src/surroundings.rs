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
    pub fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
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
