//! Lists of keys: searched, filtered, sorted and paged in the database.

use domain::id::{KeyId, UserId};
use domain::status::KeyStatus;
use domain::time::UnixMillis;

use super::ApiKey;
use super::row::{columns, from_row};
use crate::database::Database;
use crate::error::StoreError;
use crate::user::containing;

/// Which keys to list. An empty text does not filter.
#[derive(Debug, Clone)]
pub struct KeyQuery {
    /// Only this user's; none: everybody's.
    pub owner: Option<UserId>,
    /// Part of the name, in either case.
    pub text: String,
    /// Only keys that have this status …
    pub status: Option<KeyStatus>,
    /// … at this time.
    pub now: UnixMillis,
    /// Only keys with this group in their list.
    pub group: String,
    /// Only keys with this tag.
    pub tag: String,
    /// Only keys with this entry, a name or a pattern, in their list of allowed models.
    pub model: String,
    /// The order.
    pub sort: KeySort,
    /// The last key of the page before.
    pub after: Option<KeyId>,
    /// The most keys to give.
    pub limit: u32,
}

impl KeyQuery {
    /// The newest keys of a user, or of everybody.
    #[must_use]
    pub fn newest(owner: Option<UserId>, now: UnixMillis, limit: u32) -> Self {
        Self {
            owner,
            text: String::new(),
            status: None,
            now,
            group: String::new(),
            tag: String::new(),
            model: String::new(),
            sort: KeySort::NewestFirst,
            after: None,
            limit,
        }
    }
}

/// The orders of a list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeySort {
    /// `-created_at`
    #[default]
    NewestFirst,
    /// `created_at`
    OldestFirst,
    /// `name`
    ByName,
    /// `-name`
    ByNameDescending,
}

// One statement per scope and order, so that each can walk an index. The status is derived here as
// it is everywhere: from the key's own columns and its counter of its whole life.
macro_rules! list {
    ($scope:literal, $order:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM api_keys WHERE deleted_at IS NULL AND ",
            $scope,
            " AND ($2 = '' OR LOWER(name) LIKE LOWER($2) ESCAPE '\\') \
             AND ($3 = '' OR groups LIKE $3 ESCAPE '\\') \
             AND ($4 = '' OR tags LIKE $4 ESCAPE '\\') \
             AND ($5 = '' OR allowed_models LIKE $5 ESCAPE '\\') \
             AND ($6 = '' OR $6 = CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN disabled <> 0 THEN 'disabled' \
             WHEN expires_at <= $7 THEN 'expired' \
             WHEN quota <= COALESCE((SELECT settled + held FROM counters WHERE subject = api_keys.id \
             AND period = 'total' AND starts_at = 0), 0) THEN 'exhausted' \
             WHEN EXISTS (SELECT 1 FROM counters WHERE subject = api_keys.id AND period = 'total' AND starts_at = 0 \
             AND last_used_at > 0) THEN 'active' ELSE 'not_used' END) AND ",
            $order,
            " LIMIT $9"
        )
    };
}

macro_rules! ordered {
    ($sort:expr, $scope:literal) => {
        match $sort {
            KeySort::NewestFirst => list!($scope, "id < $8 ORDER BY id DESC"),
            KeySort::OldestFirst => list!($scope, "id > $8 ORDER BY id"),
            KeySort::ByName => list!(
                $scope,
                "($8 = '' OR (name, id) > ((SELECT name FROM api_keys WHERE id = $8), $8)) ORDER BY name, id"
            ),
            KeySort::ByNameDescending => list!(
                $scope,
                "($8 = '' OR (name, id) < ((SELECT name FROM api_keys WHERE id = $8), $8)) ORDER BY name DESC, id DESC"
            ),
        }
    };
}

impl Database {
    /// A page of keys that are not deleted.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_keys(&self, query: &KeyQuery) -> Result<Vec<ApiKey>, StoreError> {
        let statement = match query.owner {
            Some(_) => ordered!(query.sort, "owner_id = $1"),
            None => ordered!(query.sort, "$1 = ''"),
        };
        let first = match query.sort {
            // Above every id, because a hexadecimal digit is never a `g`.
            KeySort::NewestFirst => "key_g",
            _ => "",
        };
        let rows = sqlx::query(statement)
            .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .bind(containing(&query.text))
            .bind(entry(&query.group))
            .bind(entry(&query.tag))
            .bind(entry(&query.model))
            .bind(query.status.map_or("", KeyStatus::name))
            .bind(query.now.get())
            .bind(query.after.map_or_else(|| first.to_owned(), |id| id.to_string()))
            .bind(i64::from(query.limit))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// How many keys a user has that are neither revoked nor deleted: those that the tier counts.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn count_api_keys(&self, owner: UserId) -> Result<i64, StoreError> {
        let (count,) = sqlx::query_as(
            "SELECT COUNT(*) FROM api_keys WHERE owner_id = $1 AND revoked_at IS NULL AND deleted_at IS NULL",
        )
        .bind(owner.to_string())
        .fetch_one(self.readers())
        .await?;
        Ok(count)
    }
}

/// A pattern for JSON lists that hold this text as a whole entry.
fn entry(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        containing(&serde_json::Value::from(text).to_string())
    }
}
