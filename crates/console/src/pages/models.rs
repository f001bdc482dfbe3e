//! `/console/models`: what the visitor can call, and what it costs.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api::List;
use crate::frame::Frame;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/models.html")]
struct Models {
    page: Frame,
    q: String,
    models: Vec<Model>,
    /// How many there are without the search.
    total: usize,
    groups: Vec<Group>,
}

/// A model that can be called.
#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) model: String,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(skip)]
    price: Option<Price>,
}

/// A model's price, in USD as the API writes it.
#[derive(Deserialize)]
struct Price {
    model: String,
    #[serde(default)]
    input: Option<Box<RawValue>>,
    #[serde(default)]
    cached_input: Option<Box<RawValue>>,
    #[serde(default)]
    cache_write: Option<Box<RawValue>>,
    #[serde(default)]
    output: Option<Box<RawValue>>,
    #[serde(default)]
    per_request: Option<Box<RawValue>>,
    #[serde(default)]
    context_window: Option<u64>,
}

/// A group and its factor on prices.
#[derive(Deserialize)]
struct Group {
    name: String,
    multiplier: Box<RawValue>,
}

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
}

impl Models {
    /// An amount of USD as the API writes it, with two decimals at least.
    fn price(&self, amount: &Option<Box<RawValue>>) -> String {
        amount.as_ref().map_or_else(|| "—".to_owned(), |amount| two(amount.get()))
    }

    fn factor<'a>(&'a self, group: &str) -> Option<&'a str> {
        let group = self.groups.iter().find(|known| known.name == group)?;
        Some(group.multiplier.get())
    }
}

fn two(amount: &str) -> String {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    format!("${}.{fraction:0<2}", crate::format::grouped(whole))
}

/// What the visitor's keys can call.
pub(super) async fn reachable(user: &SignedIn) -> Result<Vec<Model>, Trouble> {
    let models: List<Model> = user.api().get("/api/v1/me/models").await?;
    Ok(models.data)
}

pub(crate) async fn page(
    user: SignedIn,
    Query(Search { q }): Query<Search>,
) -> Result<Response, Trouble> {
    let api = user.api();
    let prices: List<Price> = api.get("/api/v1/prices").await?;
    let groups: List<Group> = api.get("/api/v1/groups").await?;
    let mut prices = prices.data;
    let mut models = reachable(&user).await?;
    let total = models.len();
    let wanted = q.trim().to_lowercase();
    models.retain(|model| model.model.to_lowercase().contains(&wanted));
    for model in &mut models {
        let at = prices.iter().position(|price| price.model == model.model);
        model.price = at.map(|at| prices.swap_remove(at));
    }
    let groups = groups.data;
    let page = Models { page: user.frame(links::MODELS), q, models, total, groups };
    page.page.show(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_two_decimals_at_least() {
        assert_eq!(two("3"), "$3.00");
        assert_eq!(two("0.3"), "$0.30");
        assert_eq!(two("0.075"), "$0.075");
        assert_eq!(two("1200"), "$1,200.00");
    }
}
