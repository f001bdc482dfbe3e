//! `/console/usage`: calls, filtered and paged by the API, and a chart of what they cost.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use domain::money::Nanos;
use serde::Deserialize;

use super::call::Call;
use super::chart::{self, Slice, Totals};
use super::filter::{ENDS, Filter, RANGES, STATUSES};
use super::ranking::{self, Ranking};
use super::zoom::Crumb;
use crate::api::List;
use crate::frame::Frame;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How many calls a page has.
const LIMIT: &str = "50";

/// A key, as far as a filter or a row needs it.
#[derive(Clone, Deserialize)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Template)]
#[template(path = "pages/log/list.html")]
struct ListPage {
    page: Frame,
    filter: Filter,
    calls: List<Call>,
    keys: Vec<Key>,
    totals: Totals,
    charts: [ui::Html; 2],
    ranking: Ranking,
    /// The way back from a part of a chart.
    crumbs: Vec<Crumb>,
    here: Option<String>,
    /// What is wrong with the filter.
    problem: Option<String>,
}

impl ListPage {
    fn key_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.keys.iter().find(|key| key.id == id).map_or(id, |key| key.name.as_str())
    }

    /// Whether the filter has a status that is none of those to choose from.
    fn has_other_status(&self) -> bool {
        let status = self.filter.status.as_str();
        let listed = STATUSES.contains(&status) || ENDS.iter().any(|(end, _)| *end == status);
        !status.is_empty() && !listed
    }

    /// The dearest of what is ranked.
    fn most(&self) -> Nanos {
        self.ranking.slices().first().map_or(Nanos::ZERO, |slice| slice.cost)
    }

    fn export(&self, path: &str, limit: &str) -> String {
        Filter { cursor: String::new(), ..self.filter.clone() }.calls(path, self.page.now(), limit)
    }
}

pub(crate) async fn page(
    user: SignedIn,
    Query(mut filter): Query<Filter>,
) -> Result<Response, Trouble> {
    for text in [&mut filter.id, &mut filter.model, &mut filter.status, &mut filter.client_ip] {
        *text = text.trim().to_owned();
    }
    if !filter.id.is_empty() {
        let id: String =
            filter.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        return Ok(Redirect::to(&links::call(&id)).into_response());
    }
    let page = user.frame(links::USAGE);
    let now = page.now();
    let api = user.api();
    let mut problem = None;
    let calls = match api.get(&filter.calls("/api/v1/calls", now, LIMIT)).await {
        Err(Trouble::Refused(refusal)) if refusal.status == 422 => {
            let said = refusal.errors.first().map(|error| error.sentence(page.words()));
            problem = Some(said.unwrap_or_else(|| refusal.sentence(page.words())));
            List { data: Vec::new(), next_cursor: None }
        }
        answer => answer?,
    };
    let (usage, ranking) = ranking::read(api, &filter, now).await?;
    let (since, until) = filter.span(now);
    let charts = chart::draw(&page, &usage, &filter, (since, until.unwrap_or(now)));
    let totals = usage.totals();
    let keys = keys(&user, &calls.data, ranking.slices(), &filter).await?;
    let (crumbs, here) = (filter.crumbs(&page), filter.here(&page));
    let list =
        ListPage { page, filter, calls, keys, totals, charts, ranking, crumbs, here, problem };
    list.page.show(&list)
}

/// The keys that the page names.
async fn keys(
    user: &SignedIn,
    calls: &[Call],
    ranked: &[Slice],
    filter: &Filter,
) -> Result<Vec<Key>, Trouble> {
    let mut keys: Vec<Key> = Vec::new();
    for call in calls {
        if keys.iter().all(|key| key.id != call.key_id) {
            keys.push(Key { id: call.key_id.clone(), name: call.key_name.clone() });
        }
    }
    for id in ranked.iter().filter_map(|slice| slice.key_id.as_ref()).chain([&filter.key_id]) {
        if id.is_empty() || keys.iter().any(|key| key.id == *id) {
            continue;
        }
        let key: Option<Key> = match user.api().find(&format!("/v1/api-keys/{id}")).await {
            Err(Trouble::Refused(_)) => None,
            found => found?,
        };
        let gone = || {
            let end = id.len().saturating_sub(6);
            user.visit.words.t1("log-key-deleted", "end", id.get(end..).unwrap_or(id))
        };
        keys.push(key.unwrap_or_else(|| Key { id: id.clone(), name: gone() }));
    }
    Ok(keys)
}
