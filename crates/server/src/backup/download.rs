//! Backups for `POST /api/v1/backup`: made in the node's own directory, and gone from it before the
//! first byte is sent.

use domain::secret::Secret;
use domain::time::UnixMillis;
use management::{Backups, Making};
use std::error::Error;
use std::fs::File;
use store::Database;

use super::{Room, make};
use crate::config::Config;
use crate::master_key::MasterKey;

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

impl Downloads {
    async fn file(
        &self,
        passphrase: Secret,
        now: UnixMillis,
    ) -> Result<File, Box<dyn Error + Send + Sync>> {
        // The directory goes with this; the file lives on for as long as it is open.
        let room = Room::beside(&self.config.data.join("backup"))?;
        let file = room.0.join("backup");
        make(&self.config, &self.database, &self.master, &passphrase, &file, now).await?;
        Ok(File::open(&file)?)
    }
}
