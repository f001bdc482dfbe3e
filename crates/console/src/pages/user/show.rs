//! `/console/user/{id}`: one user's balance, settings and ledger.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::money::Nanos;
use serde::Deserialize;

use super::entry::{Line, User};
use crate::api::{List, with_query};
use crate::format::{padded, places};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;

/// Which lines of the ledger.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lines {
    cursor: String,
}

#[derive(Template)]
#[template(path = "pages/user/show.html")]
struct Show {
    page: Frame,
    user: User,
    lines: List<Line>,
    asked: Lines,
}

impl Show {
    /// An exact amount with as many decimals as the others of the page.
    fn aligned(&self, amount: &Nanos) -> String {
        let words = self.page.words();
        let all = self.lines.data.iter().map(|line| words.usd_exact(line.amount));
        padded(&words.usd_exact(*amount), places(all))
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Path(id): Path<String>,
    Query(asked): Query<Lines>,
) -> Result<Response, Trouble> {
    let found: User = user.api().get(&User::path(&id)).await?;
    let ledger = format!("{}/ledger", User::path(&id));
    let pairs = [("limit", "20"), ("cursor", asked.cursor.as_str())];
    let lines = user.api().get(&with_query(&ledger, &pairs)).await?;
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let show = Show { page, user: found, lines, asked };
    show.page.show(&show)
}
