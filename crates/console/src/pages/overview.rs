//! `/console`: what is spent, by what, and what to do first.

use askama::Template;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::api::{List, with_query};
use crate::frame::Frame;
use crate::pages::alerts::{self, Alert};
use crate::pages::token::call::Call;
use crate::pages::token::key::Key;
use crate::pages::token::usage::{self, Slice, Usage};
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How many days the chart shows.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "pages/overview.html")]
struct Overview {
    page: Frame,
    usage: Usage,
    chart: ui::Html,
    sparkline: ui::Html,
    keys: Vec<TopKey>,
    calls: Vec<Call>,
    /// What nobody acknowledged yet.
    alerts: Vec<Alert>,
    /// Where the first steps are not done yet.
    steps: Option<Steps>,
    base_url: String,
}

/// A key that much was spent with.
struct TopKey {
    id: String,
    name: String,
    requests: i64,
    cost: Nanos,
    /// The dearest of them.
    most: Nanos,
}

/// What a new deployment needs until its first call came through.
struct Steps {
    /// Whether there is a channel; none: not the visitor's to see.
    channel: Option<bool>,
    key: bool,
}

#[derive(Deserialize)]
struct Named {}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let page = user.frame(links::HOME);
    let api = user.api();
    let since = days_ago(page.now(), DAYS - 1).to_string();
    let period = |by| with_query("/v1/usage", &[("by", by), ("since", since.as_str())]);
    let usage: Usage = api.get(&period("day")).await?;
    let by_key: Usage = api.get(&period("key")).await?;
    let calls: List<Call> = api.get("/api/v1/calls?limit=6").await?;
    let mut alerts = alerts::unread(api).await?;
    alerts.truncate(3);
    let mut keys: Vec<TopKey> = Vec::new();
    for slice in top(by_key.data.unwrap_or_default()) {
        let Some(id) = slice.key_id else { continue };
        let key: Option<Key> = api.find(&format!("/v1/api-keys/{id}")).await?;
        let name = key.map_or_else(|| id.clone(), |key| key.name);
        let most = keys.first().map_or(slice.cost, |first| first.cost);
        keys.push(TopKey { id, name, requests: slice.requests, cost: slice.cost, most });
    }
    let steps = if usage.requests.total == 0 { Some(steps(&user).await?) } else { None };
    let days = usage::days(usage.data.as_deref().unwrap_or_default(), page.now(), DAYS);
    let overview = Overview {
        chart: usage::chart(&page, &days, ""),
        sparkline: ui::sparkline(&days.iter().map(|day| day.cost).collect::<Vec<_>>()),
        base_url: page.visit.base_url.clone(),
        page,
        usage,
        keys,
        calls: calls.data,
        alerts,
        steps,
    };
    overview.page.show(&overview)
}

async fn steps(user: &SignedIn) -> Result<Steps, Trouble> {
    let channels: Option<List<Named>> = if user.me.is_operator() {
        user.api().find("/api/v1/channels?limit=1").await?
    } else {
        None
    };
    let keys: List<Named> = user
        .api()
        .get(&with_query("/v1/api-keys", &[("limit", "1"), ("owner", &user.me.id)]))
        .await?;
    Ok(Steps {
        channel: channels.map(|channels| !channels.data.is_empty()),
        key: !keys.data.is_empty(),
    })
}

/// The five that cost most.
fn top(mut slices: Vec<Slice>) -> Vec<Slice> {
    slices.sort_by_key(|slice| std::cmp::Reverse(slice.cost));
    slices.truncate(5);
    slices
}

/// Midnight, UTC, so many days ago: usage is asked for in whole hours.
fn days_ago(now: UnixMillis, days: i64) -> UnixMillis {
    let day = 86_400_000;
    UnixMillis::new(now.get() / day * day - days * day)
}
