//! Lists of keys: searched, filtered, sorted and paged in the database.

use domain::id::{InvalidId, KeyId, UserId};
use domain::status::KeyStatus;
use domain::time::UnixMillis;
use sqlx::Row;
use std::fmt;
use std::str::FromStr;

use super::ApiKey;
use super::row::from_row;
use super::statement::{Statement, statement};
use crate::database::Database;
use crate::error::StoreError;
use crate::user::containing;

/// Which keys to list. An empty text does not filter.
#[derive(Debug, Clone)]
pub struct KeyQuery {
    /// Only this user's; none: everybody's.
    pub owner: Option<UserId>,
    /// Part of the name, of the masked value or of a tag, in either case.
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
    /// Where the page before ended.
    pub after: Option<KeyCursor>,
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
    /// `expires_at`: those that never do come last
    ByExpiry,
    /// `-expires_at`
    ByExpiryDescending,
    /// `last_used_at`: those that never were come first
    ByLastUse,
    /// `-last_used_at`
    ByLastUseDescending,
    /// `used`
    ByUsed,
    /// `-used`
    ByUsedDescending,
}

/// A place in a list: a key, and the figure that it had when it was listed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCursor {
    /// The figure that is sorted by; 0 where it is none.
    pub at: i64,
    /// The key.
    pub id: KeyId,
}

impl From<KeyId> for KeyCursor {
    fn from(id: KeyId) -> Self {
        Self { at: 0, id }
    }
}

impl fmt::Display for KeyCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at == 0 { self.id.fmt(f) } else { write!(f, "{}.{}", self.at, self.id) }
    }
}

impl FromStr for KeyCursor {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.split_once('.') {
            None => text.parse::<KeyId>().map(Self::from),
            Some((at, id)) => {
                let invalid = InvalidId { prefix: KeyId::PREFIX };
                Ok(Self { at: at.parse().map_err(|_| invalid)?, id: id.parse()? })
            }
        }
    }
}

/// A key of a list, and its place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub key: ApiKey,
    /// Its place.
    pub cursor: KeyCursor,
}

/// Below every key's id, and above: a hexadecimal digit is never a `g`.
const LOWEST: &str = "";
const HIGHEST: &str = "key_g";

impl Database {
    /// A page of keys that are not deleted.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_keys(&self, query: &KeyQuery) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.listed_api_keys(query).await?.into_iter().map(|listed| listed.key).collect())
    }

    /// The same with the place of each.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn listed_api_keys(&self, query: &KeyQuery) -> Result<Vec<ListedKey>, StoreError> {
        let walk = |sort| statement(sort, query.status, query.owner.is_some());
        let after = query.after;
        // Without an owner, keys with a figure and keys without one are walked one after the other.
        let (with, without, descending) = match (query.owner, query.sort) {
            (None, KeySort::ByLastUse) => (Statement::Used, Statement::NeverUsed, false),
            (None, KeySort::ByLastUseDescending) => {
                (Statement::UsedDescending, Statement::NeverUsedDescending, true)
            }
            (None, KeySort::ByUsed) => (Statement::Charged, Statement::NeverCharged, false),
            (None, KeySort::ByUsedDescending) => {
                (Statement::ChargedDescending, Statement::NeverChargedDescending, true)
            }
            (_, sort) => {
                return self.walk(query, walk(sort.into()), self.start(query), query.limit).await;
            }
        };
        let (least, most) = ((0, LOWEST.to_owned()), (i64::MAX, HIGHEST.to_owned()));
        let place = after.map(|after| (after.at, after.id.to_string()));
        let in_second = after.is_some_and(|after| (after.at == 0) == descending);
        let (first, second) = if descending { (with, without) } else { (without, with) };
        let start = if descending { most } else { least };
        let mut found = Vec::new();
        if !in_second {
            let start = place.clone().unwrap_or_else(|| start.clone());
            found = self.walk(query, walk(first), start, query.limit).await?;
        }
        let left = query.limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if left > 0 {
            let start = place.filter(|_| in_second).unwrap_or(start);
            found.extend(self.walk(query, walk(second), start, left).await?);
        }
        Ok(found)
    }

    /// Where a walk begins that is one statement.
    fn start(&self, query: &KeyQuery) -> (i64, String) {
        use KeySort::{ByExpiryDescending, ByLastUseDescending, ByUsedDescending, NewestFirst};
        match (query.after, query.sort) {
            (Some(after), _) => (after.at, after.id.to_string()),
            (None, NewestFirst | ByExpiryDescending | ByLastUseDescending | ByUsedDescending) => {
                (i64::MAX, HIGHEST.to_owned())
            }
            // Before the first, a figure is 0 as well.
            (None, _) => (i64::MIN, LOWEST.to_owned()),
        }
    }

    async fn walk(
        &self,
        query: &KeyQuery,
        statement: &'static str,
        (at, id): (i64, String),
        limit: u32,
    ) -> Result<Vec<ListedKey>, StoreError> {
        // In the stored list of tags these stand around each of them.
        let in_tags =
            if query.text.contains(['[', ']', '"', ',', '\\']) { "" } else { &query.text };
        let rows = sqlx::query(statement)
            .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .bind(containing(&query.text))
            .bind(entry(&query.group))
            .bind(entry(&query.tag))
            .bind(entry(&query.model))
            .bind(query.now.get())
            .bind(at)
            .bind(id)
            .bind(i64::from(limit))
            .bind(containing(in_tags))
            .bind(query.status.map_or("", KeyStatus::name))
            .fetch_all(self.readers())
            .await?;
        let listed = |row| {
            let key = from_row(row)?;
            let cursor = KeyCursor { at: row.try_get("sort_at")?, id: key.id };
            Ok(ListedKey { key, cursor })
        };
        rows.iter().map(listed).collect()
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
