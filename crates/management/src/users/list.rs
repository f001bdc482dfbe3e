//! `GET /api/v1/users`

use domain::id::UserId;
use store::user::UserQuery;

use super::view::UserView;
use crate::access::{Access, UsersRead};
use crate::answer::{Answer, List, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Page, Parameters, Query, ReadQuery};

/// Which users to list.
pub(crate) struct ListUsers {
    page: Page<UserId>,
    text: String,
}

impl ReadQuery for ListUsers {
    const PARAMETERS: &'static [(&'static str, &'static str)] =
        &[LIMIT, CURSOR, ("q", "Part of the name or the e-mail address.")];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self { page: Page::read(parameters), text: parameters.text("q") })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/users", handle)
        .about("Users", "List users", "The newest first. A member sees only themselves.")
        .answers_list::<UserView>("A page of users.")
}

async fn handle(
    access: Access<UsersRead>,
    query: Query<ListUsers>,
) -> Result<Answer<List<UserView>>, Problem> {
    let Query(ListUsers { page, text }) = query;
    let (rows, next_cursor) = match access.owner() {
        Some(own) => (vec![access.database().user(own).await?], None),
        None => {
            let wanted = UserQuery { text, after: page.after, limit: page.look_ahead() };
            let mut rows = access.database().users(&wanted).await?;
            let next = cut(&mut rows, page.limit, |user| user.id.to_string());
            (rows, next)
        }
    };
    let mut data = Vec::with_capacity(rows.len());
    for user in rows {
        data.push(UserView::of(&access.app, user).await?);
    }
    Ok(Answer::ok(List { data, next_cursor }))
}
