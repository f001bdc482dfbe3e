//! `GET /api/v1/calls.csv`

use axum::response::Response;
use domain::id::CallId;
use std::sync::Arc;
use store::call::{CallQuery, CallRow};

use super::list::{FILTERS, filters};
use crate::access::{Access, UsageRead};
use crate::csv::{Rows, pages};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Parameters, Query, ReadQuery};

/// Rows of one page.
const PAGE: u32 = 200;

const COLUMNS: &[&str] = &[
    "id",
    "started_at",
    "key_id",
    "user_id",
    "model",
    "upstream_model",
    "channel_id",
    "group",
    "dialect",
    "upstream_dialect",
    "status",
    "outcome",
    "input",
    "cached_input",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "cost",
    "charged",
    "usage_source",
    "suspect",
    "counted",
    "first_token_ms",
    "duration_ms",
    "client_ip",
    "user_agent",
];

/// Which calls to export.
pub(crate) struct ExportCalls(CallQuery);

impl ReadQuery for ExportCalls {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &FILTERS;

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self(filters(parameters)))
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/calls.csv", handle)
        .about("Calls", "Export calls", "All that the filters leave, the newest first.")
        .answers_text("text/csv; charset=utf-8", "A table with a head.")
}

async fn handle(
    access: Access<UsageRead>,
    Query(ExportCalls(wanted)): Query<ExportCalls>,
) -> Result<Response, Problem> {
    access.app.gateway.ledger.flush().await;
    let wanted = Arc::new(CallQuery { owner: access.owner(), limit: PAGE, ..wanted });
    let app = access.app;
    let page = move |after: Option<CallId>| {
        let (app, wanted) = (app.clone(), Arc::clone(&wanted));
        async move {
            let query = CallQuery { after, ..CallQuery::clone(&wanted) };
            let found = app.gateway.database.listed_calls(&query).await?;
            let next = found.next.map(Some);
            let mut rows = Rows::default();
            found.calls.iter().for_each(|call| row(&mut rows, call));
            Ok((rows, next))
        }
    };
    Ok(pages("calls.csv", COLUMNS, None, page))
}

fn row(rows: &mut Rows, call: &CallRow) {
    let name = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    rows.value(call.id);
    rows.value(call.started_at);
    rows.value(call.key);
    rows.value(call.user);
    rows.text(&call.model);
    rows.text(&call.upstream_model);
    rows.value(call.channel);
    rows.text(&call.group);
    rows.text(&name(serde_json::to_value(call.dialect)));
    rows.text(&name(serde_json::to_value(call.upstream_dialect)));
    rows.value(call.status);
    rows.text(call.outcome.name());
    rows.value(call.usage.input);
    rows.value(call.usage.cached_input);
    rows.value(call.usage.cache_write);
    rows.value(call.usage.cache_write_1h);
    rows.value(call.usage.output);
    rows.value(call.usage.reasoning);
    rows.value(call.cost);
    rows.value(call.charged);
    rows.text(&name(serde_json::to_value(call.source)));
    rows.value(call.suspect);
    rows.value(call.counted);
    rows.optional(call.first_byte_ms);
    rows.value(call.duration_ms);
    rows.text(call.client_ip.as_deref().unwrap_or_default());
    rows.text(call.user_agent.as_deref().unwrap_or_default());
    rows.end();
}
