//! `/console/user`: the list, searched and paged by the API.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::entry::User;
use crate::api::{List, with_query};
use crate::frame::Frame;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;

/// Which users are looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    q: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "pages/user/list.html")]
struct ListPage {
    page: Frame,
    users: List<User>,
    filter: Filter,
}

impl ListPage {
    /// Another page of the list.
    fn link(&self, cursor: &str) -> String {
        with_query(links::USERS, &[("q", self.filter.q.as_str()), ("cursor", cursor)])
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let asked = [("limit", "25"), ("q", filter.q.as_str()), ("cursor", filter.cursor.as_str())];
    let users = user.api().get(&with_query("/api/v1/users", &asked)).await?;
    let list = ListPage { page: user.frame(links::USERS), users, filter };
    list.page.show(&list)
}
