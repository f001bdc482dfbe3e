//! `GET /api/v1/users/{id}`

use domain::id::UserId;

use super::view::UserView;
use crate::access::{Access, UsersRead};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/users/{id}", handle)
        .about("Users", "Read a user", "A member reads only themselves.")
        .answers::<UserView>(200, "The user.")
}

async fn handle(
    access: Access<UsersRead>,
    Id(id): Id<UserId>,
) -> Result<Answer<UserView>, Problem> {
    if access.owner().is_some_and(|own| own != id) {
        return Err(Problem::not_found());
    }
    let user = access.database().user(id).await?;
    let version = user.version;
    Ok(Answer::ok(UserView::of(&access.app, user).await?).version(version))
}
