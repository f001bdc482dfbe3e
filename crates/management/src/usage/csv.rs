//! `GET /v1/usage.csv`

use axum::response::{IntoResponse, Response};
use domain::id::KeyId;
use domain::permission::Permission;
use gateway::authenticate::permit;
use store::StoreError;
use store::usage::{UsageOf, UsageQuery, UsageSum};

use super::get::{By, ReadUsage, not_for_holders, range, reach};
use super::reader::{Reader, refused};
use crate::csv::{Rows, pages};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Query;
use crate::state::App;

/// So many keys are looked at at once.
const KEYS_AT_ONCE: u32 = 1_000;

const COLUMNS: &[&str] = &[
    "starts_at",
    "model",
    "key_id",
    "requests",
    "input",
    "cached_input",
    "cache_write",
    "output",
    "reasoning",
    "cost",
];

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/usage.csv", handle)
        .about(
            "Usage",
            "Export usage",
            "Grouped by local day unless `by` says otherwise; the rows add up to the total. By key, they come in the order in which the keys were made.",
        )
        .answers_text("text/csv; charset=utf-8", "A table with a head.")
        .fails(404, "There is no such key or user, or it is another's.")
}

async fn handle(reader: Reader, Query(wanted): Query<ReadUsage>) -> Result<Response, Problem> {
    let (app, of, owner) = match reader {
        Reader::Holder(holder) => {
            if let Err(refusal) = permit(&holder.key, Permission::UsageRead) {
                return Ok(refused(&refusal));
            }
            not_for_holders(&wanted)?;
            (holder.app, UsageOf::Key(holder.key.id), None)
        }
        Reader::Manager(access) => {
            let of = reach(&access, &wanted).await?;
            (access.app.clone(), of, access.owner())
        }
    };
    app.gateway.ledger.flush().await;
    let (by, query) = (wanted.by().unwrap_or(By::Day), range(of, owner, &wanted));
    let page = move |after| {
        let app = app.clone();
        async move { Ok(rows(&app, by, &query, after).await?) }
    };
    Ok(pages("usage.csv", COLUMNS, None, page).into_response())
}

/// The next rows, and the key to go on behind: there may be very many of these, in the order of their
/// making. All else is short.
async fn rows(
    app: &App,
    by: By,
    query: &UsageQuery,
    after: Option<KeyId>,
) -> Result<(Rows, Option<Option<KeyId>>), StoreError> {
    let database = &app.gateway.database;
    let (mut rows, mut next) = (Rows::default(), None);
    match by {
        By::Day => {
            for (day, sum) in database.usage_by_day(query).await? {
                row(&mut rows, Some(day), "", None::<i64>, &sum);
            }
        }
        By::Hour => {
            for (hour, sum) in database.usage_by_hour(query).await? {
                row(&mut rows, Some(hour), "", None::<i64>, &sum);
            }
        }
        By::Model => {
            for (model, sum) in database.usage_by_model(query).await? {
                row(&mut rows, None::<i64>, &model, None::<i64>, &sum);
            }
        }
        By::Key => {
            let (keys, last) = database.usage_of_next_keys(query, after, KEYS_AT_ONCE).await?;
            for (key, sum) in keys {
                row(&mut rows, None::<i64>, "", Some(key), &sum);
            }
            next = last;
        }
    }
    Ok((rows, next.map(Some)))
}

fn row(
    rows: &mut Rows,
    start: Option<impl std::fmt::Display>,
    model: &str,
    key: Option<impl std::fmt::Display>,
    sum: &UsageSum,
) {
    rows.optional(start);
    rows.text(model);
    rows.optional(key);
    for count in
        [sum.requests, sum.input, sum.cached_input, sum.cache_write, sum.output, sum.reasoning]
    {
        rows.value(count);
    }
    rows.value(sum.charged);
    rows.end();
}
