//! Lists of calls: filtered and paged in the database, newest first.

use domain::id::{CallId, ChannelId, KeyId, UserId};
use domain::time::UnixMillis;

use super::{CallRow, columns, from_row};
use crate::batch::Outcome;
use crate::database::Database;
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
    /// Only those admitted at this time or later.
    pub since: Option<UnixMillis>,
    /// Only those admitted before this time.
    pub until: Option<UnixMillis>,
    /// The last call of the page before.
    pub after: Option<CallId>,
    /// The most calls to give; above 200 counts as 200.
    pub limit: u32,
}

// One statement per scope, so that each can walk an index; the two ids bound how far.
macro_rules! list {
    ($scope:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " WHERE ",
            $scope,
            " AND c.id < $2 AND c.id >= $3 AND ($4 = '' OR c.user_id = $4) AND ($5 = '' OR c.user_id = $5) \
             AND ($6 = '' OR c.model = $6) AND ($7 = '' OR c.channel_id = $7) AND ($8 = '' OR c.outcome = $8) \
             AND ($9 = 0 OR c.status = $9) AND c.started_at >= $10 AND c.started_at < $11 \
             ORDER BY c.id DESC LIMIT $12"
        )
    };
}

impl Database {
    /// A page of calls, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn calls(&self, query: &CallQuery) -> Result<Vec<CallRow>, StoreError> {
        let user = query.owner.or(query.user);
        let (statement, subject) = match (query.key, user) {
            (Some(key), _) => (list!("c.key_id = $1"), key.to_string()),
            (None, Some(user)) => (list!("c.user_id = $1"), user.to_string()),
            (None, None) => (list!("$1 = ''"), String::new()),
        };
        let rows = sqlx::query(statement)
            .bind(subject)
            .bind(below(query))
            .bind(from(query))
            .bind(query.owner.map(|id| id.to_string()).unwrap_or_default())
            .bind(query.user.map(|id| id.to_string()).unwrap_or_default())
            .bind(query.model.clone().unwrap_or_default())
            .bind(query.channel.map(|id| id.to_string()).unwrap_or_default())
            .bind(query.outcome.map_or("", Outcome::name))
            .bind(query.status.map_or(0, i64::from))
            .bind(query.since.map_or(0, UnixMillis::get))
            .bind(query.until.map_or(i64::MAX, UnixMillis::get))
            .bind(i64::from(query.limit.min(LONGEST_PAGE)))
            .fetch_all(self.readers())
            .await?;
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
