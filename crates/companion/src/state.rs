//! What we wrote into which file, and how to get back. No secret stands in it: what we wrote is
//! noted as a hash, what was there before lies in the snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::edit::{Found, KeyPath, Value};
use crate::snapshot::{Backup, Kept};
use crate::write::{WriteError, hash, write_own};

/// So many changes can be undone one after the other.
const MOST_OPERATIONS: usize = 20;
/// So many backups are kept beside those.
const MOST_BACKUPS: usize = 200;

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The tools that are configured now.
    pub tools: BTreeMap<String, ToolState>,
    /// The changes, oldest first.
    pub history: Vec<Operation>,
    /// A change that is under way, or that a crash cut off.
    pub pending: Option<Operation>,
    /// The index of the snapshots, oldest first.
    pub backups: Vec<Backup>,
    /// The number of the next operation.
    pub next: u64,
}

/// How a tool is configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolState {
    /// Which node.
    pub base_url: String,
    /// The key as lists show it.
    pub key: String,
    /// The model, if one was chosen.
    pub model: Option<String>,
    /// Where the key is from: an account's token, or pasted.
    pub source: String,
    /// The secret's name among the secrets, where it stands in no file.
    pub secret: Option<String>,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The files.
    pub files: Vec<FileState>,
}

/// What we wrote into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// The file.
    pub path: PathBuf,
    /// How it was without us; `None`: there was none.
    pub without_us: Option<Kept>,
    /// How we left it.
    pub after: Option<Kept>,
    /// The values.
    pub entries: Vec<Entry>,
    /// The objects and tables that we made for them.
    pub made: Vec<KeyPath>,
    /// The directories that we made, outermost first.
    pub directories: Vec<PathBuf>,
}

/// One value of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where.
    pub path: KeyPath,
    /// The hash of what we wrote; `None`: we took out what stood there.
    pub wrote: Option<String>,
}

/// One change of one tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its number.
    pub id: u64,
    /// What was asked for: `use`, `clear`, `restore`.
    pub verb: String,
    /// Of which tool.
    pub tool: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The files' bytes.
    pub files: Vec<FileChange>,
    /// How the tool was configured before.
    pub before: Option<ToolState>,
    /// How it is afterwards.
    pub after: Option<ToolState>,
}

/// A file before and after an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// The file.
    pub path: PathBuf,
    /// Before; `None`: there was none.
    pub before: Option<Kept>,
    /// Afterwards; `None`: there is none.
    pub after: Option<Kept>,
    /// The name in its directory that was used meanwhile.
    pub temporary: PathBuf,
}

impl State {
    /// Reads it; an empty one if there is none.
    ///
    /// # Errors
    /// When it cannot be read: it is never treated as empty, because then nothing could be undone.
    pub fn read(path: &Path) -> Result<Self, WriteError> {
        let io = |source| WriteError::Io { path: path.to_owned(), source };
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| io(error.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(io(error)),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the machine cannot.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| WriteError::Io { path: path.to_owned(), source: error.into() })?;
        write_own(path, &text)
    }

    /// Takes an operation as done.
    pub fn note(&mut self, operation: Operation) {
        match &operation.after {
            Some(after) => self.tools.insert(operation.tool.clone(), after.clone()),
            None => self.tools.remove(&operation.tool),
        };
        self.history.push(operation);
        let excess = self.history.len().saturating_sub(MOST_OPERATIONS);
        self.history.drain(..excess);
        let excess = self.backups.len().saturating_sub(MOST_BACKUPS);
        self.backups.drain(..excess);
        self.pending = None;
    }

    /// Every snapshot that something still refers to.
    #[must_use]
    pub fn snapshots(&self) -> BTreeSet<&str> {
        let files = self.every_tool().flat_map(|tool| &tool.files);
        let of_files = files.flat_map(|file| [&file.without_us, &file.after]);
        let operations = self.history.iter().chain(&self.pending);
        let of_changes = operations.flat_map(|it| &it.files).flat_map(|it| [&it.before, &it.after]);
        let kept =
            of_files.chain(of_changes).flatten().chain(self.backups.iter().map(|it| &it.kept));
        kept.map(|kept| kept.hash.as_str()).collect()
    }

    /// Every name of a secret that something still refers to.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<&str> {
        self.every_tool().filter_map(|tool| tool.secret.as_deref()).collect()
    }

    fn every_tool(&self) -> impl Iterator<Item = &ToolState> {
        let operations = self.history.iter().chain(&self.pending);
        let past = operations.flat_map(|it| it.before.iter().chain(&it.after));
        self.tools.values().chain(past)
    }
}

impl Entry {
    /// Whether what stands there is what we wrote.
    #[must_use]
    pub fn is_ours(&self, found: Option<&Found>) -> bool {
        match (&self.wrote, found) {
            (None, None) => true,
            (Some(wrote), Some(Found { value: Some(value), .. })) => *wrote == mark(value),
            _ => false,
        }
    }
}

/// What is noted of a value that we wrote.
#[must_use]
pub fn mark(value: &Value) -> String {
    hash(serde_json::to_string(value).unwrap_or_default().as_bytes())
}
