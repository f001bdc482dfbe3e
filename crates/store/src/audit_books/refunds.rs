//! What `tollkeeper verify` compares of refunds: their rows, the ledger, and the calls' charges.

use crate::database::Snapshot;
use crate::error::StoreError;

impl Snapshot {
    /// What was given back for each call, by the rows of refunds.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn refunds_by_call(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs(
            "SELECT call_id || ' ' || user_id AS name, CAST(SUM(amount) AS BIGINT) AS amount FROM refunds \
             GROUP BY call_id, user_id",
        )
        .await
    }

    /// The same, by the ledger's lines.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn refund_postings(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs(
            "SELECT reference || ' ' || REPLACE(account, 'user:', '') AS name, CAST(SUM(amount) AS BIGINT) AS amount \
             FROM ledger_entries WHERE kind = 'refund' AND account <> 'operator:refunds' GROUP BY reference, account",
        )
        .await
    }

    /// Calls for which more was given back than their payer was charged, with how much more.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn refunds_beyond_charges(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pairs(
            "SELECT r.call_id AS name, CAST(SUM(r.amount) - MAX(COALESCE(c.charged, 0)) AS BIGINT) AS amount \
             FROM refunds AS r LEFT JOIN calls AS c ON c.id = r.call_id AND c.user_id = r.user_id AND c.key_id = r.key_id \
             GROUP BY r.call_id HAVING SUM(r.amount) > MAX(COALESCE(c.charged, 0)) ORDER BY r.call_id LIMIT 100",
        )
        .await
    }
}
