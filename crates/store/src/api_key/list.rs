//! Lists of keys: searched, filtered, sorted and paged in the database.

use domain::id::{KeyId, UserId};
use domain::status::KeyStatus;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::ApiKey;
use super::cursor::{KeyCursor, KeyPlace};
use super::statement::{Scope, Statement, statement};
use super::text::needle;
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
    /// When the month starts that [`KeySort::ByMonth`] goes by.
    pub month: UnixMillis,
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
    /// After so long a page ends where the search is, even if it is short.
    pub patience: Duration,
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
            month: UnixMillis::default(),
            group: String::new(),
            tag: String::new(),
            model: String::new(),
            sort: KeySort::NewestFirst,
            after: None,
            limit,
            patience: PATIENCE,
        }
    }
}

/// A page answers soon, however many keys there are: whoever wants to search on asks for the next one.
const PATIENCE: Duration = Duration::from_millis(40);

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
    /// `monthly`: by what was charged in [`KeyQuery::month`]
    ByMonth,
    /// `-monthly`
    ByMonthDescending,
}

impl KeySort {
    /// Whether the order is that of a figure, which counters have.
    #[must_use]
    pub const fn by_figure(self) -> bool {
        matches!(
            self,
            Self::ByUsed
                | Self::ByUsedDescending
                | Self::ByLastUse
                | Self::ByLastUseDescending
                | Self::ByMonth
                | Self::ByMonthDescending
        )
    }
}

/// A key of a list, and its place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub key: ApiKey,
    /// Its place.
    pub place: KeyPlace,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// Its keys.
    pub keys: Vec<ListedKey>,
    /// What the next part comes after; none: there is no more.
    pub next: Option<KeyCursor>,
}

/// An owner with more keys than this has them walked in order, instead of sorted.
const MOST_SORTED: i64 = 10_000;

/// So many keys are looked at at once, at first and at most: more, as long as that was quick.
const FIRST_LOOK: i64 = 256;
const LONGEST_LOOK: i64 = 4_096;
const QUICK: Duration = Duration::from_millis(8);

/// Below every key's id, and above: a hexadecimal digit is never a `g`.
const LOWEST: &str = "";
const HIGHEST: &str = "key_g";

/// Among which keys to look, and their subject; or the search that will tell.
enum Among {
    These(Scope, String),
    Later(u64),
}

/// A walk, and where it begins.
type Leg = (Statement, (i64, String));

