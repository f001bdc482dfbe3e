//! `/console/token/{id}`: one token's limits, usage, calls and terms.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::time::UnixMillis;

use super::call::Call;
use super::key::Key;
use super::leak::{Leak, Report};
use super::usage::{self, Usage};
use crate::api::{List, with_query};
use crate::frame::Frame;
use crate::language::Message;
use crate::pages::audit::change::Values;
use crate::pages::audit::entry::Row;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How many days the chart shows.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "pages/token/show.html")]
struct Show {
    page: Frame,
    key: Key,
    usage: Usage,
    chart: ui::Html,
    calls: Vec<Call>,
    /// What it did in the days of the chart: from where, and with which programs.
    seen: Report,
    leak: Leak,
    /// What was done to it; none: not the visitor's to see.
    trail: Option<List<Row>>,
}

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&super::edit::path(&id)).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let day = 86_400_000;
    let since = UnixMillis::new(page.now().get() / day * day - (DAYS - 1) * day).to_string();
    let asked = [("key_id", id.as_str()), ("by", "day"), ("since", since.as_str())];
    let api = &page.visit.api;
    let usage: Usage = api.get(&with_query("/v1/usage", &asked)).await?;
    let asked = [("key_id", id.as_str()), ("limit", "10")];
    let calls: List<Call> = api.get(&with_query("/api/v1/calls", &asked)).await?;
    let compromised = format!("{}/compromised", super::edit::path(&id));
    let leak: Leak = api.get(&compromised).await?;
    let asked = [("since", since.as_str())];
    let seen: Leak = api.get(&with_query(&compromised, &asked)).await?;
    let asked = [("object", id.as_str()), ("limit", "8")];
    let trail = api.find(&with_query("/api/v1/audit", &asked)).await?;
    let days = usage::days(usage.data.as_deref().unwrap_or_default(), page.now(), DAYS);
    let chart = usage::chart(&page, &days, &id);
    let show = Show { page, key, usage, chart, calls: calls.data, seen: seen.report, leak, trail };
    show.page.show(&show)
}
