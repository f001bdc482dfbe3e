//! What lies in an upstream's account, and whose it is: a response that a provider keeps.

use domain::id::{ChannelId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// Something that is stored at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The provider's id of it.
    pub id: String,
    /// Whose it is.
    pub user: UserId,
    /// The channel that it was made through.
    pub channel: ChannelId,
    /// A hash of the channel's secret whose account holds it.
    pub secret: String,
    /// When it was made.
    pub created_at: UnixMillis,
}

impl Database {
    /// Something that is stored at a provider, by its id there.
    ///
    /// # Errors
    /// When the database is unavailable, or holds what is none of ours.
    pub async fn stored_object(&self, id: &str) -> Result<Option<StoredObject>, StoreError> {
        let row = sqlx::query(
            "SELECT id, user_id, channel_id, secret, created_at FROM stored_objects WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let damaged = |what: &str| StoreError::damaged("stored object", what);
        Ok(Some(StoredObject {
            id: row.try_get("id")?,
            user: row.try_get::<String, _>("user_id")?.parse().map_err(|_| damaged("user_id"))?,
            channel: row
                .try_get::<String, _>("channel_id")?
                .parse()
                .map_err(|_| damaged("channel_id"))?,
            secret: row.try_get("secret")?,
            created_at: UnixMillis::new(row.try_get("created_at")?),
        }))
    }
}

impl Transaction {
    /// Notes whose a stored object is. What is known already stays as it is.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn add_stored_object(&mut self, object: &StoredObject) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO stored_objects (id, user_id, channel_id, secret, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&object.id)
        .bind(object.user.to_string())
        .bind(object.channel.to_string())
        .bind(&object.secret)
        .bind(object.created_at.get())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
