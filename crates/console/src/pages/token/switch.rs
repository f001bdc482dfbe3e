//! `POST /console/token/{id}/enable` and `/disable`: the switch.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::edit::path;
use super::key::Key;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::{Trouble, toast};
use crate::visit::SignedIn;
use crate::{links, ui};

/// The token's row as it is now.
#[derive(Template)]
#[template(path = "pages/token/row.html")]
struct Row {
    page: Frame,
    key: Key,
    by_month: bool,
}

pub(crate) async fn enable(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    switch(user, &id, &form, "enable", Message("token-notice-enabled")).await
}

pub(crate) async fn disable(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    switch(user, &id, &form, "disable", Message("token-notice-disabled")).await
}

async fn switch(
    user: SignedIn,
    id: &str,
    form: &Form,
    action: &str,
    done: Message,
) -> Result<Response, Trouble> {
    let reply = user.api().act::<Key>(&format!("{}/{action}", path(id))).await?;
    let page = user.frame(links::TOKENS);
    if !(page.visit.partial && form.has("from", "row")) {
        let to = if form.has("from", "row") { links::TOKENS.to_owned() } else { links::token(id) };
        return Ok(page.go(&to, Notice::new(done, reply.body.name)));
    }
    let said = Notice::new(done, reply.body.name.clone()).text(page.words()).unwrap_or_default();
    let row = Row { page, key: reply.body, by_month: form.has("used", "month") };
    let mut response = row.page.show(&row)?;
    toast(&mut response, "success", &said);
    Ok(response)
}
