//! The audit log: who did what, in one chain of hashes.
//!
//! A request's [`AuditNote`] travels with the database's handle ([`Database::noting`]). The first
//! transaction that is committed through it writes the row too: a change and its row last together,
//! or neither does. The row of [`Transaction::append_audit`] comes last in a transaction, because
//! it waits for every other one.

use domain::audit::{AuditEvent, GENESIS};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::database::{Database, Snapshot, Transaction};
use crate::error::StoreError;

/// What is being done, while it is being done.
#[derive(Debug, Default)]
pub struct AuditNote(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    event: AuditEvent,
    /// Things beyond the one that the event names.
    further: usize,
    written: bool,
}

impl AuditNote {
    /// A note of what is about to be done.
    #[must_use]
    pub fn new(event: AuditEvent) -> Self {
        Self(Mutex::new(Noted { event, ..Noted::default() }))
    }

    /// Notes who does it, and with what.
    pub fn by(&self, actor: impl ToString, via: impl ToString) {
        let mut noted = self.lock();
        noted.event.actor = actor.to_string();
        noted.event.via = via.to_string();
    }

    /// Notes what it is done to. Of many things the first is named and the others are counted.
    pub fn about(&self, object: impl ToString) {
        let mut noted = self.lock();
        if noted.event.object.is_empty() {
            noted.event.object = object.to_string();
        } else if noted.event.object != object.to_string() {
            noted.further += 1;
        }
    }

    /// Notes what changes, in words without a secret.
    pub fn summary(&self, words: String) {
        self.lock().event.summary = words;
    }

    /// Gives the action another name.
    pub fn action(&self, name: &str) {
        name.clone_into(&mut self.lock().event.action);
    }

    /// The event, if its row is not written yet; from now on it counts as written.
    #[must_use]
    pub fn claim(&self) -> Option<AuditEvent> {
        let mut noted = self.lock();
        if noted.written {
            return None;
        }
        noted.written = true;
        let mut event = noted.event.clone();
        if noted.further > 0 {
            event.object = format!("{} +{}", event.object, noted.further);
        }
        Some(event)
    }

    /// The row could not be written after all.
    pub(crate) fn release(&self) {
        self.lock().written = false;
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The row's number, from 1 without a gap.
    pub number: i64,
    /// What was done.
    pub event: AuditEvent,
    /// The row's hash.
    pub hash: String,
}

/// Which rows to list, newest first; an empty text or none: all.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// By this user.
    pub actor: String,
    /// With this name of an action.
    pub action: String,
    /// About this thing.
    pub object: String,
    /// Not before this time.
    pub since: Option<UnixMillis>,
    /// Before this time.
    pub until: Option<UnixMillis>,
    /// The last row of the page before.
    pub after: Option<i64>,
    /// The most rows to give.
    pub limit: u32,
}

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditChain {
    /// Rows that were recomputed.
    pub rows: i64,
    /// The hash of the last one.
    pub hash: String,
    /// Everything that does not fit, a sentence each.
    pub differences: Vec<String>,
}

/// Rows that are read at once.
const PAGE: i64 = 1_000;

impl Database {
    /// The same database, where the first transaction that is committed writes the note's row.
    #[must_use]
    pub fn noting(&self, note: Arc<AuditNote>) -> Self {
        let mut noting = self.clone();
        noting.note = Some(note);
        noting
    }

    /// Writes a row by itself.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn append_audit(&self, event: &AuditEvent) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        transaction.append_audit(event).await?;
        transaction.commit().await
    }

    /// A page of rows, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn audit_rows(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, at, actor, via, client_ip, action, object, summary, hash FROM audit_log \
             WHERE number < $1 AND ($2 = '' OR actor = $2) AND ($3 = '' OR action = $3) \
             AND ($4 = '' OR object = $4) AND at >= $5 AND at < $6 ORDER BY number DESC LIMIT $7",
        )
        .bind(query.after.unwrap_or(i64::MAX))
        .bind(&query.actor)
        .bind(&query.action)
        .bind(&query.object)
        .bind(query.since.map_or(0, UnixMillis::get))
        .bind(query.until.map_or(i64::MAX, UnixMillis::get))
        .bind(i64::from(query.limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Recomputes the chain from its first row.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn audit_chain(&self) -> Result<AuditChain, StoreError> {
        self.snapshot().await?.audit_chain().await
    }
}

impl Snapshot {
    /// Recomputes the chain from its first row.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn audit_chain(&mut self) -> Result<AuditChain, StoreError> {
        let mut chain = AuditChain { hash: GENESIS.to_owned(), ..AuditChain::default() };
        let mut last = 0;
        loop {
            let rows = sqlx::query(
                "SELECT number, at, actor, via, client_ip, action, object, summary, hash FROM audit_log \
                 WHERE number > $1 ORDER BY number LIMIT $2",
            )
            .bind(last)
            .bind(PAGE)
            .fetch_all(self.connection())
            .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let row = from_row(row)?;
                chain.check(last, &row);
                last = row.number;
            }
        }
        let head = sqlx::query("SELECT number, hash FROM audit_head WHERE id = 1")
            .fetch_optional(self.connection())
            .await?;
        let (number, hash): (i64, String) = match head {
            Some(head) => (head.try_get("number")?, head.try_get("hash")?),
            None => (-1, String::new()),
        };
        if (number, &hash) != (last, &chain.hash) {
            chain.differences.push(format!(
                "the audit log ends with row {last}, but row {number} was the last that was written"
            ));
        }
        Ok(chain)
    }
}

impl AuditChain {
    fn check(&mut self, last: i64, row: &AuditRow) {
        let number = row.number;
        if number != last.saturating_add(1) {
            self.differences
                .push(format!("audit row {number} follows row {last}: rows are missing"));
        }
        if row.event.hash(number, &self.hash) != row.hash {
            self.differences.push(format!(
                "audit row {number} is not what was written, or does not follow the row before"
            ));
        }
        self.rows += 1;
        row.hash.clone_into(&mut self.hash);
    }
}

impl Transaction {
    /// Notes what the transaction is about, for the row that its commit writes.
    pub(crate) fn about(&self, object: impl ToString) {
        if let Some(note) = &self.note {
            note.about(object);
        }
    }

    /// Adds a row to the chain. Others that do the same wait until this transaction ends.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn append_audit(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let head = sqlx::query(
            "UPDATE audit_head SET number = number + 1 WHERE id = 1 RETURNING number, hash",
        )
        .fetch_one(self.connection())
        .await?;
        let (number, previous): (i64, String) = (head.try_get("number")?, head.try_get("hash")?);
        let hash = event.hash(number, &previous);
        sqlx::query(
            "INSERT INTO audit_log (number, at, actor, via, client_ip, action, object, summary, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(number)
        .bind(event.at.get())
        .bind(&event.actor)
        .bind(&event.via)
        .bind(&event.client_ip)
        .bind(&event.action)
        .bind(&event.object)
        .bind(&event.summary)
        .bind(&hash)
        .execute(self.connection())
        .await?;
        sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1")
            .bind(&hash)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<AuditRow, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(AuditRow {
        number: row.try_get("number")?,
        event: AuditEvent {
            at: UnixMillis::new(row.try_get("at")?),
            actor: text("actor")?,
            via: text("via")?,
            client_ip: text("client_ip")?,
            action: text("action")?,
            object: text("object")?,
            summary: text("summary")?,
        },
        hash: text("hash")?,
    })
}
