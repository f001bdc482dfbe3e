//! Files that are the person's alone: written whole or not at all, readable by nobody else.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file of the companion could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Other people of this machine can read it.
    #[error(
        "{path} can be read by others (mode {mode:o}), and it holds secrets: \
         run `chmod 600 {path}`, and replace the secrets if somebody may have read them"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else than what was written. Its text is not shown: it may hold secrets.
    #[error("{path} is damaged at line {line}, column {column}; mend it or move it away")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where reading ended, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
    },
}

impl FileError {
    pub(crate) fn damaged(path: &Path, error: &serde_json::Error) -> Self {
        Self::Damaged { path: path.to_owned(), line: error.line(), column: error.column() }
    }
}

/// What is in a file; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::Read { path: path.to_owned(), source }),
    }
}

/// As [`read`], for secrets: refused if others could have read them too.
pub(crate) fn read_secrets(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match exposed_mode(path) {
        Ok(Some(mode)) => Err(FileError::Exposed { path: path.to_owned(), mode }),
        Ok(None) => read(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::Read { path: path.to_owned(), source }),
    }
}

/// Puts a file in place of what is there, in one step, readable by nobody else.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace(path, bytes).map_err(|source| FileError::Write { path: path.to_owned(), source })
}

/// Takes a file away if there is one.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::Write { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Keeps other runs of the companion from changing what is in a directory, until it is dropped.
pub(crate) fn lock(directory: &Path) -> Result<File, FileError> {
    let path = directory.join("lock");
    let locked = || {
        make_directory(directory)?;
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        file.lock()?;
        Ok(file)
    };
    locked().map_err(|source| FileError::Write { path: path.clone(), source })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_directory(directory)?;
    // A fresh temporary file has the mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_directory(directory)
}

#[cfg(unix)]
fn make_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn exposed_mode(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Elsewhere a person's own directories are closed to others by the system.
#[cfg(not(unix))]
fn exposed_mode(path: &Path) -> io::Result<Option<u32>> {
    std::fs::metadata(path).map(|_| None)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_private_from_its_first_byte() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("deep/er/secrets.json");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read_secrets(&path).unwrap().unwrap(), b"two");
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("secrets.json");
        for open in [0o640, 0o604, 0o620, 0o666] {
            write(&path, b"x").unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(open)).unwrap();
            let refused = read_secrets(&path).unwrap_err().to_string();
            assert!(refused.contains(&format!("mode {open:o}")), "{refused}");
        }
    }

    #[test]
    fn no_file_is_nothing() {
        let place = tempfile::tempdir().unwrap();
        assert!(read_secrets(&place.path().join("none")).unwrap().is_none());
        remove(&place.path().join("none")).unwrap();
    }

    #[test]
    fn where_nothing_can_be_written_it_is_said() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        write(&file, b"").unwrap();
        let refused = write(&file.join("below"), b"x").unwrap_err().to_string();
        assert!(refused.starts_with("cannot write "), "{refused}");
    }
}
