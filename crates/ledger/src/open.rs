//! Opening the books: lock the directory, read the journal back, bring the database up to date.

use domain::id::NodeId;
use domain::window::Windows;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use store::{Database, StoreError};

use crate::journal::{self, Header, Journal, ReadError};
use crate::ledger::{Ledger, Options};
use crate::recent::SharedRecent;
use crate::ship::Shipper;
use crate::{doubt, recover};

/// Why the books cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works on the directory.
    #[error(
        "another tollkeeper process is running on {0}: stop it first, or name another --data directory"
    )]
    InUse(PathBuf),
    /// There is no such directory.
    #[error("{0} holds no deployment yet: make one with `tollkeeper init --data {0}`")]
    Missing(PathBuf),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// The node's identity file does not hold one.
    #[error(
        "{0} does not hold a node id: restore it from a backup; the journal beside it belongs to that id"
    )]
    BadNodeId(PathBuf),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ledger {
    /// Opens the books of a data directory, which the caller has locked, and starts shipping.
    ///
    /// When this returns, everything that an earlier start journaled is in the database, and what it
    /// left in doubt is held.
    ///
    /// # Errors
    /// When the journal cannot be read or written, or the database refuses.
    pub async fn open(
        database: Database,
        options: Options,
        lock: File,
    ) -> Result<Arc<Self>, OpenError> {
        let directory = options.data.join("journal");
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| OpenError::Io(path, error)
        };
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .map_err(io(&directory))?;
        let now = options.clock.now();
        let node = node_id(&options.data, || NodeId::new(now, rand::random()))?;
        let history = journal::read(&directory, node)?;
        let recovered = recover::bring_up(&database, node, &history, &options.boot, now).await?;
        for path in &history.segments {
            std::fs::remove_file(path).map_err(io(path))?;
        }
        let header = Header {
            node,
            epoch: recovered.epoch,
            boot: options.boot.clone(),
            strict: options.durability == journal::Durability::Strict,
        };
        let journal = Journal::start(
            &directory,
            header,
            options.durability,
            options.segment_size,
            history.last_segment + 1,
            recovered.shipped,
        )
        .map_err(io(&directory))?;
        let recent = SharedRecent::default();
        let shipper = Shipper::new(
            &journal,
            database.clone(),
            options.clock.clone(),
            recovered,
            Arc::clone(&recent),
        );
        let windows = Windows::at(now, &options.zone);
        let ledger = Arc::new(Self {
            database,
            journal: Arc::new(journal),
            options,
            node,
            users: Mutex::default(),
            keys: Mutex::default(),
            windows: RwLock::new(windows),
            credit_turn: tokio::sync::Mutex::default(),
            recent,
            _lock: lock,
        });
        tokio::spawn(shipper.run());
        tokio::spawn(doubt::run(Arc::downgrade(&ledger)));
        Ok(ledger)
    }
}

/// Takes the lock on a data directory that one process at a time can have.
///
/// # Errors
/// When another process has it, or the directory cannot be written.
pub fn lock_directory(data: &Path) -> Result<File, OpenError> {
    let path = data.join("lock");
    let file =
        File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(
            |error| match error.kind() {
                io::ErrorKind::NotFound => OpenError::Missing(data.to_owned()),
                _ => OpenError::Io(path.clone(), error),
            },
        )?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse(data.to_owned())),
        Err(error) => Err(OpenError::Io(path, error.into())),
    }
}

/// The identity of a data directory, made if it has none yet.
fn node_id(data: &Path, make: impl FnOnce() -> NodeId) -> Result<NodeId, OpenError> {
    if let Some(node) = known_node(data)? {
        return Ok(node);
    }
    let (node, path) = (make(), data.join("node.id"));
    write_new(&path, &format!("{node}\n")).map_err(|error| OpenError::Io(path, error))?;
    Ok(node)
}

/// The identity of a data directory, if it was ever started.
pub(crate) fn known_node(data: &Path) -> Result<Option<NodeId>, OpenError> {
    let path = data.join("node.id");
    match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| OpenError::BadNodeId(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenError::Io(path, error)),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file =
        File::options().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

/// Changes with each start of the machine.
pub(crate) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| String::new(), |id| id.trim().to_owned())
}
