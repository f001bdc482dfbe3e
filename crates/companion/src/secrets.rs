//! Where secrets lie that are to stand in no tool's file.

use std::path::PathBuf;

use domain::secret::Secret;

use crate::write::{WriteError, make_directories, write_own};

/// A place for secrets, by name.
pub trait Secrets {
    /// Keeps one.
    ///
    /// # Errors
    /// When the place cannot be written.
    fn keep(&self, name: &str, secret: &Secret) -> Result<(), WriteError>;

    /// Gives one back; `None` if there is none of this name.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn get(&self, name: &str) -> Result<Option<Secret>, WriteError>;

    /// Forgets one.
    fn forget(&self, name: &str);
}

/// A file for each, readable by its owner alone.
pub struct SecretFiles {
    directory: PathBuf,
}

impl SecretFiles {
    /// Files in this directory.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }
}

impl Secrets for SecretFiles {
    fn keep(&self, name: &str, secret: &Secret) -> Result<(), WriteError> {
        make_directories(&self.directory)?;
        write_own(&self.directory.join(name), secret.expose().as_bytes())
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, WriteError> {
        let path = self.directory.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(WriteError::Io { path, source }),
        }
    }

    fn forget(&self, name: &str) {
        let _ = std::fs::remove_file(self.directory.join(name));
    }
}
