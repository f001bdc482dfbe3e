//! Lists of calls: filtered and paged in the database, newest first.

use domain::id::{CallId, ChannelId, KeyId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::time::{Duration, Instant};

use super::{CallRow, columns, from_row};
use crate::batch::Outcome;
use crate::database::Database;
use crate::dialect::PerDialect;
use crate::error::StoreError;

/// The most calls of one page.
const LONGEST_PAGE: u32 = 200;

/// How far the time in a call's id may lie from the time that it was admitted at.
const SLACK: i64 = 24 * 3_600_000;

/// The latest time that an id can hold.
const LATEST: UnixMillis = UnixMillis::new((1 << 48) - 1);

/// Which calls to list; what is none does not filter.
#[derive(Debug, Clone, Default)]
pub struct CallQuery {
    /// Only this user's, whatever else is asked for.
    pub owner: Option<UserId>,
    /// Only this key's.
    pub key: Option<KeyId>,
    /// Only this user's, as a filter.
    pub user: Option<UserId>,
    /// Only this model, as the client named it.
    pub model: Option<String>,
    /// Only those that this channel served.
    pub channel: Option<ChannelId>,
    /// Only those that ended so.
    pub outcome: Option<Outcome>,
    /// Only those that the client got this status for.
    pub status: Option<u16>,
    /// Only those from this address, for as long as it is kept.
    pub client_ip: Option<String>,
    /// Only those admitted at this time or later.
    pub since: Option<UnixMillis>,
    /// Only those admitted before this time.
    pub until: Option<UnixMillis>,
    /// The last call of the page before.
    pub after: Option<CallId>,
    /// The most calls to give; above 200 counts as 200.
    pub limit: u32,
    /// After so long a page ends where the search is, even if it is short; none: soon.
    pub patience: Option<Duration>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct CallPage {
    /// Its calls.
    pub calls: Vec<CallRow>,
    /// What the next part comes after; none: there is no more.
    pub next: Option<CallId>,
}

/// A page answers soon, however many calls there are: whoever wants to search on asks for the next one.
const PATIENCE: Duration = Duration::from_millis(40);

/// So many calls are looked at at once, at first and at most.
const FIRST_LOOK: i64 = 256;
const LONGEST_LOOK: i64 = 4_096;

// One statement per scope, so that each can walk an index; the two ids bound how far. Each looks at so
// many calls and says which of them are to be listed.
macro_rules! look {
    ($scope:literal) => {
        concat!(
            "SELECT c.id, CAST(CASE WHEN ($4 = '' OR c.user_id = $4) AND ($5 = '' OR c.user_id = $5) \
             AND ($6 = '' OR c.model = $6) AND ($7 = '' OR c.channel_id = $7) AND ($8 = '' OR c.outcome = $8) \
             AND ($9 = 0 OR c.status = $9) AND c.started_at >= $10 AND c.started_at < $11 \
             AND ($13 = '' OR c.client_ip = $13) \
             THEN 1 ELSE 0 END AS BIGINT) AS found FROM calls AS c WHERE ",
            $scope,
            " AND c.id < $2 AND c.id >= $3 ORDER BY c.id DESC LIMIT $12"
        )
    };
}

const THESE: PerDialect = PerDialect {
    sqlite: concat!(
        "SELECT ",
        columns!(),
        " WHERE c.id IN (SELECT value FROM json_each($1)) ORDER BY c.id DESC"
    ),
    postgres: concat!(
        "SELECT ",
        columns!(),
        " WHERE c.id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) ORDER BY c.id DESC"
    ),
};

impl Database {
    /// A page of calls, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn calls(&self, query: &CallQuery) -> Result<Vec<CallRow>, StoreError> {
        Ok(self.listed_calls(query).await?.calls)
    }

    /// The same with what follows it. Calls are looked at in order until the page is full or the
    /// patience ends.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn listed_calls(&self, query: &CallQuery) -> Result<CallPage, StoreError> {
        let until = Instant::now().checked_add(query.patience.unwrap_or(PATIENCE));
        let limit = usize::try_from(query.limit.min(LONGEST_PAGE)).unwrap_or(usize::MAX);
        let mut below = below(query);
        let mut look = i64::from(query.limit.min(LONGEST_PAGE)).saturating_add(1).max(FIRST_LOOK);
        let mut found: Vec<CallId> = Vec::new();
        let mut next = None;
        'looks: loop {
            let seen = self.look_at_calls(query, &below, look).await?;
            let is_last = i64::try_from(seen.len()).unwrap_or(i64::MAX) < look;
            let end = seen.last().map(|(id, _)| *id);
            for (id, _) in seen.into_iter().filter(|(_, is_listed)| *is_listed) {
                if found.len() == limit {
                    next = found.last().copied();
                    break 'looks;
                }
                found.push(id);
            }
            let Some(end) = end.filter(|_| !is_last) else { break };
            if until.is_some_and(|until| Instant::now() >= until) {
                next = Some(end);
                break;
            }
            below = end.to_string();
            look = look.max(LONGEST_LOOK.min(look.saturating_mul(4)));
        }
        Ok(CallPage { calls: self.calls_with(&found).await?, next })
    }

    /// Looks at the next so many calls: each one's id, and whether it is to be listed.
    async fn look_at_calls(
        &self,
        query: &CallQuery,
        below: &str,
        most: i64,
    ) -> Result<Vec<(CallId, bool)>, StoreError> {
        let user = query.owner.or(query.user);
        let is_rare = query.outcome.is_some_and(|outcome| outcome != Outcome::Completed);
        let (statement, subject) = match (query.key, user) {
            (Some(key), _) => (look!("c.key_id = $1"), key.to_string()),
            (None, Some(user)) => (look!("c.user_id = $1"), user.to_string()),
            (None, None) if is_rare => {
                (look!("$1 = '' AND c.outcome <> 'completed'"), String::new())
            }
            (None, None) => (look!("$1 = ''"), String::new()),
        };
        let rows = sqlx::query(statement)
            .bind(subject)
            .bind(below)
            .bind(from(query))
            .bind(query.owner.map(|id| id.to_string()).unwrap_or_default())
            .bind(query.user.map(|id| id.to_string()).unwrap_or_default())
            .bind(query.model.clone().unwrap_or_default())
            .bind(query.channel.map(|id| id.to_string()).unwrap_or_default())
            .bind(query.outcome.map_or("", Outcome::name))
            .bind(query.status.map_or(0, i64::from))
            .bind(query.since.map_or(0, UnixMillis::get))
            .bind(query.until.map_or(i64::MAX, UnixMillis::get))
            .bind(most)
            .bind(query.client_ip.clone().unwrap_or_default())
            .fetch_all(self.readers())
            .await?;
        let seen = |row: &AnyRow| {
            let id: String = row.try_get("id")?;
            let id = id.parse().map_err(|e| StoreError::damaged("calls.id", e))?;
            Ok((id, row.try_get::<i64, _>("found")? != 0))
        };
        rows.iter().map(seen).collect()
    }

    async fn calls_with(&self, ids: &[CallId]) -> Result<Vec<CallRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = serde_json::to_string(ids).map_err(|e| StoreError::damaged("ids", e))?;
        let rows =
            sqlx::query(THESE.text(self.dialect())).bind(ids).fetch_all(self.readers()).await?;
        rows.iter().map(from_row).collect()
    }
}

/// Ids between which those of all calls lie that were admitted in a span: the first is not above
/// any of them, the second above all.
pub(crate) fn span(since: UnixMillis, until: UnixMillis) -> (String, String) {
    let since = UnixMillis::new(since.get().saturating_sub(SLACK).max(0));
    let until = UnixMillis::new(until.get().saturating_add(SLACK)).min(LATEST);
    (CallId::new(since, [0; 10]).to_string(), CallId::new(until, [0; 10]).to_string())
}

/// An id above every one that can be on the page.
fn below(query: &CallQuery) -> String {
    let latest = query.until.map(|until| CallId::new(until.plus(SLACK).min(LATEST), [0; 10]));
    match (query.after, latest) {
        (Some(after), Some(latest)) => after.min(latest).to_string(),
        (Some(id), None) | (None, Some(id)) => id.to_string(),
        // A hexadecimal digit is never a `g`.
        (None, None) => "call_g".to_owned(),
    }
}

/// An id not above any one that can be on the page.
fn from(query: &CallQuery) -> String {
    let since = query.since.map_or(0, UnixMillis::get);
    CallId::new(UnixMillis::new(since.saturating_sub(SLACK)), [0; 10]).to_string()
}
