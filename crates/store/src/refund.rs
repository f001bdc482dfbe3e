//! Refunds: money back for calls, as ledger entries that point at them.
//!
//! A call's row never changes. What was given back for it is the sum of its refunds, which is never
//! above what was charged: whoever refunds holds the lock of the payer's row, so that two at once
//! see each other.

use domain::id::{CallId, KeyId, TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::call::span;
use crate::database::{Database, Transaction};
use crate::dialect::{JsonRows, PerDialect, json_rows};
use crate::error::{AmountRefusal, StoreError};
use crate::ledger_entry::Posting;
use crate::value::Value;

/// The most calls that are refunded in one go.
pub const MOST_CALLS: usize = 100_000;

/// Money back for one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The ledger transaction that moved it.
    pub transaction: TransactionId,
    /// The call that it is for.
    pub call: CallId,
    /// The key that made the call.
    pub key: KeyId,
    /// Who paid for the call and got it back.
    pub user: UserId,
    /// How much.
    pub amount: Nanos,
    /// Why, for people.
    pub reason: String,
    /// Who decided it.
    pub refunded_by: UserId,
    /// When it was booked.
    pub created_at: UnixMillis,
}

/// Who refunds, why and when.
#[derive(Debug, Clone, Copy)]
pub struct RefundOrder<'a> {
    /// The id that the ledger transaction gets.
    pub transaction: TransactionId,
    /// Who decides it.
    pub by: UserId,
    /// Why, for people.
    pub reason: &'a str,
    /// When it is booked.
    pub now: UnixMillis,
}

/// What became of a refund of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// It is booked.
    Booked {
        /// What was given back.
        refund: Refund,
        /// What could still be given back.
        left: Nanos,
    },
    /// Less than that, or nothing, is left to give back.
    TooMuch {
        /// What the call was charged.
        charged: Nanos,
        /// What was given back for it before.
        refunded: Nanos,
    },
}

/// What a refund of a key's calls came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanRefund {
    /// So many calls were refunded with so much; both can be zero.
    Booked {
        /// Calls that something was given back for.
        calls: usize,
        /// How much altogether.
        amount: Nanos,
    },
    /// The span holds more than [`MOST_CALLS`] calls.
    TooMany,
}

impl Database {
    /// The refunds of some calls, in the order in which they were booked.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn refunds(&self, calls: &[CallId]) -> Result<Vec<Refund>, StoreError> {
        let ids = serde_json::to_string(calls).map_err(|e| StoreError::damaged("refunds", e))?;
        let rows =
            sqlx::query(OF_CALLS.text(self.dialect())).bind(ids).fetch_all(self.readers()).await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Gives back a part of what a call was charged, or all that is left of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such call, [`StoreError::AmountRefused`] when the
    /// payer's credit is larger than the books can hold.
    pub async fn refund_call(
        &mut self,
        call: CallId,
        amount: Option<Nanos>,
        order: RefundOrder<'_>,
    ) -> Result<RefundOutcome, StoreError> {
        let row = sqlx::query("SELECT key_id, user_id, charged FROM calls WHERE id = $1")
            .bind(call.to_string())
            .fetch_one(self.connection())
            .await?;
        let user: UserId = id(&row, "user_id", "calls.user_id")?;
        let key: KeyId = id(&row, "key_id", "calls.key_id")?;
        let charged: i64 = row.try_get("charged")?;
        self.lock_user(user).await?;
        // After the lock: what another refund booked meanwhile counts.
        let row = sqlx::query(
            "SELECT COALESCE(CAST(SUM(amount) AS BIGINT), 0) AS amount FROM refunds WHERE call_id = $1",
        )
        .bind(call.to_string())
        .fetch_one(self.connection())
        .await?;
        let refunded: i64 = row.try_get("amount")?;
        let left = charged.saturating_sub(refunded);
        let amount = amount.map_or(left, Nanos::get);
        if amount <= 0 || amount > left {
            let (charged, refunded) = (Nanos::new(charged), Nanos::new(refunded));
            return Ok(RefundOutcome::TooMuch { charged, refunded });
        }
        let refund = order.refund(call, key, user, Nanos::new(amount));
        self.book_refunds(user, std::slice::from_ref(&refund), order).await?;
        Ok(RefundOutcome::Booked { refund, left: Nanos::new(left.saturating_sub(amount)) })
    }

