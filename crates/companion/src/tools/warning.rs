//! What a person should know before a tool uses a node: what counts more than what we write, and
//! what others can read. Each is a case of its own, so that pages say it in their own language.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::surroundings::Surroundings;

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Warning {
    /// The node is reached without encryption.
    #[error("the key and all prompts travel over plain http: anybody on the way can read them")]
    PlainHttp,
    /// A variable is set.
    #[error("{name} is set in this shell{effect}; take it out: unset {name}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What comes of it.
        effect: Effect,
    },
    /// A file counts beside ours.
    #[error("{}: {says}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What stands in it.
        says: Says,
    },
}

/// What a variable does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Effect {
    /// Leads the tool to another service.
    #[error(", and sends Claude Code to another service")]
    Elsewhere,
    /// Nothing to this tool, but to others.
    #[error(" as well; settings.json counts more, but other programs read it")]
    OnOthers,
    /// Some versions follow it.
    #[error(" as well, and some versions prefer it")]
    OnSomeVersions,
    /// It counts more than this file of the person's.
    #[error(", and counts more than {0}")]
    CountsMore(&'static str),
}

/// What stands in a file that counts beside ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Says {
    /// A project's settings set the same things.
    #[error("this project's settings count more than yours, and set {0}")]
    ProjectSets(String),
    /// An administrator's settings set the same things.
    #[error("settings of an administrator count more than yours, and set {0}")]
    ManagedSets(String),
    /// A project chooses a provider or a model.
    #[error("it counts more than your own config.toml, and chooses a provider or a model")]
    ProjectProvider,
    /// An administrator does.
    #[error("it counts more than your own config.toml, and chooses a provider or a model")]
    ManagedProvider,
    /// The chosen profile does.
    #[error("the profile `{0}` chooses a provider or model itself")]
    Profile(String),
    /// It is read, and the person's is not.
    #[error("Gemini CLI reads this file instead of yours, even if it is empty")]
    HidesYours,
    /// Another way to sign in.
    #[error("it chooses another way to sign in, and counts more than yours")]
    SignIn,
    /// A project chooses a model.
    #[error("this project chooses a model itself")]
    Model,
}

impl Warning {
    /// A file's.
    pub(super) fn file(path: &Path, says: Says) -> Self {
        Self::File { path: path.to_owned(), says }
    }

    /// For programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PlainHttp => "plain_http",
            Self::Variable { .. } => "variable_set",
            Self::File { says, .. } => match says {
                Says::ProjectSets(_) | Says::ProjectProvider | Says::SignIn | Says::Model => {
                    "project_settings"
                }
                Says::ManagedSets(_) | Says::ManagedProvider => "managed_settings",
                Says::Profile(_) => "profile",
                Says::HidesYours => "project_dotenv",
            },
        }
    }
}

/// Warnings for variables that are set.
pub(super) fn variables(
    around: &Surroundings,
    names: &[&'static str],
    effect: Effect,
) -> Vec<Warning> {
    let set = names.iter().filter(|name| around.variable(name).is_some());
    set.map(|name| Warning::Variable { name, effect }).collect()
}
