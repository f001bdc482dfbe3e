//! `/console/user/{id}/reset`: asks first, then shows the link once.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::create::{OneLink, absolute};
use super::entry::User;
use super::freeze::Ask;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::trouble::Trouble;

#[derive(Deserialize)]
struct Reset {
    reset_url: String,
}

pub(crate) async fn ask(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let found: User = user.api().get(&User::path(&id)).await?;
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let heading = page.t1("user-reset-title", "name", &found.name);
    let content = Frame::part(&Ask {
        page: &page,
        action: found.link("reset"),
        user: found,
        title: Message("user-reset-title"),
        warning: Message("user-reset-warning"),
        button: Message("user-reset"),
        choice: Some(("remove_totp", Message("user-reset-totp"))),
    })?;
    page.dialog(heading, content)
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let found: User = user.api().get(&User::path(&id)).await?;
    let body = json!({ "remove_totp": form.has("remove_totp", "yes") });
    let path = format!("{}/reset", User::path(&id));
    let reset = user.api().post::<_, Reset>(&path, &body).await?.body;
    let base = user.visit.base_url.clone();
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let title = page.t("user-reset-done-title");
    let content = Frame::part(&OneLink {
        page: &page,
        title: Message("user-reset-done-title"),
        text: Message("user-reset-done-text"),
        back: found.link(""),
        name: found.name,
        url: Some(absolute(&base, &reset.reset_url)),
    })?;
    page.dialog(title, content)
}
