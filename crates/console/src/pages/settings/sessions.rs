//! `/console/settings/sessions`: the browsers that the visitor is logged in with.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::api::{Anything, List};
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/settings/sessions.html")]
struct Sessions {
    page: Frame,
    tab: &'static str,
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    current: bool,
    client_ip: String,
    user_agent: String,
    #[serde(deserialize_with = "moment::one")]
    created_at: UnixMillis,
    #[serde(deserialize_with = "moment::one")]
    last_seen_at: UnixMillis,
    #[serde(deserialize_with = "moment::one")]
    expires_at: UnixMillis,
}

impl Session {
    /// The browser and its system, as far as they can be told from what it calls itself.
    fn browser(&self) -> String {
        let says = |name: &&str| self.user_agent.contains(*name);
        let browser = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"].into_iter().find(says);
        let system = ["iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux"].into_iter();
        let name = match browser {
            Some("Edg/") => "Edge",
            Some("OPR/") => "Opera",
            Some(name) => name.trim_end_matches('/'),
            None => self.user_agent.split([' ', '(']).next().unwrap_or_default(),
        };
        match system.into_iter().find(says) {
            Some(system) => format!("{name} · {}", system.replace("Mac OS X", "macOS")),
            None if name.is_empty() => "—".to_owned(),
            None => name.to_owned(),
        }
    }
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let sessions: List<Session> = user.api().get("/api/v1/sessions").await?;
    let page = super::frame(&user);
    let sessions = Sessions { page, tab: links::SESSIONS, sessions: sessions.data };
    sessions.page.show(&sessions)
}

pub(crate) async fn end(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    user.api().delete::<Anything>(&format!("/api/v1/sessions/{id}")).await?;
    let notice = Notice::new(Message("settings-session-ended"), "");
    Ok(user.frame(links::SETTINGS).go(links::SESSIONS, notice))
}

pub(crate) async fn end_others(user: SignedIn) -> Result<Response, Trouble> {
    let sessions: List<Session> = user.api().get("/api/v1/sessions").await?;
    for session in sessions.data.iter().filter(|session| !session.current) {
        user.api().delete::<Anything>(&format!("/api/v1/sessions/{}", session.id)).await?;
    }
    let notice = Notice::new(Message("settings-others-ended"), "");
    Ok(user.frame(links::SETTINGS).go(links::SESSIONS, notice))
}
