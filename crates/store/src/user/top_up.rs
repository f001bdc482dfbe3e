//! Money in: a top-up raises what a user was credited and is written to the ledger.

use domain::id::{TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;

use super::User;
use crate::database::Transaction;
use crate::error::StoreError;
use crate::ledger_entry::Posting;

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
        if amount <= Nanos::ZERO {
            return Err(StoreError::AmountRefused("a top-up is above zero"));
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
                StoreError::Stale => StoreError::AmountRefused(
                    "the sum of the top-ups is larger than the books can hold",
                ),
                other => other,
            });
        };
        let entry = |line, account: String, amount: i64| Posting {
            transaction: transaction_id,
            line,
            account,
            amount: Nanos::new(amount),
            kind: "topup",
            reference: String::new(),
            note: note.to_owned(),
            at: now,
        };
        self.post_entries(&[
            entry(1, format!("user:{id}"), amount.get()),
            entry(2, "operator:cash".to_owned(), -amount.get()),
        ])
        .await?;
        super::from_row(&row)
    }
}
