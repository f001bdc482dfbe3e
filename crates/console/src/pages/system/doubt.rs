//! `/console/system/doubt/{id}/settle` and `/release`: they ask first, and say who pays.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::api::{Anything, List};
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// A call in doubt: it went upstream, and nobody knows what came of it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Doubt {
    pub(crate) id: String,
    pub(crate) key_id: String,
    pub(crate) key_name: String,
    pub(crate) user_id: String,
    pub(crate) user_name: String,
    pub(crate) model: Option<String>,
    pub(crate) bound: Nanos,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) since: UnixMillis,
}

#[derive(Template)]
#[template(path = "pages/system/ask.html")]
struct Ask<'a> {
    page: &'a Frame,
    doubt: Doubt,
    title: Message,
    warning: Message,
    button: Message,
    action: String,
}

impl Doubt {
    /// The question before something is done about it.
    pub(crate) fn link(&self, action: &str) -> String {
        links::part("/console/system/doubt", &self.id, action)
    }

    /// The page of whose balance holds it.
    pub(crate) fn user_link(&self) -> String {
        links::part(links::USERS, &self.user_id, "")
    }

    /// The page of the key that made it.
    pub(crate) fn key_link(&self) -> String {
        crate::links::token(&self.key_id)
    }
}

pub(crate) async fn ask_settle(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let texts = [
        Message("system-settle-title"),
        Message("system-settle-warning"),
        Message("system-settle"),
    ];
    ask(user, &id, "settle", texts).await
}

pub(crate) async fn ask_release(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let texts = [
        Message("system-release-title"),
        Message("system-release-warning"),
        Message("system-release"),
    ];
    ask(user, &id, "release", texts).await
}

pub(crate) async fn settle(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    act(user, &id, "settle", Message("system-notice-settled")).await
}

pub(crate) async fn release(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    act(user, &id, "release", Message("system-notice-released")).await
}

async fn act(user: SignedIn, id: &str, action: &str, done: Message) -> Result<Response, Trouble> {
    let path = format!("/api/v1/doubts/{}/{action}", crate::api::segment(id));
    user.api().act::<Anything>(&path).await?;
    Ok(user.frame(links::SYSTEM).go(links::SYSTEM, Notice::new(done, "")))
}

async fn ask(
    user: SignedIn,
    id: &str,
    action: &str,
    [title, warning, button]: [Message; 3],
) -> Result<Response, Trouble> {
    let doubts: List<Doubt> = user.api().get("/api/v1/doubts").await?;
    let doubt = doubts.data.into_iter().find(|doubt| doubt.id == id).ok_or(Trouble::NoSuchPage)?;
    let page = user.frame(links::SYSTEM).under(links::SYSTEM, Message("system-nav"));
    let heading = page.t(title.0).into_owned();
    let action = doubt.link(action);
    let content = Frame::part(&Ask { page: &page, doubt, title, warning, button, action })?;
    page.dialog(heading, content)
}
