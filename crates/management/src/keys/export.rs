//! `GET /v1/api-keys.csv`

use axum::response::Response;
use domain::pattern::ModelPattern;
use store::StoreError;
use store::api_key::KeyQuery;

use super::list::KeyFilters;
use super::view::KeyView;
use crate::access::{Access, KeysRead};
use crate::csv::{self, Rows};
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
    let app = access.app;
    Ok(csv::pages("api-keys.csv", &COLUMNS, query, move |query| {
        let app = app.clone();
        async move { Ok(page(&app, query).await?) }
    }))
}

/// The next lines, and what is asked for after them; none when there are no more.
async fn page(
    app: &App,
    query: Option<KeyQuery>,
) -> Result<(Rows, Option<Option<KeyQuery>>), StoreError> {
    let mut lines = Rows::default();
    let Some(mut query) = query else { return Ok((lines, None)) };
    let found = app.gateway.database.listed_api_keys(&query).await?;
    query.after = found.next;
    query.now = app.gateway.ledger.now();
    let keys = found.keys.into_iter().map(|row| row.key).collect();
    for view in KeyView::all(app, keys).await? {
        if query.status.is_none_or(|status| status == view.status) {
            line(&mut lines, &view);
        }
    }
    Ok((lines, query.after.is_some().then_some(Some(query))))
}

const COLUMNS: [&str; 20] = [
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
    "owner_name",
];

/// A key as a line of [`COLUMNS`]. What is unlimited, or never was, is empty.
fn line(lines: &mut Rows, key: &KeyView) {
    let models: Vec<&str> = key.allowed_models.iter().map(ModelPattern::as_str).collect();
    let addresses: Vec<String> = key.ip_allowlist.iter().map(ToString::to_string).collect();
    lines.value(key.id);
    lines.text(&key.name);
    lines.value(&key.masked);
    lines.value(key.status.name());
    lines.value(key.owner);
    lines.value(key.billing_method.name());
    lines.value(key.permissions.to_text());
    lines.text(&key.groups.join(" "));
    lines.text(&models.join(" "));
    lines.text(&addresses.join(" "));
    lines.text(&key.tags.join(" "));
    lines.optional(key.quota.map(|amount| amount.0));
    lines.value(key.used.0);
    lines.value(key.held.0);
    lines.optional(key.remaining.map(|amount| amount.0));
    lines.value(key.created_at.0);
    lines.optional(key.last_used_at.map(|at| at.0));
    lines.optional(key.expires_at.map(|at| at.0));
    lines.value(&key.etag);
    lines.text(&key.owner_name);
    lines.end();
}
