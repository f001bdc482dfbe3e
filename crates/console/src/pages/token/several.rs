//! `POST /console/token/actions`: the same done to every token that is ticked.

use askama::Template;
use axum::response::Response;

use super::edit::path;
use super::key::Key;
use crate::api::Anything;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// No page has more.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "pages/token/several.html")]
struct Ask<'a> {
    page: &'a Frame,
    keys: Vec<Key>,
    action: &'static str,
    title: Message,
    warning: Message,
    button: Message,
}

pub(crate) async fn submit(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let mut ids = form.all("ids");
    ids.truncate(MOST);
    let (action, done) = match form.text("action") {
        "enable" => ("enable", Message("token-notice-several-enabled")),
        "disable" => ("disable", Message("token-notice-several-disabled")),
        "revoke" => ("revoke", Message("token-notice-several-revoked")),
        "delete" => ("delete", Message("token-notice-several-deleted")),
        _ => return Err(Trouble::BadForm),
    };
    if matches!(action, "revoke" | "delete") && !form.has("sure", "yes") {
        return ask(user, &ids, action).await;
    }
    for id in &ids {
        let path = path(id);
        if action == "delete" {
            user.api().delete::<Anything>(&path).await?;
        } else {
            user.api().act::<Anything>(&format!("{path}/{action}")).await?;
        }
    }
    let notice = Notice::new(done, ids.len().to_string());
    Ok(user.frame(links::TOKENS).go(links::TOKENS, notice))
}

async fn ask(user: SignedIn, ids: &[&str], action: &'static str) -> Result<Response, Trouble> {
    let mut keys = Vec::new();
    for id in ids {
        keys.push(user.api().get(&path(id)).await?);
    }
    let [title, warning, button] = if action == "revoke" {
        [
            Message("token-revoke-several-title"),
            Message("token-revoke-warning"),
            Message("token-revoke"),
        ]
    } else {
        [
            Message("token-delete-several-title"),
            Message("token-delete-warning"),
            Message("token-delete"),
        ]
    };
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let heading = page.t1(title.0, "count", keys.len());
    let content = Frame::part(&Ask { page: &page, keys, action, title, warning, button })?;
    page.dialog(heading, content)
}
