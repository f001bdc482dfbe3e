//! `GET /api/v1/alerts`

use domain::alert::AlertKind;
use domain::id::AlertId;
use store::alert::AlertQuery;

use super::view::AlertView;
use crate::access::{Access, AlertsRead};
use crate::alert_rules::KINDS;
use crate::answer::{Answer, List, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Invalid, Page, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;

/// Which alerts to list.
pub(crate) struct ListAlerts {
    page: Page<AlertId>,
    wanted: AlertQuery,
}

impl ReadQuery for ListAlerts {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        LIMIT,
        CURSOR,
        ("kind", "Only of this kind."),
        ("subject", "Only about this key, user or channel."),
        ("state", "`open`: the cause goes on; `resolved`: it is gone."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        let page = Page::read(parameters);
        let wanted = AlertQuery {
            kind: parameters.take("kind", |name| {
                let message = || Invalid::new(Wrong::one_of([KINDS]));
                AlertKind::from_name(name).ok_or_else(message)
            }),
            subject: Some(parameters.text("subject")).filter(|subject| !subject.is_empty()),
            open: parameters.take("state", |state| match state {
                "open" => Ok(true),
                "resolved" => Ok(false),
                _ => Err(Invalid::new(Wrong::OpenOrResolved)),
            }),
            ..AlertQuery::default()
        };
        Some(Self { page, wanted })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/alerts", handle)
        .about(
            "Alerts",
            "List alerts",
            "The newest first. Members see those about what is theirs, operators all.",
        )
        .answers_list::<AlertView>("A page of alerts.")
}

async fn handle(
    access: Access<AlertsRead>,
    Query(ListAlerts { page, wanted }): Query<ListAlerts>,
) -> Result<Answer<List<AlertView>>, Problem> {
    let query =
        AlertQuery { owner: access.owner(), after: page.after, limit: page.look_ahead(), ..wanted };
    let mut rows = access.database().alerts(&query).await?;
    let next_cursor = cut(&mut rows, page.limit, |alert| alert.id.to_string());
    Ok(Answer::ok(List { data: rows.into_iter().map(AlertView::from).collect(), next_cursor }))
}