impl Database {
    /// A page of keys that are not deleted.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_keys(&self, query: &KeyQuery) -> Result<Vec<ApiKey>, StoreError> {
        let page = self.listed_api_keys(query).await?;
        Ok(page.keys.into_iter().map(|listed| listed.key).collect())
    }

    /// The same with the place of each. Keys are looked at in order until the page is full or the
    /// patience ends; where few keys have the text that is searched for, only at those. Which these
    /// are may take several pages to find out, that hold nothing.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn listed_api_keys(&self, query: &KeyQuery) -> Result<KeyPage, StoreError> {
        let until = Instant::now().checked_add(query.patience);
        let (scope, subject) = match self.scope(query, until).await? {
            Among::These(scope, subject) => (scope, subject),
            Among::Later(search) => {
                let place = query.after.and_then(|after| after.place);
                let next = KeyCursor { place, search: Some(search) };
                return Ok(KeyPage { keys: Vec::new(), next: Some(next) });
            }
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let mut found: Vec<KeyPlace> = Vec::new();
        let mut next = None;
        'legs: for (order, mut place) in self.legs(query, scope).await? {
            let mut look = i64::from(query.limit).saturating_add(1).max(FIRST_LOOK);
            loop {
                let begun = Instant::now();
                let seen = self.look_at_keys(query, order, (scope, &subject), place, look).await?;
                let is_quick = begun.elapsed() < QUICK;
                let is_last = i64::try_from(seen.len()).unwrap_or(i64::MAX) < look;
                let end = seen.last().map(|(place, _)| *place);
                for (place, _) in seen.into_iter().filter(|(_, is_listed)| *is_listed) {
                    if found.len() == limit {
                        next = found.last().copied();
                        break 'legs;
                    }
                    found.push(place);
                }
                let Some(end) = end.filter(|_| !is_last) else { break };
                if until.is_some_and(|until| Instant::now() >= until) {
                    next = Some(end);
                    break 'legs;
                }
                place = (end.at, end.id.to_string());
                if is_quick {
                    look = look.max(LONGEST_LOOK.min(look.saturating_mul(2)));
                }
            }
        }
        Ok(KeyPage { keys: self.keys_at(found).await?, next: next.map(KeyCursor::from) })
    }

    /// Among which keys to look.
    async fn scope(&self, query: &KeyQuery, until: Option<Instant>) -> Result<Among, StoreError> {
        let has_many = self.has_many(query.owner).await?;
        if has_many && let Some(text) = needle(query) {
            let kept = query.after.and_then(|after| self.searches.take(after.search?, &text));
            let mut search = kept.unwrap_or_else(|| self.searches.begin(self, text));
            let left = until.map_or(query.patience, |it| it.duration_since(Instant::now()));
            // Half of the time is for the keys that it finds.
            match search.ended(left / 2).await {
                None => return Ok(Among::Later(self.searches.keep(search))),
                Some(few) => {
                    if let Some(numbers) = few? {
                        return Ok(Among::These(Scope::These(self.dialect()), numbers));
                    }
                }
            }
        }
        Ok(match query.owner {
            // By figure, many keys of one owner are looked for among everybody's.
            Some(owner) if !has_many || !query.sort.by_figure() => {
                Among::These(Scope::Owner, owner.to_string())
            }
            _ => Among::These(Scope::Everybody, String::new()),
        })
    }

    /// One walk, or two: of many keys, those with a figure and those without one are walked one after
    /// the other; few are sorted.
    async fn legs(&self, query: &KeyQuery, scope: Scope) -> Result<Vec<Leg>, StoreError> {
        let (with, without, descending) = match query.sort {
            KeySort::ByLastUse => (Statement::Used, Statement::NeverUsed, false),
            KeySort::ByLastUseDescending => {
                (Statement::UsedDescending, Statement::NeverUsedDescending, true)
            }
            KeySort::ByUsed => (Statement::Charged, Statement::NeverCharged, false),
            KeySort::ByUsedDescending => {
                (Statement::ChargedDescending, Statement::NeverChargedDescending, true)
            }
            KeySort::ByMonth => (Statement::ChargedInMonth, Statement::NotChargedInMonth, false),
            KeySort::ByMonthDescending => {
                (Statement::ChargedInMonthDescending, Statement::NotChargedInMonthDescending, true)
            }
            sort => return Ok(vec![(sort.into(), start(query))]),
        };
        if scope != Scope::Everybody {
            return Ok(vec![(query.sort.into(), start(query))]);
        }
        let start = match descending {
            true => (i64::MAX, HIGHEST.to_owned()),
            false => (0, LOWEST.to_owned()),
        };
        let after = query.after.and_then(|after| after.place);
        let place = after.map(|after| (after.at, after.id.to_string()));
        let in_second = after.is_some_and(|after| (after.at == 0) == descending);
        let (first, second) = if descending { (with, without) } else { (without, with) };
        Ok(match place {
            Some(place) if in_second => vec![(second, place)],
            place => vec![(first, place.unwrap_or_else(|| start.clone())), (second, start)],
        })
    }

    /// Whether so many keys are listed that sorting them takes longer than a walk in order, in which
    /// the owner's are then common enough.
    async fn has_many(&self, owner: Option<UserId>) -> Result<bool, StoreError> {
        let Some(owner) = owner else {
            return Ok(self.last_key_number().await? > MOST_SORTED);
        };
        let row = sqlx::query(
            "SELECT id FROM api_keys WHERE owner_id = $1 ORDER BY id LIMIT 1 OFFSET $2",
        )
        .bind(owner.to_string())
        .bind(MOST_SORTED)
        .fetch_optional(self.readers())
        .await?;
        Ok(row.is_some())
    }

    /// Looks at the next so many keys: the place of each, and whether it is to be listed.
    async fn look_at_keys(
        &self,
        query: &KeyQuery,
        order: Statement,
        (scope, subject): (Scope, &str),
        (at, id): (i64, String),
        most: i64,
    ) -> Result<Vec<(KeyPlace, bool)>, StoreError> {
        // In the stored list of tags these stand around each of them.
        let in_tags =
            if query.text.contains(['[', ']', '"', ',', '\\']) { "" } else { &query.text };
        let rows = sqlx::query(statement(order, query.status, scope))
            .bind(subject)
            .bind(containing(&query.text))
            .bind(entry(&query.group))
            .bind(entry(&query.tag))
            .bind(entry(&query.model))
            .bind(query.now.get())
            .bind(at)
            .bind(id)
            .bind(most)
            .bind(containing(in_tags))
            .bind(query.status.map_or("", KeyStatus::name))
            .bind(query.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .bind(query.month.get())
            .fetch_all(self.readers())
            .await?;
        let seen = |row: &AnyRow| {
            let id: String = row.try_get("id")?;
            let id = id.parse().map_err(|e| StoreError::damaged("api_keys.id", e))?;
            let is_listed = row.try_get::<i64, _>("found")? != 0;
            Ok((KeyPlace { at: row.try_get("sort_at")?, id }, is_listed))
        };
        rows.iter().map(seen).collect()
    }

    /// The keys at these places.
    async fn keys_at(&self, places: Vec<KeyPlace>) -> Result<Vec<ListedKey>, StoreError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<KeyId> = places.iter().map(|place| place.id).collect();
        let keys = self.api_keys_by_ids(&ids, None).await?;
        let mut keys: HashMap<KeyId, ApiKey> = keys.into_iter().map(|key| (key.id, key)).collect();
        let listed = |place: KeyPlace| Some(ListedKey { key: keys.remove(&place.id)?, place });
        Ok(places.into_iter().filter_map(listed).collect())
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

/// Where a walk begins that is one statement.
fn start(query: &KeyQuery) -> (i64, String) {
    use KeySort::{
        ByExpiryDescending, ByLastUseDescending, ByMonthDescending, ByUsedDescending, NewestFirst,
    };
    match (query.after.and_then(|after| after.place), query.sort) {
        (Some(after), _) => (after.at, after.id.to_string()),
        (
            None,
            NewestFirst | ByExpiryDescending | ByLastUseDescending | ByUsedDescending
            | ByMonthDescending,
        ) => (i64::MAX, HIGHEST.to_owned()),
        // Before the first, a figure is 0 as well.
        (None, _) => (i64::MIN, LOWEST.to_owned()),
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
