//! The connections: many readers, and on SQLite exactly one writer.

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Executor};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::migrate;

/// A transaction that writes; dropped without [`Transaction::commit`], nothing of it remains.
pub struct Transaction {
    inner: sqlx::Transaction<'static, sqlx::Any>,
    pub(crate) dialect: Dialect,
}

impl Transaction {
    /// Makes everything in the transaction last.
    ///
    /// # Errors
    /// When the database refuses; then nothing of it lasts.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

/// The books as they are at one moment, whatever is written meanwhile.
pub struct Snapshot {
    inner: sqlx::Transaction<'static, sqlx::Any>,
}

impl Snapshot {
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

/// A handle on the database; clones share the connections.
#[derive(Clone)]
pub struct Database {
    readers: AnyPool,
    writers: AnyPool,
    dialect: Dialect,
}

impl Database {
    /// Opens the embedded database in a data directory, and makes it if there is none.
    ///
    /// # Errors
    /// When it cannot be opened, is foreign, or newer than this release.
    pub async fn open_embedded(data: &Path) -> Result<Self, StoreError> {
        let path = data.join("tollkeeper.db");
        // Its owner's alone, like everything beside it; what SQLite adds follows the file's mode.
        let made = std::fs::File::options().create(true).append(true).mode(0o600).open(&path);
        made.map_err(|error| StoreError::Unavailable(sqlx::Error::Io(error)))?;
        Self::open(&format!("sqlite://{}?mode=rwc", path.display())).await
    }

    /// Opens the database behind a URL (`sqlite://…`, `postgres://…`) and brings it to this
    /// release's structure.
    ///
    /// # Errors
    /// When it cannot be opened, is foreign, or newer than this release.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url);
        let options = AnyConnectOptions::from_str(url)?;
        let pool = |connections: u32| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
                .after_connect(move |connection, _| Box::pin(prepare(connection, dialect)))
        };
        let database = match dialect {
            Dialect::Sqlite => {
                let writers = pool(1).connect_with(options.clone()).await?;
                Self { readers: pool(4).connect_lazy_with(options), writers, dialect }
            }
            Dialect::Postgres => {
                let shared = pool(16).connect_with(options).await?;
                Self { readers: shared.clone(), writers: shared, dialect }
            }
        };
        migrate::run(&database.writers, dialect).await?;
        Ok(database)
    }

    /// Starts a transaction that writes.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let inner = self.writers.begin_with(self.dialect.begin_write()).await?;
        Ok(Transaction { inner, dialect: self.dialect })
    }

    /// Looks at the books as they are at this moment.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot { inner: self.readers.begin_with(self.dialect.begin_snapshot()).await? })
    }

    /// Closes the connections; what is under way finishes first.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.readers
    }
}

async fn prepare(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), sqlx::Error> {
    if dialect == Dialect::Sqlite {
        // FULL: the journal's segments are removed once they are shipped, so a shipped batch must
        // survive a power loss. A page that many batches change is copied back once per 32 MB.
        connection
            .execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA busy_timeout = 10000; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; \
                 PRAGMA wal_autocheckpoint = 8000;",
            )
            .await?;
    }
    Ok(())
}
