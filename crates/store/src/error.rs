//! What can go wrong with the database, in words for whoever operates the deployment.

/// Why the books do not take an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountRefusal {
    /// A top-up of nothing, or less.
    #[error("a top-up is above zero")]
    NotPositive,
    /// The sum would not fit.
    #[error("the amount is larger than the books can hold")]
    BooksFull,
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or broke off.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The shared database cannot be reached at the start.
    #[error(
        "the database at {place} cannot be reached: {cause}. Check that it runs, and the address in --database"
    )]
    Unreachable {
        /// Host and port, and nothing else of its address.
        place: String,
        /// What the attempt came to.
        cause: String,
    },
    /// A value that must be unique exists already.
    #[error("{0} exists already")]
    Conflict(String),
    /// The thing does not exist, or not for this principal.
    #[error("not found")]
    NotFound,
    /// The thing was changed since it was read.
    #[error("changed by someone else since it was read")]
    Stale,
    /// The owner has as many keys as their tier allows.
    #[error("the owner already has the {0} keys that their tier allows")]
    AllowanceReached(i64),
    /// Nobody would be left who may do everything.
    #[error("the deployment would be left without an owner")]
    LastOwner,
    /// An amount that the books do not take.
    #[error("{0}")]
    AmountRefused(AmountRefusal),
    /// The database belongs to another program.
    #[error(
        "this database belongs to another program: it has tables, but none of Tollkeeper's. Name an empty database or another directory"
    )]
    Foreign,
    /// The database was made by a newer release.
    #[error(
        "this database was made by a newer release of Tollkeeper (migration {0}). Use that release, or restore a backup made before the upgrade"
    )]
    Newer(i64),
    /// The database's structure differs from what this release made.
    #[error(
        "migration {0} of this database is not the one of this release: the database was altered by hand or belongs to another program"
    )]
    Altered(i64),
    /// Another node keeps the books.
    #[error(
        "{0} keeps the books of this database: one node at a time can. Stop it in order first; if it is gone for good, `tollkeeper cluster forget {0}`"
    )]
    OtherNode(String),
    /// A stored value does not have the form that was written.
    #[error("the database holds a damaged value in {column}: {reason}")]
    Damaged {
        /// Table and column.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// A damaged value.
    pub(crate) fn damaged(column: &'static str, reason: impl ToString) -> Self {
        Self::Damaged { column, reason: reason.to_string() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(inner) if inner.is_unique_violation() => {
                Self::Conflict(unique_column(inner.message()))
            }
            sqlx::Error::Database(inner) if inner.is_foreign_key_violation() => Self::NotFound,
            sqlx::Error::Migrate(_) => migration(error),
            _ => Self::Unavailable(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(sqlx::Error::AnyDriverError(Box::new(error)))
    }
}

fn migration(error: sqlx::Error) -> StoreError {
    use sqlx::migrate::MigrateError;
    let sqlx::Error::Migrate(inner) = &error else {
        return StoreError::Unavailable(error);
    };
    match inner.as_ref() {
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => {
            StoreError::Newer(*version)
        }
        MigrateError::VersionMismatch(version) => StoreError::Altered(*version),
        _ => StoreError::Unavailable(error),
    }
}

/// `UNIQUE constraint failed: users.email` (SQLite) or a constraint's name (PostgreSQL) to a column.
fn unique_column(message: &str) -> String {
    let known = ["email", "name", "idempotency_key", "digest", "number"];
    known
        .iter()
        .find(|column| message.contains(*column))
        .map_or_else(|| "it".to_owned(), |column| format!("this {column}"))
}
