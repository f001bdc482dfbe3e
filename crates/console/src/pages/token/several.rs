//! `POST /console/token/actions`: the same done to every token that is ticked.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::edit::path;
use super::key::Key;
use crate::api::List;
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

#[derive(Deserialize)]
struct Acted {
    done: bool,
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
    if ids.is_empty() {
        return Err(Trouble::BadForm);
    }
    let body = json!({ "action": action, "ids": ids });
    let acted: List<Acted> = user.api().post("/v1/api-keys/actions", &body).await?.body;
    let (all, count) = (acted.data.len(), acted.data.iter().filter(|acted| acted.done).count());
    // Another may have revoked or deleted some of them meanwhile.
    let counted = if count == all { count.to_string() } else { format!("{count} / {all}") };
    let notice = Notice::new(done, counted);
    Ok(user.frame(links::TOKENS).go(links::TOKENS, notice))
}

async fn ask(user: SignedIn, ids: &[&str], action: &'static str) -> Result<Response, Trouble> {
    let mut keys: Vec<Key> = Vec::new();
    for id in ids {
        // What is gone meanwhile needs no question.
        keys.extend(user.api().find::<Key>(&path(id)).await?);
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
