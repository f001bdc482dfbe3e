//! `GET /v1/api-keys.csv`

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use domain::pattern::ModelPattern;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use http_body_util::channel::Channel;
use store::StoreError;
use store::api_key::KeyQuery;

use super::list::KeyFilters;
use super::view::KeyView;
use crate::access::{Access, KeysRead};
use crate::answer::{Moment, Usd};
use crate::csv;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Parameters, Query, ReadQuery};
use crate::state::App;

/// Rows that are read at once.
const CHUNK: u32 = 500;

/// Which keys to export.
pub(crate) struct ExportKeys(KeyFilters);

impl ReadQuery for ExportKeys {
    const PARAMETERS: &'static [(&'static str, &'static str)] = KeyFilters::PARAMETERS;

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self(KeyFilters::read(parameters)))
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/api-keys.csv", handle)
        .about(
            "API keys",
            "Export keys as CSV",
            "Every key that the same filters list, in the same order, written as it is read. A cell that a spreadsheet would take for a formula begins with an apostrophe.",
        )
        .answers_text("text/csv", "One line per key, below a line of names.")
}

async fn handle(
    access: Access<KeysRead>,
    Query(ExportKeys(filters)): Query<ExportKeys>,
) -> Result<Response, Problem> {
    let query = filters.query(&access, CHUNK).await;
    let (mut sender, body) = Channel::<Bytes, axum::BoxError>::new(4);
    let app = access.app;
    tokio::spawn(async move {
        let mut query = query;
        let mut text = csv::line(COLUMNS.iter().map(|name| csv::Cell::Plain(name)));
        loop {
            if sender.send_data(Bytes::from(std::mem::take(&mut text))).await.is_err() {
                // Whoever asked went away.
                return;
            }
            match rows(&app, &mut query).await {
                Ok(Some(lines)) => text = lines,
                Ok(None) => return,
                Err(error) => {
                    // Cut off, so that nobody takes a part for the whole.
                    tracing::error!(%error, "an export of keys broke off");
                    sender.abort(error.into());
                    return;
                }
            }
        }
    });
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"api-keys.csv\"");
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// The next lines; none when there are no more.
async fn rows(app: &App, query: &mut Option<KeyQuery>) -> Result<Option<String>, StoreError> {
    let Some(query) = query else { return Ok(None) };
    let rows = app.gateway.database.listed_api_keys(query).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    query.after = Some(last.cursor);
    query.now = app.gateway.ledger.now();
    let status = query.status;
    let keys = rows.into_iter().map(|row| row.key).collect();
    let mut text = String::new();
    for view in KeyView::all(app, keys).await? {
        if status.is_none_or(|status| status == view.status) {
            text.push_str(&line(&view));
        }
    }
    Ok(Some(text))
}

const COLUMNS: [&str; 19] = [
    "id",
    "name",
    "masked",
    "status",
    "owner",
    "billing_method",
    "permissions",
    "groups",
    "allowed_models",
    "ip_allowlist",
    "tags",
    "quota",
    "used",
    "held",
    "remaining",
    "created_at",
    "last_used_at",
    "expires_at",
    "etag",
];

/// A key as a line of [`COLUMNS`]. What is unlimited, or never was, is empty.
fn line(key: &KeyView) -> String {
    let usd = |amount: Option<Usd>| amount.map_or_else(String::new, |amount| amount.0.to_string());
    let moment = |at: Option<Moment>| at.map_or_else(String::new, |at| at.0.to_string());
    let plain = [
        key.id.to_string(),
        key.masked.clone(),
        key.status.name().to_owned(),
        key.owner.to_string(),
        key.billing_method.name().to_owned(),
        key.permissions.to_text(),
        usd(key.quota),
        usd(Some(key.used)),
        usd(Some(key.held)),
        usd(key.remaining),
        moment(Some(key.created_at)),
        moment(key.last_used_at),
        moment(key.expires_at),
        key.etag.clone(),
    ];
    let [id, masked, status, owner, method, permissions, figures @ ..] = &plain;
    let models: Vec<&str> = key.allowed_models.iter().map(ModelPattern::as_str).collect();
    let addresses: Vec<String> = key.ip_allowlist.iter().map(ToString::to_string).collect();
    let (models, addresses) = (models.join(" "), addresses.join(" "));
    let (groups, tags) = (key.groups.join(" "), key.tags.join(" "));
    let foreign = [&groups, &models, &addresses, &tags].map(|text| csv::Cell::Foreign(text));
    let first = [csv::Cell::Plain(id), csv::Cell::Foreign(&key.name)];
    let rest = [masked, status, owner, method, permissions].map(|text| csv::Cell::Plain(text));
    let figures = figures.iter().map(|text| csv::Cell::Plain(text));
    csv::line(first.into_iter().chain(rest).chain(foreign).chain(figures))
}
