//! A row of the audit log, and how its hash follows from the row before.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::time::UnixMillis;

/// What the first row's hash is made over.
pub const GENESIS: &str = "";

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditEvent {
    /// When it was asked for.
    pub at: UnixMillis,
    /// Who: a user's id, or empty.
    pub actor: String,
    /// With what: a session's or a management key's id, `cli`, or empty.
    pub via: String,
    /// From where: an address, or empty.
    pub client_ip: String,
    /// What: a stable name such as `users.edit`.
    pub action: String,
    /// To what: an id or a name, or empty.
    pub object: String,
    /// A few words more, never a secret.
    pub summary: String,
    /// What became of each thing that was touched.
    pub changes: Vec<AuditChange>,
}

/// What became of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct AuditChange {
    /// The thing: an id or a name.
    pub object: String,
    /// Whose it is: a user's id; empty: the deployment's.
    pub owner: String,
    /// The fields that changed, as JSON: see [`crate::change::Changes`].
    pub fields: String,
}

/// What a row's hash is made over, in this order.
#[derive(Serialize)]
struct Canonical<'a>(i64, i64, &'a str, &'a str, &'a str, &'a str, &'a str, &'a str);

impl AuditEvent {
    /// The row's hash: SHA-256, in hexadecimal digits, over the hash of the row before, a line
    /// break, and the row as a JSON array (number, milliseconds, who, with what, from where, what,
    /// to what, summary); then, where there are changes, a line break and their JSON.
    #[must_use]
    pub fn hash(&self, number: i64, previous: &str) -> String {
        let row = Canonical(
            number,
            self.at.get(),
            &self.actor,
            &self.via,
            &self.client_ip,
            &self.action,
            &self.object,
            &self.summary,
        );
        // Numbers and texts always serialise.
        let row = serde_json::to_vec(&row).unwrap_or_default();
        let mut digest = Sha256::new().chain_update(previous).chain_update("\n").chain_update(row);
        // Rows from before there were any keep the hash that they have.
        if !self.changes.is_empty() {
            digest.update("\n");
            digest.update(serde_json::to_vec(&self.changes).unwrap_or_default());
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let event =
            AuditEvent { actor: "a".to_owned(), via: "b".to_owned(), ..AuditEvent::default() };
        let hash = event.hash(1, GENESIS);
        assert_eq!(hash.len(), 64);
        assert_eq!(hash, event.hash(1, GENESIS));
        assert_ne!(hash, event.hash(2, GENESIS));
        assert_ne!(hash, event.hash(1, &hash));
        // What moves from one part to the next is another row.
        let moved = AuditEvent { actor: "ab".to_owned(), via: String::new(), ..event };
        assert_ne!(hash, moved.hash(1, GENESIS));
        let change = AuditChange { object: "o".to_owned(), ..AuditChange::default() };
        let changed = AuditEvent { changes: vec![change], ..moved.clone() };
        assert_ne!(moved.hash(1, GENESIS), changed.hash(1, GENESIS));
    }
}
