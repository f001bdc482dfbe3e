//! Sessions: browsers that somebody is logged in with.

pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod list;
pub(crate) mod prove;

use axum::response::{IntoResponse, Response};
use domain::id::{SessionId, UserId};
use http::header::{SET_COOKIE, USER_AGENT};
use http::request::Parts;
use store::Transaction;
use store::session::Session;

use crate::access::cookie;
use crate::access::person::LIFETIME;
use crate::answer::Answer;
use crate::problem::Problem;
use crate::state::App;

/// The most characters that are kept of a browser's name.
const LONGEST_AGENT: usize = 256;

/// A session that was just made, and the only copy of its cookie.
pub(crate) struct Started {
    pub(crate) session: Session,
    secret: String,
}

/// Makes a session for somebody who has just proved who they are.
pub(crate) async fn start(
    app: &App,
    parts: &Parts,
    user: UserId,
    transaction: &mut Transaction,
) -> Result<Started, Problem> {
    let now = app.gateway.ledger.now();
    let agent =
        parts.headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let agent = agent.unwrap_or_default();
    let session = Session {
        id: SessionId::new(now, rand::random()),
        user,
        client_ip: crate::audit::client(app, parts).to_string(),
        user_agent: agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect(),
        created_at: now,
        last_seen_at: now,
        proved_at: now,
        expires_at: now.plus(LIFETIME),
    };
    let secret = hex::encode(rand::random::<[u8; 32]>());
    transaction.insert_session(&session, app.gateway.hasher.digest(&secret)).await?;
    Ok(Started { session, secret })
}

impl Started {
    /// An answer that hands the cookie out.
    pub(crate) fn answer(
        &self,
        app: &App,
        parts: &Parts,
        answer: Answer<impl serde::Serialize>,
    ) -> Result<Response, Problem> {
        let cookie = cookie::write(app, parts, Some(&self.secret), LIFETIME / 1_000);
        let mut response = answer.into_response();
        response.headers_mut().insert(SET_COOKIE, cookie.map_err(Problem::internal)?);
        Ok(response)
    }
}
