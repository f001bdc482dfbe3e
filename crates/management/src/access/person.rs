//! Guards that only people pass: who is logged in, who has just proved the password, and visitors
//! who are about to log in.

use axum::extract::FromRequestParts;
use domain::scope::Scope;
use domain::time::UnixMillis;
use http::request::Parts;
use std::net::IpAddr;
use store::session::Session;
use store::{Database, StoreError};

use super::{Principal, origin};
use crate::audit::{self, Note};
use crate::endpoint::{Description, Guard, Part, Rule};
use crate::problem::Problem;
use crate::state::App;

/// A session that nobody uses for so long ends, in milliseconds.
pub(crate) const IDLE: i64 = 24 * 3_600_000;
/// A session ends after so long, however much it is used.
pub(crate) const LIFETIME: i64 = 30 * 24 * 3_600_000;
/// For how long a proof of the password counts.
const RECENT: i64 = 10 * 60_000;
/// How exactly a session's last use is known.
const SEEN_EVERY: i64 = 60_000;

impl Principal {
    /// Whoever a session's cookie stands for.
    pub(super) async fn by_session(
        app: &App,
        parts: &Parts,
        cookie: &str,
    ) -> Result<Self, Problem> {
        origin::check(app, parts)?;
        let (database, now) = (&app.gateway.database, app.gateway.ledger.now());
        let digest = app.gateway.hasher.digest(cookie);
        let found = match database.session_by_digest(digest, now, now.plus(-IDLE)).await {
            Err(StoreError::NotFound) => {
                let detail = "This session has ended. Log in again.";
                return Err(Problem::unauthorized("session_ended", detail));
            }
            found => found?,
        };
        if found.user_disabled {
            return Err(Problem::unauthorized("user_disabled", "This user is blocked."));
        }
        let session = found.session;
        if now.since(session.last_seen_at) > SEEN_EVERY {
            let mut transaction = database.begin().await?;
            transaction.session_seen(session.id, now).await?;
            transaction.commit().await?;
        }
        if let Some(note) = Note::of(parts) {
            note.by(session.user, session.id);
        }
        let (user, scopes) = (session.user, Scope::ALL.to_vec());
        Ok(Self { user, role: found.role, scopes, session: Some(session) })
    }
}

/// Somebody who is logged in.
pub(crate) struct Person {
    /// The state.
    pub(crate) app: App,
    /// Who asks.
    pub(crate) principal: Principal,
    /// Their session.
    pub(crate) session: Session,
    /// From where.
    pub(crate) client: IpAddr,
    database: Database,
}

impl Person {
    /// The database; the first commit of a write goes into the audit log with it.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The time that the books go by.
    pub(crate) fn now(&self) -> UnixMillis {
        self.app.gateway.ledger.now()
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = Principal::authenticate(app, parts).await?;
        let Some(session) = principal.session.clone() else {
            let detail = "Only people do this, logged in: a management key cannot.";
            return Err(Problem::forbidden("session_required", detail));
        };
        let database = audit::database(app, parts);
        let client = audit::client(app, parts);
        Ok(Self { app: app.clone(), principal, session, client, database })
    }
}

/// Somebody who is logged in and has proved the password a short while ago: for what a browser that
/// was left alone must not do.
pub(crate) struct Proven(pub(crate) Person);

impl FromRequestParts<App> for Proven {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, app).await?;
        proved_lately(&person.session, person.now())?;
        Ok(Self(person))
    }
}

/// Refuses a session whose password was proved too long ago.
pub(super) fn proved_lately(session: &Session, now: UnixMillis) -> Result<(), Problem> {
    if now.since(session.proved_at) <= RECENT {
        return Ok(());
    }
    let detail = "Prove your password first: POST /api/v1/sessions/current/proof.";
    Err(Problem::forbidden("proof_required", detail))
}

/// Somebody who is not logged in yet.
pub(crate) struct Visitor {
    /// The state.
    pub(crate) app: App,
    /// From where.
    pub(crate) client: IpAddr,
    /// The request's head, for the cookie.
    pub(crate) parts: Parts,
    database: Database,
}

impl Visitor {
    /// The database; the first commit of a write goes into the audit log with it.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Notes for the audit log who it turned out to be.
    pub(crate) fn is(&self, user: domain::id::UserId, via: impl ToString) {
        if let Some(note) = Note::of(&self.parts) {
            note.by(user, via);
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        origin::check(app, parts)?;
        let database = audit::database(app, parts);
        let client = audit::client(app, parts);
        Ok(Self { app: app.clone(), client, parts: parts.clone(), database })
    }
}

impl Part for Person {
    fn describe(description: &mut Description) {
        description.guard(Rule::Person);
    }
}

impl Part for Proven {
    fn describe(description: &mut Description) {
        description.guard(Rule::Proven);
    }
}

impl Part for Visitor {
    fn describe(description: &mut Description) {
        description.guard(Rule::Visitor);
    }
}

impl Guard for Person {}
impl Guard for Proven {}
impl Guard for Visitor {}
