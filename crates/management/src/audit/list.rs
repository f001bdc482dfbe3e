//! `GET /api/v1/audit`

use domain::time::UnixMillis;
use serde::Serialize;
use store::audit_log::{AuditQuery, AuditRow};
use utoipa::ToSchema;

use crate::access::{AuditRead, Operator};
use crate::answer::{Answer, List, Moment, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Page, Parameters, Query, ReadQuery};

/// Which rows to list.
pub(crate) struct ListAudit {
    page: Page<i64>,
    actor: String,
    action: String,
    object: String,
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
        ("since", "Not before this RFC 3339 time."),
        ("until", "Before this RFC 3339 time."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self {
            page: Page::read(parameters),
            actor: parameters.text("actor"),
            action: parameters.text("action"),
            object: parameters.text("object"),
            since: parameters.take("since", crate::request::query::time),
            until: parameters.take("until", crate::request::query::time),
        })
    }
}

/// A row of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditRow)]
pub(crate) struct AuditView {
    /// The row's number, from 1 without a gap.
    number: i64,
    /// When it was asked for.
    at: Moment,
    /// Who did it: `usr_…`; empty: nobody who was logged in.
    actor: String,
    /// With what: a session (`ses_…`), a management key (`mgk_…`), `cli`, or empty.
    via: String,
    /// From which address.
    client_ip: String,
    /// What was done, such as `users.edit`.
    action: String,
    /// To what: an id or a name; ` +2`: and to two more.
    object: String,
    /// Which fields were set; never a secret.
    summary: String,
    /// The hash over the row before and this one.
    hash: String,
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        let AuditRow { number, event, hash } = row;
        Self {
            number,
            at: Moment(event.at),
            actor: event.actor,
            via: event.via,
            client_ip: event.client_ip,
            action: event.action,
            object: event.object,
            summary: event.summary,
            hash,
        }
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/audit", handle)
        .about(
            "Audit log",
            "List the audit log",
            "Every write and every log-in, failed ones too, the newest first.",
        )
        .answers_list::<AuditView>("A page of rows.")
}

async fn handle(
    Operator(access): Operator<AuditRead>,
    Query(wanted): Query<ListAudit>,
) -> Result<Answer<List<AuditView>>, Problem> {
    let query = AuditQuery {
        actor: wanted.actor,
        action: wanted.action,
        object: wanted.object,
        since: wanted.since,
        until: wanted.until,
        after: wanted.page.after,
        limit: wanted.page.look_ahead(),
    };
    let mut rows = access.database().audit_rows(&query).await?;
    let next_cursor = cut(&mut rows, wanted.page.limit, |row| row.number.to_string());
    Ok(Answer::ok(List { data: rows.into_iter().map(AuditView::from).collect(), next_cursor }))
}
