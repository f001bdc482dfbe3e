//! A copy of the books of a node that may be running: nothing that is settled is missing or there
//! twice, and calls under way are held in doubt, as after a crash at that moment.
//!
//! The database is behind the journal, and journal segments go when they are shipped. So the journal
//! is read before and after the moment at which the database is looked at: together they hold
//! everything that the database lacked at that moment, or the whole is done again.

use domain::time::UnixMillis;
use std::path::{Path, PathBuf};
use store::{Database, Snapshot, StoreError};

use crate::journal::{ReadError, Scan};
use crate::open::{OpenError, boot_id, known_node};
use crate::recover;

/// Why no copy could be made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The node's identity or its journal cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// A database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Records are missing, however often one looks.
    #[error(
        "the journal in {0} lacks records that the database does not have: it is damaged, or --data is not the directory of the node that keeps these books"
    )]
    Gap(PathBuf),
}

/// The journal turns faster than one can look only by chance.
const TRIES: usize = 20;

/// Copies the books to a new embedded database in `target`, with the journal in `data` brought in.
///
/// # Errors
/// When the database or the journal cannot be read, or the copy cannot be written.
pub async fn copy(
    database: &Database,
    data: &Path,
    target: &Path,
    now: UnixMillis,
) -> Result<Database, BackupError> {
    let Some(node) = known_node(data)? else {
        // It was never started: there is no journal.
        let mut moment = database.snapshot().await?;
        return Ok(database.copy_to(&mut moment, target).await?);
    };
    let directory = data.join("journal");
    for _ in 0..TRIES {
        let mut scan = Scan::default();
        scan.look(&directory, node)?;
        let mut moment: Snapshot = database.snapshot().await?;
        // The first statement makes the moment.
        let shipped = moment.shipped(node).await?.unwrap_or_default();
        scan.look(&directory, node)?;
        if !scan.covers(shipped) {
            continue;
        }
        let mut history = scan.history();
        // A node that runs has not stopped without order; a power loss is another matter.
        history.orderly |= !history.may_have_lost_records(&boot_id());
        let copy = database.copy_to(&mut moment, target).await?;
        drop(moment);
        if let Err(error) = bring_up(&copy, node, &history, now).await {
            copy.close().await;
            return Err(error.into());
        }
        return Ok(copy);
    }
    Err(BackupError::Gap(directory))
}

/// What a start after a crash would do, and an end in order.
async fn bring_up(
    copy: &Database,
    node: domain::id::NodeId,
    history: &crate::journal::History,
    now: UnixMillis,
) -> Result<(), StoreError> {
    // Another node may keep these books; its journal is on its own disk.
    recover::bring_up(copy, node, history, &boot_id(), now).await?;
    let mut transaction = copy.begin().await?;
    transaction.end_node(node).await?;
    transaction.commit().await
}
