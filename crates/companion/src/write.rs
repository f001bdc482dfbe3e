//! A file is replaced as a whole or not at all, and never one that somebody else has just changed.
//!
//! A temporary file beside it, `fsync`, an exchange of the two names, a look at what came out, the
//! directory's `fsync`. Where what came out is not what the plan was made for, the names are
//! exchanged back, and the caller plans again.

mod exchange;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::private_file::FileError;

/// No tool's settings are larger.
const LARGEST: u64 = 16 * 1024 * 1024;
/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Somebody else changed the file meanwhile; it has their bytes.
    #[error("{} was changed by another program just now", .0.display())]
    Changed(PathBuf),
    /// The machine.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// Not a file that can be settings.
    #[error("{}: {what}", .path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A file of the companion's own.
    #[error(transparent)]
    Own(#[from] FileError),
}

impl WriteError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

/// A moment at which the machine may stop. Tests stop it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The bytes from before are kept.
    Kept,
    /// What is about to happen is written down.
    Announced,
    /// The temporary file is there, in part.
    TemporaryBegun,
    /// The temporary file is whole.
    TemporaryWhole,
    /// The new bytes have the name.
    Exchanged,
    /// What came out is what was expected.
    Looked,
    /// The temporary file is gone.
    Removed,
    /// What has happened is written down.
    Noted,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Kept,
        Self::Announced,
        Self::TemporaryBegun,
        Self::TemporaryWhole,
        Self::Exchanged,
        Self::Looked,
        Self::Removed,
        Self::Noted,
    ];
}

/// Hears of each step.
pub type Steps<'a> = &'a dyn Fn(Step);

/// What a file held when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The file itself: links are followed.
    pub path: PathBuf,
    /// Its bytes; `None` if there is no file.
    pub bytes: Option<Vec<u8>>,
    /// Its permissions.
    pub mode: u32,
}

impl Seen {
    /// The bytes' hash; `None` if there is no file.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        self.bytes.as_deref().map(hash)
    }
}

/// One replacement.
#[derive(Debug, Clone)]
pub struct Replacement<'a> {
    /// The file.
    pub path: &'a Path,
    /// The name in the same directory that is used meanwhile.
    pub temporary: &'a Path,
    /// The hash that it must have; `None`: there must be none.
    pub seen: Option<&'a str>,
    /// What it shall hold; `None`: it shall be gone.
    pub bytes: Option<&'a [u8]>,
    /// Its permissions.
    pub mode: u32,
}

/// SHA-256 of bytes, in hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Looks at a file.
///
/// # Errors
/// When it cannot be read or is no regular file.
pub fn see(path: &Path) -> Result<Seen, WriteError> {
    let path = follow(path)?;
    let found = match std::fs::metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Seen { path, bytes: None, mode: 0o600 });
        }
        Err(error) => return Err(WriteError::io(&path)(error)),
    };
    if !found.is_file() {
        return Err(WriteError::NoFile { path, what: "is not a regular file" });
    }
    if found.len() > LARGEST {
        return Err(WriteError::NoFile { path, what: "is too large for a settings file" });
    }
    let bytes = std::fs::read(&path).map_err(WriteError::io(&path))?;
    Ok(Seen { mode: mode_of(&found), path, bytes: Some(bytes) })
}

/// The file that a path leads to, also where it does not exist yet.
fn follow(path: &Path) -> Result<PathBuf, WriteError> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => {
                let directory = path.parent().unwrap_or(Path::new("/"));
                path = directory.join(target);
            }
            Err(_) => return Ok(path),
        }
    }
    Err(WriteError::NoFile { path, what: "is a chain of links without an end" })
}

/// Does it.
///
/// # Errors
/// [`WriteError::Changed`] when the file is not what was seen; then it is as it was found.
pub fn replace(it: &Replacement<'_>, steps: Steps<'_>) -> Result<(), WriteError> {
    let Some(bytes) = it.bytes else { return remove(it, steps) };
    let made = make_temporary(it, bytes, steps);
    let done = made.and_then(|()| {
        steps(Step::TemporaryWhole);
        match it.seen {
            Some(seen) => exchange::swap(it, seen, &hash(bytes), steps),
            None => exchange::place(it, steps),
        }
    });
    if let Err(error) = done {
        // What is left under this name is ours: an exchange ends with the others' bytes in place.
        let _ = std::fs::remove_file(it.temporary);
        return Err(error);
    }
    steps(Step::Removed);
    sync_directory(it.path)
}

fn make_temporary(it: &Replacement<'_>, bytes: &[u8], steps: Steps<'_>) -> Result<(), WriteError> {
    let failed = || WriteError::io(it.temporary);
    let mut file = private(it.temporary).map_err(failed())?;
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    file.write_all(head).map_err(failed())?;
    steps(Step::TemporaryBegun);
    file.write_all(tail).map_err(failed())?;
    keep_owner(it.path, &file).map_err(failed())?;
    set_mode(&file, it.mode).map_err(failed())?;
    file.sync_all().map_err(failed())
}

fn remove(it: &Replacement<'_>, steps: Steps<'_>) -> Result<(), WriteError> {
    let Some(seen) = it.seen else { return Ok(()) };
    exchange::take_away(it, seen, steps)?;
    steps(Step::Removed);
    sync_directory(it.path)
}

/// Writes a file of the companion's own, readable by nobody else.
///
/// # Errors
/// When the machine cannot.
pub fn write_own(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let temporary = path.with_extension("new");
    let failed = || WriteError::io(path);
    let _ = std::fs::remove_file(&temporary);
    let mut file = private(&temporary).map_err(failed())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed())?;
    std::fs::rename(&temporary, path).map_err(failed())?;
    sync_directory(path)
}

/// Makes a directory that only its owner enters, and those above it; says which were made.
///
/// # Errors
/// When the machine cannot.
pub fn make_directories(path: &Path) -> Result<(), WriteError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(WriteError::io(path))
}

/// The directories above a file that do not exist, outermost first.
#[must_use]
pub fn missing_directories(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|directory| !directory.exists() && !directory.as_os_str().is_empty())
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Someone who configures another's tools (`sudo`) must not take the file from them.
#[cfg(unix)]
fn keep_owner(path: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let wanted = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(_) => std::fs::metadata(path.parent().unwrap_or(Path::new("/")))?,
    };
    let made = file.metadata()?;
    if (made.uid(), made.gid()) == (wanted.uid(), wanted.gid()) {
        return Ok(());
    }
    let owner = fchown(file, Some(wanted.uid()), Some(wanted.gid()));
    // A new file in a directory of another group is no harm; a file taken from its owner is.
    if made.uid() == wanted.uid() { Ok(()) } else { owner }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn mode_of(found: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode_of(_: &std::fs::Metadata) -> u32 {
    0o600
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> Result<(), WriteError> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    File::open(directory).and_then(|it| it.sync_all()).map_err(WriteError::io(directory))
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> Result<(), WriteError> {
    Ok(())
}

/// The hash of what stands under a name; `None` if nothing does.
fn hash_at(path: &Path) -> Result<Option<String>, WriteError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(hash(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::io(path)(error)),
    }
}
