//! `GET /api/v1/calls`

use domain::id::CallId;
use std::net::IpAddr;
use store::batch::Outcome;
use store::call::CallQuery;

use super::view::CallView;
use crate::access::{Access, UsageRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT, time};
use crate::request::{Invalid, Page, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;

/// Which calls to list.
pub(crate) struct ListCalls {
    page: Page<CallId>,
    wanted: CallQuery,
}

/// What chooses calls, page by page or all of them.
pub(super) const FILTERS: [(&str, &str); 8] = [
    ("key_id", "Only this key's."),
    ("user_id", "Only this user's."),
    ("model", "Only this model, as the client named it."),
    ("channel_id", "Only those that this channel served."),
    (
        "status",
        "The HTTP status that the client got, or an outcome: `completed`, `client_gone`, `upstream_cut`, `failed`, `reconciled`.",
    ),
    ("client_ip", "Only those from this address, for as long as it is kept."),
    ("since", "Admitted at this RFC 3339 time or later."),
    ("until", "Admitted before this RFC 3339 time."),
];

/// Reads what chooses calls.
pub(super) fn filters(parameters: &mut Parameters) -> CallQuery {
    let mut wanted = CallQuery {
        key: parameters.parse("key_id"),
        user: parameters.parse("user_id"),
        model: Some(parameters.text("model")).filter(|model| !model.is_empty()),
        channel: parameters.parse("channel_id"),
        ..CallQuery::default()
    };
    match parameters.take("status", ended) {
        Some(Ended::Status(status)) => wanted.status = Some(status),
        Some(Ended::Outcome(outcome)) => wanted.outcome = Some(outcome),
        None => {}
    }
    wanted.client_ip = parameters.take("client_ip", address);
    wanted.since = parameters.take("since", time);
    wanted.until = parameters.take("until", time);
    wanted
}

impl ReadQuery for ListCalls {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        LIMIT, CURSOR, FILTERS[0], FILTERS[1], FILTERS[2], FILTERS[3], FILTERS[4], FILTERS[5],
        FILTERS[6], FILTERS[7],
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        let page = Page::read(parameters);
        Some(Self { page, wanted: filters(parameters) })
    }
}

/// How a call ended.
enum Ended {
    Status(u16),
    Outcome(Outcome),
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/calls", handle)
        .about(
            "Calls",
            "List calls",
            "The newest first, up to those that were settled a moment ago. Where few of very many calls pass the filters, a page can be short, or empty, and still have a cursor: the search goes on with it.",
        )
        .answers_list::<CallView>("A page of calls.")
}

async fn handle(
    access: Access<UsageRead>,
    Query(query): Query<ListCalls>,
) -> Result<Answer<List<CallView>>, Problem> {
    access.app.gateway.ledger.flush().await;
    let ListCalls { page, wanted } = query;
    let wanted =
        CallQuery { owner: access.owner(), after: page.after, limit: page.limit, ..wanted };
    let found = access.database().listed_calls(&wanted).await?;
    let next_cursor = found.next.map(|next| next.to_string());
    Ok(Answer::ok(List { data: CallView::of(&access, found.calls).await?, next_cursor }))
}

/// An address as the books write it.
fn address(text: &str) -> Result<String, Invalid> {
    let read = text.parse::<IpAddr>().map(|address| address.to_canonical().to_string());
    read.map_err(|_| Invalid::new(Wrong::Address))
}

fn ended(text: &str) -> Result<Ended, Invalid> {
    let outcomes = [
        Outcome::Completed,
        Outcome::ClientGone,
        Outcome::UpstreamCut,
        Outcome::Failed,
        Outcome::Reconciled,
    ];
    let status = text.parse().ok().filter(|status| (100..=599).contains(status)).map(Ended::Status);
    let outcome = outcomes.into_iter().find(|outcome| outcome.name() == text).map(Ended::Outcome);
    status.or(outcome).ok_or_else(|| Invalid::new(Wrong::CallEnd))
}
