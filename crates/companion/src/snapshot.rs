//! The bytes of files from before each change, kept under their hash.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::write::{Seen, WriteError, hash, make_directories, write_own};

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The SHA-256 of its bytes, under which they lie.
    pub hash: String,
    /// Its permissions.
    pub mode: u32,
}

/// A line of the index: which file a snapshot is of, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// The tool that it is of.
    pub tool: String,
    /// When it was kept, in milliseconds since 1970.
    pub at: i64,
    /// What it held.
    pub kept: Kept,
    /// How many bytes.
    pub size: u64,
}

impl Backup {
    /// The moment and the beginning of the hash: it stays the same while the list grows.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.at, self.kept.hash.get(..8).unwrap_or_default())
    }
}

/// All snapshots.
pub struct Snapshots {
    directory: PathBuf,
}

impl Snapshots {
    /// Those in this directory.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Keeps bytes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, bytes: &[u8], mode: u32) -> Result<Kept, WriteError> {
        make_directories(&self.directory)?;
        let kept = Kept { hash: hash(bytes), mode };
        let path = self.directory.join(&kept.hash);
        if self.get(&kept).is_err() {
            write_own(&path, bytes)?;
        }
        Ok(kept)
    }

    /// Keeps a file as it was seen; `None` if there was none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_seen(&self, seen: &Seen) -> Result<Option<Kept>, WriteError> {
        seen.bytes.as_ref().map(|bytes| self.keep(bytes, seen.mode)).transpose()
    }

    /// Gives bytes back, if they are still those.
    ///
    /// # Errors
    /// When they are gone or damaged.
    pub fn get(&self, kept: &Kept) -> Result<Vec<u8>, WriteError> {
        let path = self.directory.join(&kept.hash);
        let bytes =
            std::fs::read(&path).map_err(|source| WriteError::Io { path: path.clone(), source })?;
        if hash(&bytes) == kept.hash {
            Ok(bytes)
        } else {
            Err(WriteError::NoFile { path, what: "is a damaged backup" })
        }
    }

    /// Forgets every snapshot but these.
    pub fn retain(&self, wanted: &dyn Fn(&str) -> bool) {
        let Ok(entries) = std::fs::read_dir(&self.directory) else { return };
        for entry in entries.flatten() {
            if !wanted(&entry.file_name().to_string_lossy()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}
