//! The chain of hashes, recomputed.

use domain::audit::{AuditEvent, GENESIS};
use sqlx::Row;

use super::list::{change_of, event_of};
use crate::database::{Database, Snapshot};
use crate::error::StoreError;

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

/// Rows that are read at once; one of them may have touched thousands of things.
const PAGE: i64 = 100;

/// A row as it is stored.
struct Stored {
    number: i64,
    event: AuditEvent,
    /// Its changes are numbered as they were written: the hash knows their order, not their numbers.
    is_numbered: bool,
    hash: String,
}

impl Database {
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
            let rows = self.audit_page(last).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                chain.check(last, row);
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

    /// The rows after one, each with all of its changes.
    async fn audit_page(&mut self, after: i64) -> Result<Vec<Stored>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, at, actor, via, client_ip, action, object, summary, hash FROM audit_log \
             WHERE number > $1 ORDER BY number LIMIT $2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(self.connection())
        .await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in &rows {
            let (number, hash) = (row.try_get("number")?, row.try_get("hash")?);
            page.push(Stored { number, event: event_of(row)?, is_numbered: true, hash });
        }
        let Some(last) = page.last().map(|row| row.number) else { return Ok(page) };
        let changes = sqlx::query(
            "SELECT number, position, object, owner_id, fields FROM audit_changes \
             WHERE number > $1 AND number <= $2 ORDER BY number, position",
        )
        .bind(after)
        .bind(last)
        .fetch_all(self.connection())
        .await?;
        let mut of = page.iter_mut().peekable();
        for change in &changes {
            let number: i64 = change.try_get("number")?;
            while of.next_if(|row| row.number < number).is_some() {}
            if let Some(row) = of.peek_mut().filter(|row| row.number == number) {
                let position: i64 = change.try_get("position")?;
                row.is_numbered &= usize::try_from(position) == Ok(row.event.changes.len());
                row.event.changes.push(change_of(change)?);
            }
        }
        Ok(page)
    }
}

impl AuditChain {
    fn check(&mut self, last: i64, row: &Stored) {
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
        if !row.is_numbered {
            self.differences
                .push(format!("the changes of audit row {number} are not numbered from 0 on"));
        }
        self.rows += 1;
        row.hash.clone_into(&mut self.hash);
    }
}
