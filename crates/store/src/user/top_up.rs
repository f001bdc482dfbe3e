//! Money in: a top-up raises what a user was credited and is written to the ledger.

use domain::id::{TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;

use super::User;
use crate::database::Transaction;
use crate::error::{AmountRefusal, StoreError};
use crate::ledger_entry::Posting;
use crate::redemption_code::RedemptionCode;

/// Why money comes in.
struct Reason<'a> {
    transaction_id: TransactionId,
    kind: &'static str,
    reference: &'a str,
    note: &'a str,
    now: UnixMillis,
}

impl Transaction {
    /// Credits a user with an amount: in the user's row and, as a transaction of two lines between
    /// the operator's cash and the user's account, in the ledger.
    ///
    /// # Errors
    /// [`StoreError::AmountRefused`] when the amount is not above zero or does not fit in the
    /// books, [`StoreError::NotFound`] when there is no such user.
    pub async fn credit_user(
        &mut self,
        id: UserId,
        amount: Nanos,
        transaction_id: TransactionId,
        note: &str,
        now: UnixMillis,
    ) -> Result<User, StoreError> {
        self.credit(id, amount, Reason { transaction_id, kind: "topup", reference: "", note, now })
            .await
    }

    /// The same for a redemption code, which the entries refer to.
    ///
    /// # Errors
    /// As [`Self::credit_user`].
    pub async fn credit_redeemed(
        &mut self,
        id: UserId,
        code: &RedemptionCode,
        transaction_id: TransactionId,
        now: UnixMillis,
    ) -> Result<User, StoreError> {
        let (reference, note) = (&code.id.to_string(), code.note.as_str());
        let kind = "redemption";
        self.credit(id, code.amount, Reason { transaction_id, kind, reference, note, now }).await
    }

    async fn credit(
        &mut self,
        id: UserId,
        amount: Nanos,
        reason: Reason<'_>,
    ) -> Result<User, StoreError> {
        if amount <= Nanos::ZERO {
            return Err(StoreError::AmountRefused(AmountRefusal::NotPositive));
        }
        let most = Nanos::MAX.checked_sub(amount).unwrap_or(Nanos::ZERO);
        let row = sqlx::query(concat!(
            "UPDATE users SET credited = credited + $1 WHERE id = $2 AND credited <= $3 RETURNING ",
            super::columns!()
        ))
        .bind(amount.get())
        .bind(id.to_string())
        .bind(most.get())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else {
            return Err(match self.missing_user(id).await? {
                StoreError::Stale => StoreError::AmountRefused(AmountRefusal::BooksFull),
                other => other,
            });
        };
        let entry = |line, account: String, amount: i64| Posting {
            transaction: reason.transaction_id,
            line,
            account,
            amount: Nanos::new(amount),
            kind: reason.kind,
            reference: reason.reference.to_owned(),
            note: reason.note.to_owned(),
            at: reason.now,
        };
        self.post_entries(&[
            entry(1, format!("user:{id}"), amount.get()),
            entry(2, "operator:cash".to_owned(), -amount.get()),
        ])
        .await?;
        super::from_row(&row)
    }
}
