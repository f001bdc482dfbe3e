//! `/console/token`: the list, searched, filtered, sorted and paged by the API.

use askama::Template;
use axum::extract::Query;
use axum::response::{Html, Response};
use serde::Deserialize;

use super::key::Key;
use super::usage::Usage;
use crate::api::{List, with_query};
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How many tokens a page has.
const LIMIT: &str = "25";

/// The statuses to filter by.
pub(crate) const STATUSES: &[(&str, Message)] = &[
    ("active", Message("status-active")),
    ("not_used", Message("status-not-used")),
    ("disabled", Message("status-disabled")),
    ("expired", Message("status-expired")),
    ("exhausted", Message("status-exhausted")),
    ("revoked", Message("status-revoked")),
];

/// Which tokens are looked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    pub(crate) q: String,
    pub(crate) status: String,
    pub(crate) group: String,
    pub(crate) tag: String,
    pub(crate) model: String,
    pub(crate) sort: String,
    pub(crate) cursor: String,
}

/// A group, as far as a filter or a form needs it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) multiplier: Option<f64>,
}

/// How many tokens of the visitor's count against what their tier allows.
#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    keys: i64,
}

#[derive(Template)]
#[template(path = "pages/token/list.html")]
struct ListPage {
    page: Frame,
    keys: List<Key>,
    filter: Filter,
    /// Whether rows say what was used this month, because they are sorted by it.
    by_month: bool,
    groups: Vec<Group>,
    /// How many of the visitor's count against their allowance, where there is one.
    own: i64,
    usage: Usage,
}

impl Filter {
    /// The list with this filter and something else instead.
    fn link(&self, name: &str, value: &str) -> String {
        let pairs = [
            ("q", self.q.as_str()),
            ("status", &self.status),
            ("group", &self.group),
            ("tag", &self.tag),
            ("model", &self.model),
            ("sort", &self.sort),
        ];
        let mut pairs: Vec<(&str, &str)> =
            pairs.into_iter().filter(|(known, _)| *known != name).collect();
        pairs.push((name, value));
        with_query(links::TOKENS, &pairs)
    }

    /// The same tokens as a file, which the API itself writes.
    fn export(&self) -> String {
        let pairs = [
            ("q", self.q.as_str()),
            ("status", &self.status),
            ("group", &self.group),
            ("tag", &self.tag),
            ("model", &self.model),
            ("sort", &self.sort),
        ];
        with_query("/v1/api-keys.csv", &pairs)
    }

    /// The list sorted by this, or by its opposite if it is already.
    fn sorted(&self, by: &str) -> String {
        let opposite = format!("-{by}");
        let sort = if self.sort() == by { opposite.as_str() } else { by };
        self.link("sort", sort)
    }

    /// What it is sorted by.
    fn sort(&self) -> &str {
        if self.sort.is_empty() { "-created_at" } else { &self.sort }
    }

    /// Which way a column is sorted, as `aria-sort` says it.
    fn order(&self, by: &str) -> &'static str {
        match self.sort().strip_prefix('-') {
            None if self.sort() == by => "ascending",
            Some(sort) if sort == by => "descending",
            _ => "none",
        }
    }

    /// The same for a column with two things to sort by.
    fn order_of(&self, one: &str, other: &str) -> &'static str {
        match self.order(one) {
            "none" => self.order(other),
            order => order,
        }
    }

    /// Whether it asks for what a phone keeps folded away.
    fn is_fine(&self) -> bool {
        [&self.tag, &self.model].iter().any(|it| !it.is_empty())
    }

    /// Whether anything is left out.
    fn is_on(&self) -> bool {
        [&self.q, &self.status, &self.group, &self.tag, &self.model].iter().any(|it| !it.is_empty())
    }
}

impl ListPage {
    /// The head of a column: it sorts, and says which way.
    fn head(&self, by: &str, name: impl AsRef<str>) -> ui::Html {
        ui::sorting(&self.filter.sorted(by), self.filter.order(by), name.as_ref())
    }

    /// What the number of tokens counts: of who sees everybody's, only their own.
    fn counted(&self) -> std::borrow::Cow<'static, str> {
        let own = self.page.me.is_operator();
        self.page.say(if own { Message("token-own") } else { Message("nav-tokens") })
    }

    /// By which figure the amounts are sorted.
    const fn used_by(&self) -> &'static str {
        if self.by_month { "monthly" } else { "used" }
    }

    /// How many tokens the page shows, and whether there are more.
    fn count(&self) -> String {
        let more = self.keys.next_cursor.is_some() || !self.filter.cursor.is_empty();
        let id = if more { Message("token-count-more") } else { Message("token-count") };
        self.page.t1(id.0, "count", self.keys.data.len())
    }
}

pub(crate) async fn page(
    user: SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let path = with_query(
        "/v1/api-keys",
        &[
            ("limit", LIMIT),
            ("q", &filter.q),
            ("status", &filter.status),
            ("group", &filter.group),
            ("tag", &filter.tag),
            ("model", &filter.model),
            ("sort", &filter.sort),
            ("cursor", &filter.cursor),
        ],
    );
    let keys = user.api().get(&path).await?;
    let usage = user.api().get("/v1/usage").await?;
    // Without an allowance there may be a million of them, so they are counted behind the page.
    let own = match user.me.key_allowance {
        Some(_) => own_keys(&user).await?,
        None => 0,
    };
    let list = ListPage {
        by_month: filter.sort().trim_start_matches('-') == "monthly",
        groups: groups(&user).await?,
        page: user.frame(links::TOKENS),
        keys,
        filter,
        own,
        usage,
    };
    list.page.show(&list)
}

/// `/console/token/count`: how many tokens the visitor has.
pub(crate) async fn count(user: SignedIn) -> Result<Html<String>, Trouble> {
    let own = own_keys(&user).await?;
    Ok(Html(user.frame(links::TOKENS).number(own)))
}

async fn own_keys(user: &SignedIn) -> Result<i64, Trouble> {
    let counted: Counted = user.api().get("/api/v1/me").await?;
    Ok(counted.keys)
}

/// The groups to choose from: all of them for those who may see them, else the visitor's own.
pub(crate) async fn groups(user: &SignedIn) -> Result<Vec<Group>, Trouble> {
    let all: Option<List<Group>> = user.api().find("/api/v1/groups").await?;
    let own = || user.me.groups.iter().map(|name| Group { name: name.clone(), multiplier: None });
    Ok(all.map_or_else(|| own().collect(), |groups| groups.data))
}
