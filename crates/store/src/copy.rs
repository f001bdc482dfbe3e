//! A whole database as a file, and back: what backups are made of.
//!
//! A copy is always an SQLite file, whichever database it was made from: it can be opened, checked
//! and brought up to date before it is needed.

use domain::id::NodeId;
use futures_util::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::path::Path;

use crate::database::{Database, Snapshot};
use crate::dialect::{self, Dialect};
use crate::error::StoreError;

/// A table of ours.
struct Table {
    name: String,
    columns: Vec<Column>,
    /// The tables that its rows refer to.
    refers: Vec<String>,
}

struct Column {
    name: String,
    is_text: bool,
}

/// How much a copy holds, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Users.
    pub users: i64,
    /// Keys, deleted ones included.
    pub keys: i64,
    /// Calls.
    pub calls: i64,
    /// Lines of the ledger.
    pub ledger_entries: i64,
}

impl Database {
    /// Writes one moment of this database to a new embedded one, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the database is unavailable, or the file cannot be written.
    pub async fn copy_to(
        &self,
        moment: &mut Snapshot,
        directory: &Path,
    ) -> Result<Self, StoreError> {
        let copy = Self::open_embedded(directory).await?;
        match copy_rows(moment.connection(), self.dialect(), &copy).await {
            Ok(()) => Ok(copy),
            Err(error) => {
                copy.close().await;
                Err(error)
            }
        }
    }

    /// Takes over everything from a copy, in one transaction. This database must be empty.
    ///
    /// # Errors
    /// When it is not, or either is unavailable; then nothing was taken over.
    pub async fn take_over(&self, copy: &Self) -> Result<(), StoreError> {
        let mut moment = copy.snapshot().await?;
        copy_rows(moment.connection(), copy.dialect(), self).await
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let row = sqlx::query(
            "SELECT CAST((SELECT COUNT(*) FROM users) AS BIGINT) AS users, \
             CAST((SELECT COUNT(*) FROM api_keys) AS BIGINT) AS api_keys, \
             CAST((SELECT COUNT(*) FROM calls) AS BIGINT) AS calls, \
             CAST((SELECT COUNT(*) FROM ledger_entries) AS BIGINT) AS ledger_entries",
        )
        .fetch_one(self.readers())
        .await?;
        Ok(Counts {
            users: row.try_get("users")?,
            keys: row.try_get("api_keys")?,
            calls: row.try_get("calls")?,
            ledger_entries: row.try_get("ledger_entries")?,
        })
    }

    /// Puts everything into the one file of an embedded database, as nobody else uses it any more.
    ///
    /// # Errors
    /// When somebody does.
    pub async fn gather(&self) -> Result<(), StoreError> {
        if let Some(native) = self.native().cloned() {
            crate::database::blocking(move || native.close()).await?;
        }
        let mut connection = self.write_permit().await?;
        self.readers().close().await;
        sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut *connection).await?;
        drop(connection);
        self.close().await;
        Ok(())
    }
}

impl Snapshot {
    /// How far a node had shipped its journal at this moment; none: it never started here.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn shipped(&mut self, node: NodeId) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT shipped FROM nodes WHERE id = $1")
            .bind(node.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.try_get("shipped")).transpose()?)
    }
}

/// The newest structure that this release knows.
#[must_use]
pub fn newest_structure() -> i64 {
    crate::migrate::newest()
}

/// Forgets the rows that a new database begins with: they come from the copy.
const BEGINNINGS: [&str; 3] =
    ["DELETE FROM tiers", "DELETE FROM audit_head", "DELETE FROM deployment"];

/// Rows of one statement.
const AT_ONCE: usize = 64;

async fn copy_rows(
    source: &mut AnyConnection,
    spoken: Dialect,
    target: &Database,
) -> Result<(), StoreError> {
    // Else the two would be mixed, where none of their rows have the same id.
    let Counts { users, keys, calls, ledger_entries } = target.counts().await?;
    if [users, keys, calls, ledger_entries].iter().any(|count| *count != 0) {
        return Err(StoreError::Conflict("data of its own".to_owned()));
    }
    let mut transaction = target.begin().await?;
    for statement in BEGINNINGS {
        sqlx::query(statement).execute(transaction.connection()).await?;
    }
    let tables = match (spoken, target.dialect()) {
        (Dialect::Sqlite, _) => tables(source).await?,
        (_, Dialect::Sqlite) => tables(transaction.connection()).await?,
        (Dialect::Postgres, Dialect::Postgres) => {
            return Err(StoreError::damaged("copy", "one side is an SQLite file"));
        }
    };
    for table in in_order(tables) {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let select = dialect::select_all(&table.name, &names)?;
        let mut rows = sqlx::query(select).fetch(&mut *source);
        let mut chunk: Vec<AnyRow> = Vec::with_capacity(AT_ONCE);
        while let Some(row) = rows.try_next().await? {
            chunk.push(row);
            if chunk.len() == AT_ONCE {
                insert(transaction.connection(), target.dialect(), &table, &names, &chunk).await?;
                chunk.clear();
            }
        }
        for row in chunk {
            insert(transaction.connection(), target.dialect(), &table, &names, &[row]).await?;
        }
    }
    // Each database writes capitals small in its own way.
    transaction.note_all_texts().await?;
    transaction.commit().await
}

async fn insert(
    target: &mut AnyConnection,
    spoken: Dialect,
    table: &Table,
    names: &[&str],
    rows: &[AnyRow],
) -> Result<(), StoreError> {
    let mut query = sqlx::query(dialect::insert_all(&table.name, names, rows.len(), spoken)?);
    for row in rows {
        for column in &table.columns {
            let name = column.name.as_str();
            query = match column.is_text {
                true => query.bind(row.try_get::<Option<String>, _>(name)?),
                false => query.bind(row.try_get::<Option<i64>, _>(name)?),
            };
        }
    }
    query.execute(target).await?;
    Ok(())
}

/// Our tables, as an SQLite file describes them.
async fn tables(sqlite: &mut AnyConnection) -> Result<Vec<Table>, StoreError> {
    let names: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name <> '_sqlx_migrations' ORDER BY name",
    )
    .fetch_all(&mut *sqlite)
    .await?;
    let mut tables = Vec::with_capacity(names.len());
    for (name,) in names {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(&mut *sqlite)
                .await?;
        let column = |(name, kind): (String, String)| match kind.as_str() {
            "TEXT" => Ok(Column { name, is_text: true }),
            "BIGINT" => Ok(Column { name, is_text: false }),
            other => Err(StoreError::damaged("copy", format!("a column {name} of type {other}"))),
        };
        let refers: Vec<(String,)> =
            sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_list($1)")
                .bind(&name)
                .fetch_all(&mut *sqlite)
                .await?;
        tables.push(Table {
            columns: columns.into_iter().map(column).collect::<Result<_, _>>()?,
            refers: refers.into_iter().map(|(table,)| table).filter(|it| *it != name).collect(),
            name,
        });
    }
    Ok(tables)
}

/// What is referred to comes before what refers to it.
fn in_order(mut left: Vec<Table>) -> Vec<Table> {
    let mut done: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready =
            |table: &Table| table.refers.iter().all(|name| done.iter().any(|it| it.name == *name));
        // A circle cannot be ordered; the database then says so.
        let next = left.iter().position(ready).unwrap_or_default();
        done.push(left.swap_remove(next));
    }
    done
}
