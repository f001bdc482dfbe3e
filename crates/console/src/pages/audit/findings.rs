//! `/console/audit`: what an audit objects to in the tokens that work, with what can be done.

use askama::Template;
use axum::extract::Query;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderValue, VARY};
use serde::Deserialize;

use super::finding::Finding;
use crate::api::{Anything, List, with_query};
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

const LIMIT: &str = "50";

/// How many the navigation counts.
const COUNTED: usize = 99;

/// How far back to look.
const PERIODS: &[(&str, Message)] = &[
    ("week", Message("audit-period-week")),
    ("month", Message("audit-period-month")),
    ("quarter", Message("audit-period-quarter")),
];

const SEVERITIES: &[(&str, Message)] = &[
    ("high", Message("severity-high")),
    ("medium", Message("severity-medium")),
    ("low", Message("severity-low")),
];

/// Which findings are looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    period: String,
    severity: String,
    dismissed: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "pages/audit/findings.html")]
struct Findings {
    page: Frame,
    filter: Filter,
    findings: List<Finding>,
}

impl Filter {
    fn period(&self) -> &str {
        if self.period.is_empty() { "month" } else { &self.period }
    }

    /// Everything but the place in the list.
    fn link(&self, cursor: &str) -> String {
        with_query(
            links::AUDIT,
            &[
                ("period", &self.period),
                ("severity", &self.severity),
                ("dismissed", &self.dismissed),
                ("cursor", cursor),
            ],
        )
    }
}

pub(crate) async fn page(
    user: SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let asked = [
        ("limit", LIMIT),
        ("period", filter.period()),
        ("severity", &filter.severity),
        ("dismissed", &filter.dismissed),
        ("cursor", &filter.cursor),
    ];
    let path = with_query("/api/v1/findings", &asked);
    let mut findings: List<Finding> = user.api().get(&path).await?;
    findings.data.sort_by_key(Finding::rank);
    let page = user.frame(links::AUDIT);
    let shown = Findings { page, filter, findings };
    shown.page.show(&shown)
}

/// The navigation's number of open findings. They are worked out anew each time, so the browser
/// keeps the number for a minute.
pub(crate) async fn count(user: SignedIn) -> Result<Response, Trouble> {
    let path = with_query("/api/v1/findings", &[("limit", &COUNTED.to_string())]);
    let found: Option<List<Anything>> = user.api().find(&path).await?;
    let text = match found {
        Some(found) if found.next_cursor.is_some() => format!("{}+", found.data.len()),
        Some(found) if !found.data.is_empty() => found.data.len().to_string(),
        _ => String::new(),
    };
    let mut response = Html(text).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    headers.insert(VARY, HeaderValue::from_static("cookie"));
    Ok(response)
}
