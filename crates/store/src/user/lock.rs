//! A user's row as the lock of what is theirs.

use domain::id::UserId;
use domain::user::Tier;
use sqlx::Row;

use super::{User, columns, from_row};
use crate::database::Transaction;
use crate::error::StoreError;

impl Transaction {
    /// Makes transactions about one user wait for each other: an update that changes nothing takes
    /// the lock of the user's row. Their tier, as it is under the lock.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub(crate) async fn lock_user(&mut self, id: UserId) -> Result<Tier, StoreError> {
        let row = sqlx::query("UPDATE users SET version = version WHERE id = $1 RETURNING tier")
            .bind(id.to_string())
            .fetch_one(self.connection())
            .await?;
        let name: String = row.try_get("tier")?;
        Tier::from_name(&name).ok_or_else(|| StoreError::damaged("users.tier", "unknown name"))
    }

    /// A user as they are under that lock.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn locked_user(&mut self, id: UserId) -> Result<User, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE users SET version = version WHERE id = $1 RETURNING ",
            columns!()
        ))
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }
}
