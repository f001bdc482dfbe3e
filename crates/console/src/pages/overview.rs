//! `/console`: what is spent, by what, and what to do first.

use askama::Template;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::api::{Api, List, with_query};
use crate::frame::Frame;
use crate::pages::alerts::{self, Alert};
use crate::pages::token::call::Call;
use crate::pages::token::key::Spent;
use crate::pages::token::usage::{self, Usage};
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// The order of the tokens in which what most was spent with this month comes first.
const BY_MONTH: &str = "-monthly";

/// How many days the chart shows.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "pages/overview.html")]
struct Overview {
    page: Frame,
    usage: Usage,
    chart: ui::Html,
    sparkline: ui::Html,
    /// Where most of the month's spending went, the dearest first.
    keys: Vec<TopKey>,
    /// Whether more of them may be found than in the time for a page.
    more_keys: bool,
    calls: Vec<Call>,
    /// What nobody acknowledged yet.
    alerts: Vec<Alert>,
    /// Where the first steps are not done yet.
    steps: Option<Steps>,
    base_url: String,
}

/// A key, and what was spent with it this month.
#[derive(Deserialize)]
struct TopKey {
    id: String,
    name: String,
    monthly: Spent,
}

impl Overview {
    /// What was spent with the dearest of the keys.
    fn most(&self) -> Nanos {
        self.keys.first().map_or(Nanos::ZERO, |key| key.monthly.amount)
    }

    /// All of them, in the same order.
    fn all_keys(&self) -> String {
        with_query(links::TOKENS, &[("sort", BY_MONTH)])
    }
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
    let by_day = with_query("/v1/usage", &[("by", "day"), ("since", since.as_str())]);
    let usage: Usage = api.get(&by_day).await?;
    let (keys, more_keys) = top(api).await?;
    let calls: List<Call> = api.get("/api/v1/calls?limit=6").await?;
    let mut alerts = alerts::unread(api).await?;
    alerts.truncate(3);
    let called = usage.requests.total > 0 || calls.data.iter().any(Call::went_well);
    let steps = if called { None } else { Some(steps(&user).await?) };
    let days = usage::days(usage.data.as_deref().unwrap_or_default(), page.now(), DAYS);
    let overview = Overview {
        chart: usage::chart(&page, &days, ""),
        sparkline: ui::sparkline(&days.iter().map(|day| day.cost).collect::<Vec<_>>()),
        base_url: page.visit.base_url.clone(),
        page,
        usage,
        keys,
        more_keys,
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
    // Of everybody's where the visitor sees those: somebody else may have made the first.
    let keys: List<Named> = user.api().get("/v1/api-keys?limit=1").await?;
    Ok(Steps {
        channel: channels.map(|channels| !channels.data.is_empty()),
        key: !keys.data.is_empty(),
    })
}

/// The keys that cost most this month, and whether there may be more than were found at once: of one
/// owner's very many, with few among the dearest of everybody's.
async fn top(api: &Api) -> Result<(Vec<TopKey>, bool), Trouble> {
    let query = [("sort", BY_MONTH), ("limit", "5")];
    let found: List<TopKey> = api.get(&with_query("/v1/api-keys", &query)).await?;
    let is_cut = found.next_cursor.is_some() && found.data.len() < 5;
    let is_charged = |key: &TopKey| key.monthly.amount > Nanos::ZERO;
    // Those without a charge come last.
    let may_be_more = is_cut && found.data.iter().all(is_charged);
    Ok((found.data.into_iter().filter(is_charged).collect(), may_be_more))
}

/// Midnight, UTC, so many days ago: usage is asked for in whole hours.
fn days_ago(now: UnixMillis, days: i64) -> UnixMillis {
    let day = 86_400_000;
    UnixMillis::new(now.get() / day * day - days * day)
}
