//! `/console/token/{id}/rotate`: a new value, shown once, and for how long the old one still works;
//! `/console/token/{id}/rotate/end` ends the old one now.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::json;

use super::create::{CreatedKey, Texts, shown};
use super::edit::path;
use super::key::Key;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How long the old value can work on, in seconds.
const GRACES: &[(&str, Message)] = &[
    ("0", Message("token-grace-none")),
    ("3600", Message("token-grace-hour")),
    ("86400", Message("token-grace-day")),
    ("604800", Message("token-grace-week")),
    ("2592000", Message("token-grace-month")),
];

#[derive(Template)]
#[template(path = "pages/token/rotate.html")]
struct Ask<'a> {
    page: &'a Frame,
    key: Key,
    form: Form,
    graces: &'static [(&'static str, Message)],
}

#[derive(Template)]
#[template(path = "pages/token/end_grace.html")]
struct AskEnd<'a> {
    page: &'a Frame,
    key: Key,
}

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    ask(user, &id, Form::of([("grace_seconds", "86400")])).await
}

pub(crate) async fn submit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let body = object([("grace_seconds", form.json_number("grace_seconds"))]);
    let path = format!("{}/rotate", path(&id));
    match user.api().post::<_, CreatedKey>(&path, &body).await {
        Ok(reply) => {
            let texts = Texts {
                title: Message("token-rotated-title"),
                strong: Message("token-copy-now"),
                text: Message("token-copy-now-text"),
            };
            shown(user, reply.body, texts).await
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            ask(user, &id, form).await
        }
    }
}

async fn ask(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(id)).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t1("token-rotate-title", "name", &key.name);
    let content = Frame::part(&Ask { page: &page, key, form, graces: GRACES })?;
    page.dialog(title, content)
}

pub(crate) async fn ask_end(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(&id)).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t("token-end-grace-title");
    let content = Frame::part(&AskEnd { page: &page, key })?;
    page.dialog(title, content)
}

pub(crate) async fn end(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let path = format!("{}/rotate/end", path(&id));
    let reply = user.api().post::<_, Key>(&path, &json!({})).await?;
    let notice = Notice::new(Message("token-notice-grace-ended"), reply.body.name);
    Ok(user.frame(links::TOKENS).go(&links::token(&id), notice))
}
