//! Two names change places in one step where the system can; elsewhere the hash is read once more
//! just before the rename.

use std::io;
use std::path::Path;

use super::{Replacement, Step, Steps, WriteError, hash_at};

/// Gives the new bytes the name of the old ones.
pub(super) fn swap(
    it: &Replacement<'_>,
    seen: &str,
    ours: &str,
    steps: Steps<'_>,
) -> Result<(), WriteError> {
    let failed = || WriteError::io(it.path);
    match exchange(it.temporary, it.path) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => return rename_over(it, seen, steps),
        // Somebody removed it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(WriteError::Changed(it.path.to_owned()));
        }
        Err(error) => return Err(failed()(error)),
    }
    steps(Step::Exchanged);
    if hash_at(it.temporary)?.as_deref() == Some(seen) {
        steps(Step::Looked);
        return std::fs::remove_file(it.temporary).map_err(failed());
    }
    put_back(it, ours)?;
    Err(WriteError::Changed(it.path.to_owned()))
}

/// Gives others their name back. What comes out must be what was put there last: else somebody wrote
/// in between, and theirs is newer. So it goes on until nobody did.
fn put_back(it: &Replacement<'_>, ours: &str) -> Result<(), WriteError> {
    let mut placed = Some(ours.to_owned());
    loop {
        let next = hash_at(it.temporary)?;
        exchange(it.temporary, it.path).map_err(WriteError::io(it.path))?;
        if hash_at(it.temporary)? == placed {
            return Ok(());
        }
        placed = next;
    }
}

/// Gives the new bytes a name that nobody has.
pub(super) fn place(it: &Replacement<'_>, steps: Steps<'_>) -> Result<(), WriteError> {
    let placed = match rename_new(it.temporary, it.path) {
        Err(error) if is_unsupported(&error) => std::fs::hard_link(it.temporary, it.path)
            .and_then(|()| std::fs::remove_file(it.temporary)),
        placed => placed,
    };
    match placed {
        Ok(()) => {
            steps(Step::Exchanged);
            steps(Step::Looked);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(WriteError::Changed(it.path.to_owned()))
        }
        Err(error) => Err(WriteError::io(it.path)(error)),
    }
}

/// Takes a file away, if it is the one that was seen.
pub(super) fn take_away(
    it: &Replacement<'_>,
    seen: &str,
    steps: Steps<'_>,
) -> Result<(), WriteError> {
    let changed = || WriteError::Changed(it.path.to_owned());
    let failed = || WriteError::io(it.path);
    match rename_new(it.path, it.temporary) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => {
            if hash_at(it.path)?.as_deref() != Some(seen) {
                return Err(changed());
            }
            return std::fs::remove_file(it.path).map_err(failed());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(changed()),
        Err(error) => return Err(failed()(error)),
    }
    steps(Step::Exchanged);
    if hash_at(it.temporary)?.as_deref() == Some(seen) {
        steps(Step::Looked);
        return std::fs::remove_file(it.temporary).map_err(failed());
    }
    match rename_new(it.temporary, it.path) {
        // Whoever made a new one meanwhile has the last word.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(it.temporary).map_err(failed())?;
        }
        back => back.map_err(failed())?,
    }
    Err(changed())
}

fn rename_over(it: &Replacement<'_>, seen: &str, steps: Steps<'_>) -> Result<(), WriteError> {
    if hash_at(it.path)?.as_deref() != Some(seen) {
        return Err(WriteError::Changed(it.path.to_owned()));
    }
    std::fs::rename(it.temporary, it.path).map_err(WriteError::io(it.path))?;
    steps(Step::Exchanged);
    steps(Step::Looked);
    Ok(())
}

/// Both names exist, before and after.
#[cfg(target_os = "linux")]
pub(crate) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A rename to a name that nobody has.
#[cfg(target_os = "linux")]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(target_os = "linux"))]
fn rename_new(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{WriteError, hash};

    #[test]
    fn without_an_exchange_the_hash_is_read_before_the_rename() {
        let place = tempfile::tempdir().unwrap();
        let (path, temporary) = (place.path().join("a"), place.path().join("b"));
        std::fs::write(&path, "theirs").unwrap();
        std::fs::write(&temporary, "ours").unwrap();
        let it = Replacement {
            path: &path,
            temporary: &temporary,
            seen: None,
            bytes: Some(b"ours"),
            mode: 0o600,
        };
        let refused = rename_over(&it, &hash(b"seen"), &|_| ());
        assert!(matches!(refused, Err(WriteError::Changed(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        rename_over(&it, &hash(b"theirs"), &|_| ()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"ours");
    }
}
