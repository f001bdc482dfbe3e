//! `DELETE /api/v1/sessions/{id}` and `DELETE /api/v1/sessions/current`

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::id::SessionId;
use http::header::{HeaderValue, SET_COOKIE};
use http::request::Parts;

use crate::access::{Person, cookie};
use crate::answer::{Answer, Deleted};
use crate::endpoint::{Description, Endpoint, Part};
use crate::problem::Problem;
use crate::request::Id;
use crate::state::App;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/sessions/{id}", end)
        .about("Sessions", "End a session", "One's own; in force when answered.")
        .answers::<Deleted>(200, "It has ended.")
}

pub(crate) fn current() -> Endpoint {
    Endpoint::delete("/api/v1/sessions/current", log_out)
        .about("Sessions", "Log out", "Ends the session that asks and takes its cookie away.")
        .answers::<Deleted>(200, "It has ended.")
}

/// The header that takes the cookie away.
struct NoCookie(HeaderValue);

impl FromRequestParts<App> for NoCookie {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        cookie::write(app, parts, None, 0).map(Self).map_err(Problem::internal)
    }
}

impl Part for NoCookie {
    fn describe(_: &mut Description) {}
}

async fn end(person: Person, Id(id): Id<SessionId>) -> Result<Answer<Deleted>, Problem> {
    let mut transaction = person.database().begin().await?;
    transaction.end_session(id, person.principal.user, person.now()).await?;
    transaction.commit().await?;
    Ok(Answer::ok(Deleted::of(id)))
}

async fn log_out(person: Person, NoCookie(cookie): NoCookie) -> Result<Response, Problem> {
    let id = person.session.id;
    let mut transaction = person.database().begin().await?;
    transaction.end_session(id, person.principal.user, person.now()).await?;
    transaction.commit().await?;
    let mut response = Answer::ok(Deleted::of(id)).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
