//! The way back: everything is checked before anything is changed, and what was there is moved
//! aside, not deleted.

use domain::secret::Secret;
use domain::time::UnixMillis;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use store::call::CallQuery;
use store::deployment::Fact;
use store::{Database, StoreError};

use super::file::{self, Manifest};
use super::{BackupError, Room};
use crate::config::Config;

/// What of a data directory a restore takes the place of, the database last.
const REPLACED: [&str; 6] =
    ["tollkeeper.db", "tollkeeper.db-wal", "tollkeeper.db-shm", "journal", "node.id", "master.key"];

/// What was restored.
pub struct Restored {
    /// What the backup held.
    pub manifest: Manifest,
    /// Where what was there before is now.
    pub moved_to: Option<PathBuf>,
}

/// Restores a backup into the data directory of the settings, and into their database if they name
/// one, which must be empty.
///
/// # Errors
/// When the file or the passphrase is wrong, something runs, or books are there and `replace` does
/// not say that they may go. Then nothing was changed.
pub async fn restore(
    config: &Config,
    from: &Path,
    passphrase: &Secret,
    replace: bool,
    now: UnixMillis,
) -> Result<Restored, BackupError> {
    let opened = file::open(from)?;
    let manifest = opened.manifest.clone();
    let master_key = opened.master_key(from, passphrase)?;
    let data = &config.data;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(BackupError::io(data))?;
    // A gateway that runs here holds it, and none starts before this is done.
    let _lock = ledger::lock_directory(data)?;
    if !replace {
        refuse_books(data, &manifest).await?;
    }
    let room = Room::beside(&data.join("restore"))?;
    let path = room.0.join("tollkeeper.db");
    write_new(&path, |file| opened.database(from, file))?;
    let moved_to = match &config.database {
        Some(url) => {
            let target = Database::open(url).await?;
            let filled = fill(&target, &room.0).await;
            target.close().await;
            filled?;
            let moved_to = set_aside(data, now)?;
            for name in ["tollkeeper.db", "tollkeeper.db-wal", "tollkeeper.db-shm"] {
                let _ = std::fs::remove_file(room.0.join(name));
            }
            moved_to
        }
        None => set_aside(data, now)?,
    };
    let line = |text: &str| {
        let text = format!("{text}\n");
        move |file: &mut File| {
            file.write_all(text.as_bytes()).map_err(BackupError::io(Path::new("a new file")))
        }
    };
    write_new(&room.0.join("master.key"), line(master_key.expose()))?;
    if let Some(node) = &manifest.contents.node {
        write_new(&room.0.join("node.id"), line(node))?;
    }
    // The database last: without it there is no deployment.
    for name in REPLACED.iter().rev() {
        let (made, place) = (room.0.join(name), data.join(name));
        if made.exists() {
            std::fs::rename(&made, &place).map_err(BackupError::io(&place))?;
        }
    }
    File::open(data).and_then(|it| it.sync_all()).map_err(BackupError::io(data))?;
    Ok(Restored { manifest, moved_to })
}

/// Refuses to take the place of books that are there.
async fn refuse_books(data: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let database = data.join("tollkeeper.db");
    if let Some(other) = REPLACED.iter().map(|name| data.join(name)).find(|path| path.exists())
        && !database.exists()
    {
        return Err(BackupError::Unreadable(other));
    }
    if !database.exists() {
        return Ok(());
    }
    let unreadable = |_: StoreError| BackupError::Unreadable(database.clone());
    let books = Database::open_embedded(data).await.map_err(unreadable)?;
    let counts = books.counts().await;
    let last = books.calls(&CallQuery { limit: 1, ..CallQuery::default() }).await;
    books.close().await;
    let last = last.map_err(unreadable)?;
    Err(BackupError::BooksThere {
        place: data.display().to_string(),
        calls: counts.map_err(unreadable)?.calls,
        last: last.first().map_or_else(|| "never".to_owned(), |call| call.started_at.to_string()),
        made_at: manifest.contents.made_at.clone(),
    })
}

/// Fills an empty shared database.
async fn fill(target: &Database, room: &Path) -> Result<(), BackupError> {
    if target.fact(Fact::Id).await?.is_some() {
        return Err(BackupError::NotEmpty);
    }
    let copy = Database::open_embedded(room).await?;
    let taken = target.take_over(&copy).await;
    copy.close().await;
    Ok(taken?)
}

/// Moves what is there into a directory beside it.
fn set_aside(data: &Path, now: UnixMillis) -> Result<Option<PathBuf>, BackupError> {
    let there: Vec<&str> =
        REPLACED.iter().copied().filter(|name| data.join(name).exists()).collect();
    if there.is_empty() {
        return Ok(None);
    }
    let aside = data.join(format!("replaced-{}", now.get()));
    std::fs::DirBuilder::new().mode(0o700).create(&aside).map_err(BackupError::io(&aside))?;
    for name in there {
        let (from, to) = (data.join(name), aside.join(name));
        std::fs::rename(&from, &to).map_err(BackupError::io(&from))?;
    }
    Ok(Some(aside))
}

/// Makes a file that its owner alone can read, and has the disk keep it.
fn write_new(
    path: &Path,
    fill: impl FnOnce(&mut File) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let options = File::options().write(true).create_new(true).mode(0o600).clone();
    let mut file = options.open(path).map_err(BackupError::io(path))?;
    fill(&mut file)?;
    file.sync_all().map_err(|error: io::Error| BackupError::Io(path.to_owned(), error))
}
