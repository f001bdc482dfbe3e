//! `GET /api/v1/audit`

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use store::StoreError;
use store::audit_log::AuditQuery;

use super::view::AuditView;
use crate::access::{Access, AuditRead};
use crate::answer::{Answer, List, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Invalid, Page, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;

/// Which rows to list.
pub(crate) struct ListAudit {
    page: Page<i64>,
    actor: String,
    action: String,
    object: String,
    number: Option<i64>,
    since: Option<UnixMillis>,
    until: Option<UnixMillis>,
}

impl ReadQuery for ListAudit {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        LIMIT,
        CURSOR,
        ("actor", "Only what this user did: `usr_…`"),
        ("action", "Only what has this name, such as `users.edit`."),
        ("object", "Only what was done to this thing: an id or a name."),
        ("number", "Only this row, with what became of every thing that it touched."),
        ("since", "Not before this RFC 3339 time."),
        ("until", "Before this RFC 3339 time."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self {
            page: Page::read(parameters),
            actor: parameters.text("actor"),
            action: parameters.text("action"),
            object: parameters.text("object"),
            number: parameters.take("number", |text| {
                let number = text.parse().ok().filter(|number| *number > 0);
                number.ok_or_else(|| Invalid::new(Wrong::RowNumber))
            }),
            since: parameters.take("since", crate::request::query::time),
            until: parameters.take("until", crate::request::query::time),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/audit", handle)
        .about(
            "Audit log",
            "List the audit log",
            "Every write and every log-in, failed ones too, the newest first, with old and new values. A member sees what they did and what became of theirs: who else did it only by name and role, without address.",
        )
        .answers_list::<AuditView>("A page of rows.")
        .fails(404, "A member asks for a thing that is another's.")
}

async fn handle(
    access: Access<AuditRead>,
    Query(wanted): Query<ListAudit>,
) -> Result<Answer<List<AuditView>>, Problem> {
    let own_object = match access.owner() {
        Some(member) => is_own(&access, member, &wanted.object).await?,
        None => false,
    };
    let query = AuditQuery {
        actor: wanted.actor,
        action: wanted.action,
        object: wanted.object,
        reader: access.owner(),
        own_object,
        number: wanted.number,
        since: wanted.since,
        until: wanted.until,
        after: wanted.page.after,
        limit: wanted.page.look_ahead(),
    };
    let Some(member) = query.reader else {
        let mut rows = access.database().audit_rows(&query).await?;
        let next_cursor = cut(&mut rows, wanted.page.limit, |row| row.number.to_string());
        let data = rows.into_iter().map(AuditView::whole).collect::<Result<_, _>>()?;
        return Ok(Answer::ok(List { data, next_cursor }));
    };
    // Who else did what is not told by filtering either.
    if !query.actor.is_empty() && query.actor != member.to_string() {
        return Ok(Answer::ok(List { data: Vec::new(), next_cursor: None }));
    }
    let mut rows = access.database().audit_rows(&query).await?;
    if rows.is_empty() && !query.object.is_empty() && !own_object {
        // A thing that is gone is theirs if its trail is.
        let any = AuditQuery {
            object: query.object,
            reader: query.reader,
            limit: 1,
            ..AuditQuery::default()
        };
        if access.database().audit_rows(&any).await?.is_empty() {
            return Err(Problem::not_found());
        }
    }
    let next_cursor = cut(&mut rows, wanted.page.limit, |row| row.number.to_string());
    let member_sees = |row| AuditView::to_member(row, member);
    let data = rows.into_iter().map(member_sees).collect::<Result<_, _>>()?;
    Ok(Answer::ok(List { data, next_cursor }))
}

/// Whether a thing is a member's for certain: one of their keys, or they themselves.
async fn is_own(access: &Access<AuditRead>, member: UserId, object: &str) -> Result<bool, Problem> {
    let Ok(id) = object.parse::<KeyId>() else { return Ok(object == member.to_string()) };
    match access.database().api_key(id, Some(member)).await {
        Err(StoreError::NotFound) => Ok(false),
        found => Ok(found.map(|_| true)?),
    }
}
