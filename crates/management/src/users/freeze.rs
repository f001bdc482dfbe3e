//! `POST /api/v1/users/{id}/freeze` and `/thaw`

use domain::id::UserId;

use super::view::UserView;
use crate::access::{Operator, UsersWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn freeze() -> Endpoint {
    Endpoint::post("/api/v1/users/{id}/freeze", handle_freeze)
        .about(
            "Users",
            "Freeze a balance",
            "In force when answered: every new call of the user's keys is refused with `balance_frozen` until the balance is thawed. Calls under way go on to their end. Only an owner can freeze an owner.",
        )
        .answers::<UserView>(200, "The user as they are now.")
}

pub(crate) fn thaw() -> Endpoint {
    Endpoint::post("/api/v1/users/{id}/thaw", handle_thaw)
        .about("Users", "Thaw a balance", "In force when answered: the user's keys work again.")
        .answers::<UserView>(200, "The user as they are now.")
}

async fn handle_freeze(
    access: Operator<UsersWrite>,
    Id(id): Id<UserId>,
) -> Result<Answer<UserView>, Problem> {
    set(&access, id, true).await
}

async fn handle_thaw(
    access: Operator<UsersWrite>,
    Id(id): Id<UserId>,
) -> Result<Answer<UserView>, Problem> {
    set(&access, id, false).await
}

async fn set(
    access: &Operator<UsersWrite>,
    id: UserId,
    frozen: bool,
) -> Result<Answer<UserView>, Problem> {
    access.principal.may_manage(access.database().user(id).await?.role)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.locked_user(id).await?;
    let user = match frozen {
        true => transaction.freeze_user(id, access.now()).await?,
        false => transaction.thaw_user(id).await?,
    };
    access.app.record(&mut transaction, Some(&before), Some(&user))?;
    access.app.commit(transaction, id).await?;
    let version = user.version;
    Ok(Answer::ok(UserView::of(&access.app, user).await?).version(version))
}
