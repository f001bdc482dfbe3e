//! The second connection to the embedded database, for what is written most: finished calls.
//!
//! The driver for both databases hands each value to another thread in a box of its own, and binds
//! it there. Here a statement is prepared once and run per row on the thread that has the values,
//! and a value that equals the one in the row before is not bound again.

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::StoreError;
use crate::value::Value;

/// The connection. Whoever writes through it holds the one permit to write meanwhile, see
/// `Database::ship`.
#[derive(Clone)]
pub(crate) struct Native {
    /// None once it is closed.
    connection: Arc<Mutex<Option<Connection>>>,
}

impl Native {
    /// Opens a database that exists, and sets it up with these `pragmas`.
    pub(crate) fn open(path: &Path, pragmas: &str) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch(pragmas)?;
        Ok(Self { connection: Arc::new(Mutex::new(Some(connection))) })
    }

    /// Does `work` in one transaction: all of it, or nothing. Blocks.
    pub(crate) fn write(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = connection.as_mut() else {
            return Err(sqlx::Error::PoolClosed.into());
        };
        // Dropped without a commit, the transaction is rolled back.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Closes the connection. Blocks until what is under way is done.
    pub(crate) fn close(&self) {
        drop(self.connection.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// A statement that is run once per row.
pub(crate) struct Rows<'c, 'v, const N: usize> {
    statement: CachedStatement<'c>,
    /// What is bound: the row before.
    bound: Option<[Value<'v>; N]>,
    text: Vec<u8>,
}

impl<'c, 'v, const N: usize> Rows<'c, 'v, N> {
    pub(crate) fn new(connection: &'c Connection, text: &str) -> Result<Self, StoreError> {
        let statement = connection.prepare_cached(text)?;
        Ok(Self { statement, bound: None, text: Vec::new() })
    }

    /// Runs the statement with a row's values; false if it changed nothing.
    pub(crate) fn run(&mut self, row: [Value<'v>; N]) -> Result<bool, StoreError> {
        let before = self.bound.take();
        for (at, value) in row.iter().enumerate() {
            if before.as_ref().and_then(|before| before.get(at)) != Some(value) {
                self.bind(at + 1, *value)?;
            }
        }
        self.bound = Some(row);
        Ok(self.statement.raw_execute()? > 0)
    }

    fn bind(&mut self, position: usize, value: Value<'_>) -> Result<(), StoreError> {
        let value = match value {
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Number(number) => ToSqlOutput::Owned(Owned::Integer(number)),
            Value::NoText | Value::NoNumber => ToSqlOutput::Owned(Owned::Null),
            Value::Id(..) | Value::Digits(_) | Value::Attempts(_) => {
                self.text.clear();
                value.write(&mut self.text).map_err(sqlx::Error::Io)?;
                ToSqlOutput::Borrowed(ValueRef::Text(&self.text))
            }
        };
        Ok(self.statement.raw_bind_parameter(position, value)?)
    }
}

/// Runs a statement with each of some rows.
pub(crate) fn run<'v, const N: usize>(
    connection: &Connection,
    text: &str,
    rows: impl Iterator<Item = [Value<'v>; N]>,
) -> Result<(), StoreError> {
    let mut statement = Rows::new(connection, text)?;
    for row in rows {
        statement.run(row)?;
    }
    Ok(())
}
