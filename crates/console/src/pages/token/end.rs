//! `/console/token/{id}/revoke` and `/delete`: they ask first, and say what will break.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::edit::path;
use super::key::Key;
use crate::api::Anything;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/token/end.html")]
struct Ask<'a> {
    page: &'a Frame,
    key: Key,
    title: Message,
    warning: Message,
    button: Message,
    action: String,
}

pub(crate) async fn ask_revoke(
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let texts =
        [Message("token-revoke-title"), Message("token-revoke-warning"), Message("token-revoke")];
    ask(user, &id, "revoke", texts).await
}

pub(crate) async fn ask_delete(
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let texts =
        [Message("token-delete-title"), Message("token-delete-warning"), Message("token-delete")];
    ask(user, &id, "delete", texts).await
}

pub(crate) async fn revoke(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let reply = user.api().act::<Key>(&format!("{}/revoke", path(&id))).await?;
    let notice = Notice::new(Message("token-notice-revoked"), reply.body.name);
    Ok(user.frame(links::TOKENS).go(&links::token(&id), notice))
}

pub(crate) async fn delete(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(&id)).await?;
    user.api().delete::<Anything>(&path(&id)).await?;
    let notice = Notice::new(Message("token-notice-deleted"), key.name);
    Ok(user.frame(links::TOKENS).go(links::TOKENS, notice))
}

async fn ask(
    user: SignedIn,
    id: &str,
    action: &str,
    [title, warning, button]: [Message; 3],
) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(id)).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let heading = page.t1(title.0, "name", &key.name);
    let action = links::token_part(id, action);
    let content = Frame::part(&Ask { page: &page, key, title, warning, button, action })?;
    page.dialog(heading, content)
}