    /// Gives back all that is left of what a key's calls were charged that were admitted in a span.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key, deleted ones included;
    /// [`StoreError::AmountRefused`] when the payer's credit is larger than the books can hold.
    pub async fn refund_key(
        &mut self,
        key: KeyId,
        since: UnixMillis,
        until: UnixMillis,
        order: RefundOrder<'_>,
    ) -> Result<SpanRefund, StoreError> {
        let row = sqlx::query("SELECT owner_id FROM api_keys WHERE id = $1")
            .bind(key.to_string())
            .fetch_one(self.connection())
            .await?;
        let user: UserId = id(&row, "owner_id", "api_keys.owner_id")?;
        self.lock_user(user).await?;
        let (from, below) = span(since, until);
        let rows = sqlx::query(
            "SELECT c.id, c.charged - COALESCE((SELECT CAST(SUM(r.amount) AS BIGINT) FROM refunds AS r \
             WHERE r.call_id = c.id), 0) AS remainder FROM calls AS c \
             WHERE c.key_id = $1 AND c.user_id = $2 AND c.id >= $3 AND c.id < $4 AND c.started_at >= $5 \
             AND c.started_at < $6 AND c.charged > 0 ORDER BY c.id LIMIT $7",
        )
        .bind(key.to_string())
        .bind(user.to_string())
        .bind(from)
        .bind(below)
        .bind(since.get())
        .bind(until.get())
        .bind(i64::try_from(MOST_CALLS).unwrap_or(i64::MAX).saturating_add(1))
        .fetch_all(self.connection())
        .await?;
        if rows.len() > MOST_CALLS {
            return Ok(SpanRefund::TooMany);
        }
        let mut refunds = Vec::with_capacity(rows.len());
        for row in &rows {
            let left: i64 = row.try_get("remainder")?;
            if left > 0 {
                refunds.push(order.refund(id(row, "id", "calls.id")?, key, user, Nanos::new(left)));
            }
        }
        let amount = self.book_refunds(user, &refunds, order).await?;
        Ok(SpanRefund::Booked { calls: refunds.len(), amount })
    }

    /// Writes refunds of one payer: their rows, the ledger's lines and the payer's credit.
    async fn book_refunds(
        &mut self,
        user: UserId,
        refunds: &[Refund],
        order: RefundOrder<'_>,
    ) -> Result<Nanos, StoreError> {
        let full = || StoreError::AmountRefused(AmountRefusal::BooksFull);
        let mut sum = 0_i64;
        for refund in refunds {
            sum = sum.checked_add(refund.amount.get()).ok_or_else(full)?;
        }
        if refunds.is_empty() {
            return Ok(Nanos::ZERO);
        }
        let done = sqlx::query(
            "UPDATE users SET credited = credited + $1 WHERE id = $2 AND credited <= $3",
        )
        .bind(sum)
        .bind(user.to_string())
        .bind(i64::MAX.saturating_sub(sum))
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Err(full());
        }
        let mut postings = Vec::with_capacity(refunds.len().saturating_add(1));
        let mut post = |account: String, amount: Nanos, reference: String| {
            postings.push(Posting {
                transaction: order.transaction,
                line: i64::try_from(postings.len()).unwrap_or(i64::MAX).saturating_add(1),
                account,
                amount,
                kind: "refund",
                reference,
                note: order.reason.to_owned(),
                at: order.now,
            });
        };
        for refund in refunds {
            post(format!("user:{user}"), refund.amount, refund.call.to_string());
        }
        // One call's refund points at it in both lines; that of many in the payer's alone.
        let reference = match refunds {
            [refund] => refund.call.to_string(),
            _ => String::new(),
        };
        post("operator:refunds".to_owned(), Nanos::new(sum.saturating_neg()), reference);
        self.post_entries(&postings).await?;
        self.insert_json(INSERT, refunds.iter().map(Refund::row)).await?;
        Ok(Nanos::new(sum))
    }
}

impl RefundOrder<'_> {
    fn refund(&self, call: CallId, key: KeyId, user: UserId, amount: Nanos) -> Refund {
        Refund {
            transaction: self.transaction,
            call,
            key,
            user,
            amount,
            reason: self.reason.to_owned(),
            refunded_by: self.by,
            created_at: self.now,
        }
    }
}

impl Refund {
    /// The columns in the order of [`INSERT`].
    fn row(&self) -> [Value<'_>; 8] {
        [
            self.transaction.into(),
            self.call.into(),
            self.key.into(),
            self.user.into(),
            self.amount.get().into(),
            self.reason.as_str().into(),
            self.refunded_by.into(),
            self.created_at.into(),
        ]
    }
}

const INSERT: JsonRows = json_rows!(
    "INSERT INTO refunds (transaction_id, call_id, key_id, user_id, amount, reason, refunded_by, created_at)",
    8,
    "value ->> 0, value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT), value ->> 5, \
     value ->> 6, CAST(value ->> 7 AS BIGINT)",
    ""
);

const OF_CALLS: PerDialect = PerDialect {
    sqlite: "SELECT transaction_id, call_id, key_id, user_id, amount, reason, refunded_by, created_at FROM refunds \
             WHERE call_id IN (SELECT value FROM json_each($1)) ORDER BY call_id, transaction_id",
    postgres: "SELECT transaction_id, call_id, key_id, user_id, amount, reason, refunded_by, created_at FROM refunds \
               WHERE call_id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
               ORDER BY call_id, transaction_id",
};

fn from_row(row: &AnyRow) -> Result<Refund, StoreError> {
    Ok(Refund {
        transaction: id(row, "transaction_id", "refunds.transaction_id")?,
        call: id(row, "call_id", "refunds.call_id")?,
        key: id(row, "key_id", "refunds.key_id")?,
        user: id(row, "user_id", "refunds.user_id")?,
        amount: Nanos::new(row.try_get("amount")?),
        reason: row.try_get("reason")?,
        refunded_by: id(row, "refunded_by", "refunds.refunded_by")?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
    })
}

fn id<T: std::str::FromStr>(row: &AnyRow, column: &str, name: &'static str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error: T::Err| StoreError::damaged(name, error))
}
