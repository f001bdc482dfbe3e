//! `/console/price`: what has no price and should, then the prices.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::entry::{Price, Starter, all, figure};
use super::missing::{Missing, missing};
use crate::api::{List, with_query};
use crate::frame::Frame;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::pages::channel::entry::Channel;
use crate::trouble::Trouble;
use crate::ui;

/// How many prices a page has.
const LIMIT: usize = 50;

/// Which prices are looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    q: String,
    served: String,
    page: usize,
}

#[derive(Template)]
#[template(path = "pages/price/list.html")]
struct ListPage {
    page: Frame,
    prices: Vec<Price>,
    filter: Filter,
    found: usize,
    total: usize,
    missing: Vec<Missing>,
    starter: Vec<Starter>,
}

impl ListPage {
    /// The vendor's list price that a price is, if it is one.
    fn starter(&self, price: &Price) -> Option<&Starter> {
        self.starter.iter().find(|it| it.model == price.model && it.price == price.rates)
    }

    /// How many models without a price the starter list knows.
    fn known(&self) -> usize {
        let knows = |one: &&Missing| self.starter.iter().any(|it| it.model == one.model);
        self.missing.iter().filter(knows).count()
    }

    /// Another page of the list.
    fn link(&self, page: usize) -> String {
        let page = if page == 0 { String::new() } else { page.to_string() };
        let pairs =
            [("q", self.filter.q.as_str()), ("served", &self.filter.served), ("page", &page)];
        with_query(links::PRICES, &pairs)
    }

    /// The first page of the list.
    fn first(&self) -> String {
        self.link(0)
    }

    /// The page after this one.
    fn next(&self) -> String {
        self.link(self.filter.page.saturating_add(1))
    }

    /// Whether there are more after this page.
    fn more(&self) -> bool {
        self.filter.page.saturating_add(1).saturating_mul(LIMIT) < self.found
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let mut prices = all(&user).await?;
    let channels: List<Channel> = user.api().get("/api/v1/channels").await?;
    let starter: List<Starter> = user.api().get("/api/v1/prices/starter").await?;
    let missing = missing(&channels.data, &prices);
    let total = prices.len();
    let wanted = filter.q.trim().to_lowercase();
    let served = |model: &String| channels.data.iter().any(|one| one.models.contains(model));
    prices.retain(|price| {
        price.model.to_lowercase().contains(&wanted)
            && (filter.served.is_empty() || served(&price.model))
    });
    let found = prices.len();
    let start = filter.page.saturating_mul(LIMIT);
    let prices = prices.into_iter().skip(start).take(LIMIT).collect();
    let list = ListPage {
        page: user.frame(links::PRICES),
        prices,
        filter,
        found,
        total,
        missing,
        starter: starter.data,
    };
    list.page.show(&list)
}
