//! The audit log: who did what, in one chain of hashes.
//!
//! A request's [`AuditNote`] travels with the database's handle ([`Database::noting`]). The first
//! transaction that is committed through it writes the row too: a change and its row last together,
//! or neither does. The row of [`Transaction::append_audit`] comes last in a transaction, because
//! it waits for every other one.
//!
//! What a transaction changes of which thing it is told by [`Transaction::changed`]; the row that its
//! commit writes has it. Each thing that was touched is in `audit_changes`, where its own trail finds
//! it, however many one request touches.

mod chain;
mod list;
mod note;

pub use chain::AuditChain;
pub use list::{AuditQuery, AuditRow};
pub use note::AuditNote;

use domain::audit::{AuditChange, AuditEvent};
use domain::change::Changes;
use domain::id::UserId;
use sqlx::Row;
use std::sync::Arc;

use crate::database::{Database, Transaction};
use crate::dialect::{JsonRows, json_rows};
use crate::error::StoreError;

/// Changes of one statement.
const AT_ONCE: usize = 1_000;

/// A thing that a transaction touches.
pub(crate) struct Touched {
    object: String,
    owner: Option<UserId>,
    changes: Changes,
}

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
}

impl Transaction {
    /// Notes what the transaction is about, for the row that its commit writes.
    pub(crate) fn about(&self, object: impl ToString) {
        if let Some(note) = &self.note {
            note.about(object);
        }
    }

    /// Tells the row that the commit writes what becomes of a thing, and whose that is; none: the
    /// deployment's. Told twice, the first old values and the last new ones stand.
    pub fn changed(&mut self, object: impl ToString, owner: Option<UserId>, changes: Changes) {
        // Without a note there is no row.
        if self.note.is_none() {
            return;
        }
        let object = object.to_string();
        self.about(&object);
        let places = &mut self.touched_places;
        if let Some(known) = places.get(&object).and_then(|at| self.touched.get_mut(*at)) {
            known.changes.then(changes);
            return;
        }
        places.insert(object.clone(), self.touched.len());
        self.touched.push(Touched { object, owner, changes });
    }

    /// What was told, for the row, and the first thing that it names, if it counts the others with it:
    /// by that name its trail would not find it.
    pub(crate) fn told(&mut self, first: Option<String>) -> Result<Vec<AuditChange>, StoreError> {
        self.touched_places.clear();
        let mut told = Vec::with_capacity(self.touched.len());
        for Touched { object, owner, changes } in self.touched.drain(..) {
            let fields = serde_json::to_string(&changes)
                .map_err(|e| StoreError::damaged("audit_changes.fields", e))?;
            let owner = owner.map(|owner| owner.to_string()).unwrap_or_default();
            told.push(AuditChange { object, owner, fields });
        }
        if let Some(object) = first.filter(|it| told.iter().all(|change| change.object != *it)) {
            told.push(AuditChange { object, owner: String::new(), fields: "{}".to_owned() });
        }
        Ok(told)
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
        let mut position = 0_i64;
        for some in event.changes.chunks(AT_ONCE) {
            let rows: Vec<_> = (position..)
                .zip(some)
                .map(|(at, change)| {
                    let text = [&change.object, &change.owner, &change.fields];
                    let [object, owner, fields] = text.map(|it| it.as_str().into());
                    [number.into(), at.into(), object, owner, fields]
                })
                .collect();
            position = position.saturating_add_unsigned(some.len() as u64);
            self.insert_json(INSERT, rows.into_iter()).await?;
        }
        sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1")
            .bind(&hash)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

const INSERT: JsonRows = json_rows!(
    "INSERT INTO audit_changes (number, position, object, owner_id, fields)",
    5,
    "CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), value ->> 2, value ->> 3, value ->> 4",
    ""
);
