//! Pages of the log: all of it, the trail of one thing, and what concerns one user.

use domain::audit::{AuditChange, AuditEvent};
use domain::id::UserId;
use domain::time::UnixMillis;
use domain::user::Role;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

use crate::database::Database;
use crate::dialect::PerDialect;
use crate::error::StoreError;

/// Of a row that touched more things than this, a page shows so many.
const SHOWN: i64 = 20;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The row's number, from 1 without a gap.
    pub number: i64,
    /// What was done. In a page, with the first 20 changes that were asked for.
    pub event: AuditEvent,
    /// The row's hash.
    pub hash: String,
    /// What whoever did it is called now; none: nobody who was logged in.
    pub actor_name: Option<String>,
    /// What they may do now.
    pub actor_role: Option<Role>,
    /// How many things it touched that were asked for; 0: it is not known which.
    pub things: i64,
}

/// Which rows to list, newest first; an empty text or none: all.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// By this user.
    pub actor: String,
    /// With this name of an action.
    pub action: String,
    /// About this thing.
    pub object: String,
    /// Only what concerns this user: what they did, and what became of theirs.
    pub reader: Option<UserId>,
    /// The object is the reader's, also in rows that do not say whose it was.
    pub own_object: bool,
    /// Only this row.
    pub number: Option<i64>,
    /// Not before this time.
    pub since: Option<UnixMillis>,
    /// Before this time.
    pub until: Option<UnixMillis>,
    /// The last row of the page before.
    pub after: Option<i64>,
    /// The most rows to give.
    pub limit: u32,
}

macro_rules! rows {
    ($which:literal) => {
        concat!(
            "SELECT l.number, l.at, l.actor, l.via, l.client_ip, l.action, l.object, l.summary, l.hash, u.name, u.role, \
             (SELECT COALESCE(MAX(c.position), -1) + 1 FROM audit_changes c WHERE c.number = l.number) AS things \
             FROM audit_log l LEFT JOIN users u ON u.id = l.actor \
             WHERE l.number < $1 AND ($2 = '' OR l.actor = $2) AND ($3 = '' OR l.action = $3) \
             AND l.at >= $4 AND l.at < $5 AND ($6 = 0 OR l.number = $6) ",
            $which,
            " ORDER BY l.number DESC LIMIT $7"
        )
    };
}

const ALL: &str = rows!("");

/// The trail of `$8`.
const OF_OBJECT: &str = rows!(
    "AND l.number IN (SELECT number FROM audit_log WHERE object = $8 \
     UNION SELECT number FROM audit_changes WHERE object = $8)"
);

/// What the reader `$9` did and what became of theirs, of it the trail of `$8`; `$10` names a thing that
/// is theirs for certain.
const OF_READER: &str = rows!(
    "AND l.number IN (SELECT number FROM audit_changes WHERE owner_id = $9 AND ($8 = '' OR object = $8) \
     UNION SELECT number FROM audit_log WHERE actor = $9 AND ($8 = '' OR object = $8) \
     UNION SELECT number FROM audit_log WHERE $10 <> '' AND object = $10)"
);

/// The first changes of each row.
const FIRST_CHANGES: PerDialect = PerDialect {
    sqlite: "SELECT number, object, owner_id, fields, CAST(0 AS BIGINT) AS things FROM audit_changes \
             WHERE number IN (SELECT value FROM json_each($1)) AND position < $2 ORDER BY number, position",
    postgres: "SELECT number, object, owner_id, fields, CAST(0 AS BIGINT) AS things FROM audit_changes \
               WHERE number IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
               AND position < $2 ORDER BY number, position",
};

