//! `POST /api/v1/sessions`

use axum::response::Response;
use utoipa::ToSchema;

use super::list::SessionView;
use super::start;
use crate::access::Visitor;
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::proof::{self, Credentials};
use crate::request::value::text;
use crate::request::{Body, Fields, ReadBody};

/// Who logs in.
#[derive(ToSchema)]
pub(crate) struct LogIn {
    /// An e-mail address, or a name that only one user has.
    login: String,
    #[serde(flatten)]
    #[schema(value_type = LogInSecrets)]
    given: Credentials,
}

/// What they prove it with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes Credentials, which can hold no schema of their own")]
pub(crate) struct LogInSecrets {
    /// The password.
    password: String,
    /// Six digits of the authenticator app, or a recovery code; only where that is on.
    code: Option<String>,
}

impl ReadBody for LogIn {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let login = fields.required("login", text(1..=254));
        let given = Credentials::take(fields);
        Some(Self { login: login?, given: given? })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/sessions", handle)
        .about("Sessions", "Log in", "The answer sets the session's cookie. After several failures, further tries wait, longer each time, per account and per address.")
        .answers::<SessionView>(201, "The session; the cookie is in `Set-Cookie`.")
        .fails(401, "`wrong_credentials`, `code_required` or `wrong_code`.")
        .fails(403, "A page of another site asked.")
        .fails(429, "Too many failures; `Retry-After` says when to try again.")
}

async fn handle(visitor: Visitor, body: Body<LogIn>) -> Result<Response, Problem> {
    let LogIn { login, given } = body.value;
    let login = login.trim();
    let app = &visitor.app;
    let user = app.gateway.database.user_by_login(login).await?;
    let user = proof::check(app, visitor.client, login, user, given).await?;
    let mut transaction = visitor.database().begin().await?;
    let started = start(app, &visitor.parts, user.id, &mut transaction).await?;
    visitor.is(user.id, started.session.id);
    transaction.commit().await?;
    let view = SessionView::of(&started.session, Some(started.session.id));
    started.answer(app, &visitor.parts, Answer::created(view))
}
