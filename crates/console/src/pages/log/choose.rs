//! `/console/usage/token`: which token's calls are shown, found by its name among however many.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::filter::Filter;
use crate::api::{List, with_query};
use crate::frame::Frame;
use crate::language::Message;
use crate::pages::token::key::Key;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How many tokens are shown at once.
const LIMIT: &str = "12";

/// Which tokens are looked for, beside the filter that is kept.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
    after: String,
}

#[derive(Template)]
#[template(path = "pages/log/choose.html")]
struct Choose<'a> {
    page: &'a Frame,
    filter: Filter,
    search: Search,
    keys: List<Key>,
}

impl Choose<'_> {
    /// The tokens from another place on.
    fn from(&self, after: &str) -> String {
        let more = [("q", self.search.q.as_str()), ("after", after)];
        with_query(links::USAGE_TOKEN, &[self.filter.pairs().as_slice(), &more].concat())
    }
}

pub(crate) async fn page(
    user: SignedIn,
    Query(filter): Query<Filter>,
    Query(mut search): Query<Search>,
) -> Result<Response, Trouble> {
    search.q = search.q.trim().to_owned();
    let asked = [("limit", LIMIT), ("q", &search.q), ("cursor", &search.after)];
    let keys: Option<List<Key>> = user.api().find(&with_query("/v1/api-keys", &asked)).await?;
    let keys = keys.unwrap_or_else(|| List { data: Vec::new(), next_cursor: None });
    let page = user.frame(links::USAGE).under(links::USAGE, Message("nav-usage"));
    let title = page.t("log-choose-key");
    let content = Frame::part(&Choose { page: &page, filter, search, keys })?;
    page.dialog(title, content)
}
