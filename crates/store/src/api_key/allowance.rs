//! How many keys a user can have: counted in the transaction that makes the key, under a lock on
//! the user's row, so that of two creates at once the second one counts the first.

use domain::id::UserId;

use crate::database::Transaction;
use crate::error::StoreError;

impl Transaction {
    /// Makes sure that a user can have so many more keys, and keeps others from making keys of
    /// theirs until this transaction ends.
    ///
    /// # Errors
    /// [`StoreError::AllowanceReached`] when their tier does not allow it, [`StoreError::NotFound`]
    /// when there is no such user.
    pub async fn check_key_limit(&mut self, owner: UserId, adding: i64) -> Result<(), StoreError> {
        let tier = self.lock_user(owner).await?;
        let allowance = self.tier_limit(tier).await?;
        self.check_allowance(owner, adding, allowance).await
    }

    pub(super) async fn check_allowance(
        &mut self,
        owner: UserId,
        adding: i64,
        allowance: Option<i64>,
    ) -> Result<(), StoreError> {
        let Some(allowance) = allowance else { return Ok(()) };
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM api_keys WHERE owner_id = $1 AND revoked_at IS NULL AND deleted_at IS NULL",
        )
        .bind(owner.to_string())
        .fetch_one(self.connection())
        .await?;
        if count.saturating_add(adding) > allowance {
            return Err(StoreError::AllowanceReached(allowance));
        }
        Ok(())
    }
}
