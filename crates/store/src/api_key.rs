//! API keys, the credentials `sk-…`: what is known of them but never the value.
//!
//! A deleted key keeps its row, because the books point at it and because its value must answer
//! "revoked" for ever. Lists and [`Database::api_key`] no longer show it.

mod allowance;
mod cursor;
mod list;
mod lock;
mod lookup;
mod many;
mod rotate;
mod row;
mod sealed;
mod search;
mod statement;
mod text;
mod write;

pub use cursor::{KeyCursor, KeyPlace};
pub use list::{KeyPage, KeyQuery, KeySort, ListedKey};
pub use lookup::{LookupKey, LookupPrevious};
pub use rotate::{PreviousUse, PreviousValue, Rotation};

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::policy::{KeyPolicy, SoftLimit};
use domain::time::UnixMillis;

use crate::database::Database;
use crate::error::StoreError;
pub(crate) use row::{columns, from_row};
pub(crate) use search::Searches;

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key.
    pub id: KeyId,
    /// The id in interfaces that take numbers only.
    pub number: i64,
    /// Who it belongs to and who pays.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The value as lists show it.
    pub masked: String,
    /// The keyed hash of the value.
    pub digest: KeyDigest,
    /// What is checked when it is used.
    pub policy: KeyPolicy,
    /// A threshold that only alerts.
    pub soft_limit: Option<SoftLimit>,
    /// Its owner's labels.
    pub tags: Vec<String>,
    /// Its owner's free data.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was ended for ever.
    pub revoked_at: Option<UnixMillis>,
    /// When its value was last replaced.
    pub rotated_at: Option<UnixMillis>,
    /// Gone from the lists.
    pub deleted: bool,
    /// Rises with each edit.
    pub version: i64,
}

/// An API key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The key.
    pub id: KeyId,
    /// Who it belongs to and who pays.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The value as lists show it.
    pub masked: String,
    /// The keyed hash of the value.
    pub digest: KeyDigest,
    /// What is checked when it is used.
    pub policy: KeyPolicy,
    /// A threshold that only alerts.
    pub soft_limit: Option<SoftLimit>,
    /// Its owner's labels.
    pub tags: Vec<String>,
    /// Its owner's free data.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// When it is made.
    pub created_at: UnixMillis,
}

impl Database {
    /// A key that is not deleted; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn api_key(&self, id: KeyId, owner: Option<UserId>) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM api_keys WHERE id = $1 AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL"
        ))
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }

    /// The same by the key's number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn api_key_by_number(
        &self,
        number: i64,
        owner: Option<UserId>,
    ) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM api_keys WHERE number = $1 AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL"
        ))
        .bind(number)
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}
