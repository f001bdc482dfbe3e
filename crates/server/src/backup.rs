//! `tollkeeper backup` and `restore`: everything of a deployment in one file, and back.
//!
//! `file.rs` what the file looks like · `passphrase.rs` how the master key lies in it · `restore.rs`
//! the way back · `download.rs` for the API · here: how it is made.

pub(crate) mod download;
pub mod file;
mod passphrase;
pub mod restore;

use domain::secret::Secret;
use domain::time::UnixMillis;
use std::io;
use std::path::{Path, PathBuf};
use store::deployment::Fact;
use store::{Database, StoreError};

use self::file::{Contents, Manifest};
use crate::config::Config;
use crate::master_key::MasterKey;

/// Why no backup was made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// The file exists.
    #[error("{0} exists already: name another file, a backup is never replaced")]
    Exists(PathBuf),
    /// The books cannot be copied.
    #[error(transparent)]
    Books(#[from] ledger::backup::BackupError),
    /// The books or the directory cannot be opened.
    #[error(transparent)]
    Open(#[from] ledger::OpenError),
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is none of ours.
    #[error("{0} is not a backup of Tollkeeper's")]
    Foreign(PathBuf),
    /// The file was made by a newer release.
    #[error("{0} was made by a newer release of Tollkeeper ({1}): restore it with that release")]
    Newer(PathBuf, String),
    /// The file is cut off or altered.
    #[error("{0} is damaged: {1}. Use another backup; nothing was changed")]
    Damaged(PathBuf, &'static str),
    /// The passphrase opens nothing.
    #[error(
        "the passphrase is not the one that {0} was made with, or the file's head was altered. Nothing was changed"
    )]
    Passphrase(PathBuf),
    /// There are books already.
    #[error(
        "{place} holds books already: {calls} calls, the last at {last}; the backup was made at {made_at}. With --replace the backup takes their place"
    )]
    BooksThere {
        /// Where.
        place: String,
        /// How many calls.
        calls: i64,
        /// The last call.
        last: String,
        /// The backup's time.
        made_at: String,
    },
    /// There are files that could be somebody's books.
    #[error(
        "{0} is there already and cannot be read as books: move it away, or restore with --replace"
    )]
    Unreadable(PathBuf),
    /// The database is not empty.
    #[error(
        "the database behind --database holds a deployment already. A backup is restored into an empty one: make one, and let --database name it"
    )]
    NotEmpty,
}

impl BackupError {
    pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io(path.clone(), error)
    }
}

/// Makes a backup of a deployment that may be running.
///
/// # Errors
/// When the books cannot be copied or the file cannot be written; then there is no file.
pub async fn make(
    config: &Config,
    database: &Database,
    master: &MasterKey,
    passphrase: &Secret,
    to: &Path,
    now: UnixMillis,
) -> Result<Manifest, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let room = Room::beside(to)?;
    let copy = ledger::backup::copy(database, &config.data, &room.0, now).await?;
    let (counts, deployment) = (copy.counts().await?, copy.fact(Fact::Id).await?);
    copy.gather().await?;
    let node = match std::fs::read_to_string(config.data.join("node.id")) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(BackupError::Io(config.data.join("node.id"), error)),
    };
    let contents = Contents {
        release: env!("CARGO_PKG_VERSION").to_owned(),
        structure: store::copy::newest_structure(),
        deployment: deployment.unwrap_or_default(),
        node,
        made_at: now.to_string(),
        from: if config.database.is_some() { "postgresql" } else { "sqlite" }.to_owned(),
        users: counts.users,
        keys: counts.keys,
        calls: counts.calls,
        ledger_entries: counts.ledger_entries,
    };
    let (source, target) = (room.0.join("tollkeeper.db"), to.to_owned());
    let sealed_key = master.text();
    let passphrase = passphrase.clone();
    let written = move || file::write(&source, &target, contents, &sealed_key, &passphrase);
    let written = tokio::task::spawn_blocking(written).await;
    written.map_err(|error| BackupError::Io(to.to_owned(), io::Error::other(error)))?
}

/// How the name of a [`Room`] ends.
const ROOM_ENDING: &str = ".making";

/// A directory of one's own while something is made; it goes with this.
struct Room(PathBuf);

impl Room {
    /// Beside a file, so that nothing has to be moved to another disk.
    fn beside(path: &Path) -> Result<Self, BackupError> {
        use std::os::unix::fs::DirBuilderExt;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}{ROOM_ENDING}", hex::encode(rand::random::<[u8; 4]>())));
        let room = path.with_file_name(name);
        std::fs::DirBuilder::new().mode(0o700).create(&room).map_err(BackupError::io(&room))?;
        Ok(Self(room))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, place = %self.0.display(), "could not be removed");
        }
    }
}
