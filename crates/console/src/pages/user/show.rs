//! `/console/user/{id}`: one user's balance, settings and ledger.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

use super::entry::{Line, User};
use crate::api::{List, with_query};
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
