//! Backups for `POST /api/v1/backup`: made in the node's own directory, and gone from it before the
//! first byte is sent.

use domain::secret::Secret;
use domain::time::UnixMillis;
use management::{Backups, Making};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use store::Database;

use super::{ROOM_ENDING, Room, make};
use crate::config::Config;
use crate::master_key::MasterKey;

/// Where they are made, beside the books: no name that an operator's own backup has.
const MADE_IN: &str = "backup-download";

/// Backups of the deployment that this process serves.
pub(crate) struct Downloads {
    pub(crate) config: Config,
    pub(crate) database: Database,
    pub(crate) master: MasterKey,
}

impl Backups for Downloads {
    fn make(&self, passphrase: Secret, now: UnixMillis) -> Making<'_> {
        Box::pin(self.file(passphrase, now))
    }
}

/// Removes what a process that ended while it made one has left.
pub(crate) fn sweep(data: &Path) {
    for entry in std::fs::read_dir(data).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&format!("{MADE_IN}.")) && name.ends_with(ROOM_ENDING) {
            drop(Room(entry.path()));
        }
    }
}

impl Downloads {
    async fn file(
        &self,
        passphrase: Secret,
        now: UnixMillis,
    ) -> Result<File, Box<dyn Error + Send + Sync>> {
        // The directory goes with this; the file lives on for as long as it is open.
        let room = Room::beside(&self.config.data.join(MADE_IN))?;
        let file = room.0.join("backup");
        make(&self.config, &self.database, &self.master, &passphrase, &file, now).await?;
        Ok(File::open(&file)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_end_left_behind_is_removed_and_nothing_else() {
        let data = tempfile::tempdir().unwrap();
        let left = Room::beside(&data.path().join(MADE_IN)).unwrap();
        std::fs::write(left.0.join("backup"), "x").unwrap();
        let (gone, own) = (left.0.clone(), data.path().join("backup.0a0b0c0d.making"));
        std::mem::forget(left);
        std::fs::create_dir(&own).unwrap();
        sweep(data.path());
        assert!(!gone.exists() && own.exists());
    }
}
