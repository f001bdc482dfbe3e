//! The ledger: transactions of several lines whose amounts sum to zero, never changed.

use domain::id::{TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::fmt;

use crate::database::{Database, Transaction};
use crate::dialect::{JsonRows, json_rows};
use crate::error::StoreError;
use crate::value::Value;

/// Whose money a line moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// A user's balance.
    User(UserId),
    /// One of the operator's own: `cash`, `revenue`, `overrun`.
    Operator(String),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Operator(name) => write!(f, "operator:{name}"),
        }
    }
}

impl std::str::FromStr for Account {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| InvalidAccount),
            Some(("operator", name)) if !name.is_empty() => Ok(Self::Operator(name.to_owned())),
            _ => Err(InvalidAccount),
        }
    }
}

/// A text is not an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected user: and an id, or operator: and a name")]
pub struct InvalidAccount;

/// One line of a ledger transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The transaction.
    pub transaction: TransactionId,
    /// The line's number in it, from 1.
    pub line: i64,
    /// Whose money it moves.
    pub account: Account,
    /// How much; above zero: into the account.
    pub amount: Nanos,
    /// Why: `topup`, `usage`, …
    pub kind: String,
    /// What it is about: an id, or empty.
    pub reference: String,
    /// For people.
    pub note: String,
    /// When it was written.
    pub created_at: UnixMillis,
}

impl Database {
    /// A page of an account's lines, newest first. The last line of a page (transaction and
    /// number) asks for the next one.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn ledger_entries(
        &self,
        account: &Account,
        after: Option<(TransactionId, i64)>,
        limit: u32,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        // Above every id, because a hexadecimal digit is never a `g`.
        let (transaction, line) =
            after.map_or(("txn_g".to_owned(), 0), |(id, line)| (id.to_string(), line));
        let rows = sqlx::query(
            "SELECT transaction_id, line, account, amount, kind, reference, note, created_at FROM ledger_entries \
             WHERE account = $1 AND transaction_id <= $2 AND (transaction_id < $2 OR line < $3) \
             ORDER BY transaction_id DESC, line DESC LIMIT $4",
        )
        .bind(account.to_string())
        .bind(transaction)
        .bind(line)
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// The lines of one transaction, in order.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn ledger_transaction(
        &self,
        id: TransactionId,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT transaction_id, line, account, amount, kind, reference, note, created_at FROM ledger_entries \
             WHERE transaction_id = $1 ORDER BY line",
        )
        .bind(id.to_string())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// The sum of an account's lines.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn account_balance(&self, account: &Account) -> Result<Nanos, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(CAST(SUM(amount) AS BIGINT), 0) AS balance FROM ledger_entries WHERE account = $1",
        )
        .bind(account.to_string())
        .fetch_one(self.readers())
        .await?;
        Ok(Nanos::new(row.try_get("balance")?))
    }
}

fn from_row(row: &AnyRow) -> Result<LedgerEntry, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(LedgerEntry {
        transaction: text("transaction_id")?
            .parse()
            .map_err(|e| StoreError::damaged("ledger_entries.transaction_id", e))?,
        line: row.try_get("line")?,
        account: text("account")?
            .parse()
            .map_err(|e| StoreError::damaged("ledger_entries.account", e))?,
        amount: Nanos::new(row.try_get("amount")?),
        kind: text("kind")?,
        reference: text("reference")?,
        note: text("note")?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
    })
}

/// One line to be written to the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) transaction: TransactionId,
    pub(crate) line: i64,
    pub(crate) account: String,
    pub(crate) amount: Nanos,
    pub(crate) kind: &'static str,
    /// The call that it is about, where it is about one.
    pub(crate) reference: String,
    pub(crate) note: String,
    pub(crate) at: UnixMillis,
}

impl Transaction {
    /// Writes lines to the ledger.
    pub(crate) async fn post_entries(&mut self, postings: &[Posting]) -> Result<(), StoreError> {
        self.insert_json(INSERT, postings.iter().map(Posting::row)).await
    }
}

impl Posting {
    /// The columns in the order of [`INSERT`].
    pub(crate) fn row(&self) -> [Value<'_>; 8] {
        [
            self.transaction.into(),
            self.line.into(),
            self.account.as_str().into(),
            self.amount.get().into(),
            self.kind.into(),
            self.reference.as_str().into(),
            self.note.as_str().into(),
            self.at.into(),
        ]
    }
}

pub(crate) const INSERT: JsonRows = json_rows!(
    "INSERT INTO ledger_entries (transaction_id, line, account, amount, kind, reference, note, created_at)",
    8,
    "value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4, \
     value ->> 5, value ->> 6, CAST(value ->> 7 AS BIGINT)",
    ""
);
