//! The connections: many readers, and on SQLite exactly one writer.

use serde::Serialize;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row};
use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::api_key::Searches;
use crate::audit_log::{AuditNote, Touched};
use crate::dialect::{Dialect, JsonRows};
use crate::error::StoreError;
use crate::migrate;
use crate::native::Native;
use crate::reach;
use crate::value::Value;

/// A transaction that writes; dropped without [`Transaction::commit`], nothing of it remains.
pub struct Transaction {
    inner: sqlx::Transaction<'static, sqlx::Any>,
    pub(crate) dialect: Dialect,
    /// What is being done, for the audit log.
    pub(crate) note: Option<Arc<AuditNote>>,
    /// What becomes of which thing, in the order in which it was told, and where each stands.
    pub(crate) touched: Vec<Touched>,
    pub(crate) touched_places: BTreeMap<String, usize>,
}

impl Transaction {
    /// Makes everything in the transaction last, and with it the row of the audit log that says who
    /// did it, if there is one to be written.
    ///
    /// # Errors
    /// When the database refuses; then nothing of it lasts.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let Some(note) = self.note.take() else { return Ok(self.inner.commit().await?) };
        // What a second commit changes has a row of its own.
        let event = note.claim().or_else(|| (!self.touched.is_empty()).then(|| note.again()));
        let Some(mut event) = event else { return Ok(self.inner.commit().await?) };
        event.changes = match self.told(note.first()) {
            Ok(changes) => changes,
            Err(error) => {
                note.release();
                return Err(error);
            }
        };
        let written = match self.append_audit(&event).await {
            Ok(()) => self.inner.commit().await.map_err(StoreError::from),
            Err(error) => Err(error),
        };
        if written.is_err() {
            note.release();
        }
        written
    }

    /// Runs a statement that takes its rows as JSON, if there are any.
    pub(crate) async fn insert_json<'v, const N: usize>(
        &mut self,
        insert: JsonRows,
        rows: impl Iterator<Item = [Value<'v>; N]>,
    ) -> Result<(), StoreError>
    where
        [Value<'v>; N]: Serialize,
    {
        let rows: Vec<[Value<'v>; N]> = rows.collect();
        if rows.is_empty() {
            return Ok(());
        }
        let rows = serde_json::to_string(&rows).map_err(|e| StoreError::damaged("rows", e))?;
        sqlx::query(insert.json.text(self.dialect)).bind(rows).execute(self.connection()).await?;
        Ok(())
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
    /// For what is written most; none on PostgreSQL.
    native: Option<Native>,
    dialect: Dialect,
    /// Searches for keys that pages wait for, and the turn of rankings.
    pub(crate) searches: Searches,
    /// What is being done through this handle, for the audit log.
    pub(crate) note: Option<Arc<AuditNote>>,
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
        let (readers, writers) = match dialect {
            Dialect::Sqlite => {
                let writers = pool(1).connect_with(options.clone()).await?;
                let readers = pool(4).connect_lazy_with(options);
                (readers, writers)
            }
            Dialect::Postgres => {
                let shared = pool(16).connect_with(options.clone()).await;
                let shared = match shared {
                    Ok(shared) => shared,
                    Err(error) => return Err(reach::explain(&options, error).await),
                };
                (shared.clone(), shared)
            }
        };
        let searches = Searches::default();
        let database = Self { readers, writers, native: None, dialect, searches, note: None };
        migrate::run(&database.writers, dialect).await?;
        let native = database.open_native().await?;
        Ok(Self { native, ..database })
    }

    /// Opens the native connection to the file that the others are connected to.
    async fn open_native(&self) -> Result<Option<Native>, StoreError> {
        if self.dialect != Dialect::Sqlite {
            return Ok(None);
        }
        let row = sqlx::query("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(&self.writers)
            .await?;
        let file: String = row.try_get("file")?;
        // A database in memory has no file, and no second connection.
        if file.is_empty() {
            return Ok(None);
        }
        let opened = blocking(move || Native::open(Path::new(&file), SQLITE_SETTINGS)).await?;
        Ok(Some(opened?))
    }

    /// Starts a transaction that writes.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let inner = self.writers.begin_with(self.dialect.begin_write()).await?;
        Ok(Transaction {
            inner,
            dialect: self.dialect,
            note: self.note.clone(),
            touched: Vec::new(),
            touched_places: BTreeMap::new(),
        })
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
        if let Some(native) = self.native.clone() {
            // A runtime that ends closes it by dropping it.
            drop(blocking(move || native.close()).await);
        }
        self.readers.close().await;
        self.writers.close().await;
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.readers
    }

    pub(crate) const fn native(&self) -> Option<&Native> {
        self.native.as_ref()
    }

    /// The right to write: on SQLite nobody else writes while it is held.
    pub(crate) async fn write_permit(&self) -> Result<PoolConnection<Any>, StoreError> {
        Ok(self.writers.acquire().await?)
    }
}

/// Runs what blocks on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| sqlx::Error::WorkerCrashed.into())
}

/// FULL: the journal's segments are removed once they are shipped, so a shipped batch must survive
/// a power loss. A page that many batches change is copied back once per 32 MB. The size of a page is
/// a new database's: each is written by two calls, and a batch of calls fills half as many of these.
const SQLITE_SETTINGS: &str = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 10000; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; \
     PRAGMA wal_autocheckpoint = 4000;";

async fn prepare(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), sqlx::Error> {
    if dialect == Dialect::Sqlite {
        connection.execute(SQLITE_SETTINGS).await?;
    }
    Ok(())
}