/// The first changes of each row that are of one thing, or of one user's things, and how many are.
const SOME_CHANGES: PerDialect = PerDialect {
    sqlite: "SELECT number, object, owner_id, fields, things FROM (SELECT number, position, object, owner_id, fields, \
             ROW_NUMBER() OVER (PARTITION BY number ORDER BY position) AS place, \
             COUNT(*) OVER (PARTITION BY number) AS things \
             FROM audit_changes WHERE number IN (SELECT value FROM json_each($1)) \
             AND ($3 = '' OR owner_id = $3) AND ($4 = '' OR object = $4)) AS c \
             WHERE place <= $2 ORDER BY number, position",
    postgres: "SELECT number, object, owner_id, fields, things FROM (SELECT number, position, object, owner_id, fields, \
               ROW_NUMBER() OVER (PARTITION BY number ORDER BY position) AS place, \
               COUNT(*) OVER (PARTITION BY number) AS things \
               FROM audit_changes \
               WHERE number IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
               AND ($3 = '' OR owner_id = $3) AND ($4 = '' OR object = $4)) AS c \
               WHERE place <= $2 ORDER BY number, position",
};

impl Database {
    /// A page of rows, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn audit_rows(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let reader = query.reader.map(|id| id.to_string()).unwrap_or_default();
        // What was done to the user is theirs too.
        let own = match (query.object.as_str(), query.own_object) {
            ("", _) => reader.as_str(),
            (object, true) => object,
            _ => "",
        };
        let text = match (query.reader, query.object.as_str()) {
            (Some(_), _) => OF_READER,
            (None, "") => ALL,
            (None, _) => OF_OBJECT,
        };
        let rows = sqlx::query(text)
            .bind(query.after.unwrap_or(i64::MAX))
            .bind(&query.actor)
            .bind(&query.action)
            .bind(query.since.map_or(0, UnixMillis::get))
            .bind(query.until.map_or(i64::MAX, UnixMillis::get))
            .bind(query.number.unwrap_or_default())
            .bind(i64::from(query.limit));
        let rows = match (query.reader, query.object.as_str()) {
            (Some(_), object) => rows.bind(object).bind(&reader).bind(own),
            (None, "") => rows,
            (None, object) => rows.bind(object),
        };
        let rows = rows.fetch_all(self.readers()).await?;
        let mut rows = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
        self.add_changes(query, &reader, &mut rows).await?;
        Ok(rows)
    }

    async fn add_changes(
        &self,
        query: &AuditQuery,
        reader: &str,
        rows: &mut [AuditRow],
    ) -> Result<(), StoreError> {
        let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let numbers =
            serde_json::to_string(&numbers).map_err(|e| StoreError::damaged("numbers", e))?;
        let some = query.reader.is_some() || !query.object.is_empty();
        let text = if some { SOME_CHANGES } else { FIRST_CHANGES };
        let most = if query.number.is_some() { i64::MAX } else { SHOWN };
        let found = sqlx::query(text.text(self.dialect())).bind(numbers).bind(most);
        let found = if some { found.bind(reader).bind(&query.object) } else { found };
        let found = found.fetch_all(self.readers()).await?;
        let mut of: HashMap<i64, (Vec<AuditChange>, i64)> = HashMap::new();
        for row in &found {
            let entry = of.entry(row.try_get("number")?).or_default();
            entry.0.push(change_of(row)?);
            entry.1 = row.try_get("things")?;
        }
        for row in rows {
            let (changes, things) = of.remove(&row.number).unwrap_or_default();
            row.event.changes = changes;
            if some {
                row.things = things;
            }
        }
        Ok(())
    }
}

pub(super) fn change_of(row: &AnyRow) -> Result<AuditChange, StoreError> {
    Ok(AuditChange {
        object: row.try_get("object")?,
        owner: row.try_get("owner_id")?,
        fields: row.try_get("fields")?,
    })
}

pub(super) fn event_of(row: &AnyRow) -> Result<AuditEvent, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(AuditEvent {
        at: UnixMillis::new(row.try_get("at")?),
        actor: text("actor")?,
        via: text("via")?,
        client_ip: text("client_ip")?,
        action: text("action")?,
        object: text("object")?,
        summary: text("summary")?,
        changes: Vec::new(),
    })
}

fn from_row(row: &AnyRow) -> Result<AuditRow, StoreError> {
    let role: Option<String> = row.try_get("role")?;
    Ok(AuditRow {
        number: row.try_get("number")?,
        event: event_of(row)?,
        hash: row.try_get("hash")?,
        actor_name: row.try_get("name")?,
        actor_role: role.as_deref().and_then(Role::from_name),
        things: row.try_get("things")?,
    })
}
