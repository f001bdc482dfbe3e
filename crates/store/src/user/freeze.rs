//! A frozen balance: none of its owner's keys makes a call until somebody thaws it.

use domain::id::UserId;
use domain::time::UnixMillis;

use super::User;
use crate::database::Transaction;
use crate::error::StoreError;

impl Transaction {
    /// Freezes a user's balance. A second time it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn freeze_user(&mut self, id: UserId, now: UnixMillis) -> Result<User, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE users SET version = CASE WHEN frozen_at IS NULL THEN version + 1 ELSE version END, \
             frozen_at = COALESCE(frozen_at, $1) WHERE id = $2 RETURNING ",
            super::columns!()
        ))
        .bind(now.get())
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        super::from_row(&row)
    }

    /// Thaws a user's balance. A second time it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn thaw_user(&mut self, id: UserId) -> Result<User, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE users SET version = CASE WHEN frozen_at IS NULL THEN version ELSE version + 1 END, \
             frozen_at = NULL WHERE id = $1 RETURNING ",
            super::columns!()
        ))
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        super::from_row(&row)
    }
}
