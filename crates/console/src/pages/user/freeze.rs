//! `/console/user/{id}/freeze`, which asks first, and `/thaw`.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::entry::User;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// A question about a user.
#[derive(Template)]
#[template(path = "pages/user/ask.html")]
pub(super) struct Ask<'a> {
    pub(super) page: &'a Frame,
    pub(super) user: User,
    pub(super) title: Message,
    pub(super) warning: Message,
    pub(super) button: Message,
    pub(super) action: String,
    /// An extra choice: the input's name and what it says.
    pub(super) choice: Option<(&'static str, Message)>,
}

pub(crate) async fn ask(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let found: User = user.api().get(&User::path(&id)).await?;
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let heading = page.t1("user-freeze-title", "name", &found.name);
    let content = Frame::part(&Ask {
        page: &page,
        action: found.link("freeze"),
        user: found,
        title: Message("user-freeze-title"),
        warning: Message("user-freeze-warning"),
        button: Message("user-freeze"),
        choice: None,
    })?;
    page.dialog(heading, content)
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    set(user, &id, "freeze", Message("user-notice-frozen")).await
}

pub(crate) async fn thaw(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    set(user, &id, "thaw", Message("user-notice-thawed")).await
}

async fn set(user: SignedIn, id: &str, action: &str, done: Message) -> Result<Response, Trouble> {
    let reply = user.api().act::<User>(&format!("{}/{action}", User::path(id))).await?;
    let notice = Notice::new(done, reply.body.name.clone());
    Ok(user.frame(links::USERS).go(&reply.body.link(""), notice))
}
