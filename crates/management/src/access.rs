//! Who asks: typed extractors that a handler names in its first line.
//!
//! A handler can only be mounted (see `endpoint.rs`) if its first argument is one of these guards:
//! one without a principal does not compile. The guard's type also names the scope, which is
//! checked here and written into the API's description. Who is logged in has every scope that a
//! management key could have; guards that only a person passes are in `access/person.rs`.

pub(crate) mod cookie;
mod origin;
mod owner;
pub(crate) mod person;

use axum::extract::FromRequestParts;
use domain::id::UserId;
use domain::key::{Damage, Form, Kind, examine};
use domain::scope::Scope;
use domain::time::UnixMillis;
use domain::user::Role;
use http::header::AUTHORIZATION;
use http::request::Parts;
use std::marker::PhantomData;
use store::session::Session;
use store::{Database, StoreError};

use crate::audit::{self, Note};
use crate::endpoint::{Description, Guard, Part, Rule};
use crate::problem::Problem;
use crate::state::App;

pub(crate) use owner::Owner;
pub(crate) use person::{Person, Proven, Visitor};

/// Whoever a management key acts for, or who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    /// The user in whose name the key acts.
    pub(crate) user: UserId,
    /// What that user may do.
    pub(crate) role: Role,
    /// The session, if it is a person who asks.
    pub(crate) session: Option<Session>,
    scopes: Vec<Scope>,
}

impl Principal {
    /// Reads and checks the management key of a request, or its session's cookie.
    pub(crate) async fn authenticate(app: &App, parts: &Parts) -> Result<Self, Problem> {
        let cookie = match parts.headers.contains_key(AUTHORIZATION) {
            true => None,
            false => cookie::read(app, parts),
        };
        match cookie {
            Some(cookie) => Self::by_session(app, parts, &cookie).await,
            None => Self::by_key(app, parts).await,
        }
    }

    async fn by_key(app: &App, parts: &Parts) -> Result<Self, Problem> {
        let text = bearer(parts)?;
        let digest = app.gateway.hasher.digest(text);
        let found = match app.gateway.database.management_key_by_digest(digest).await {
            Ok(found) => found,
            Err(StoreError::NotFound) => {
                let detail = "This management key is not known here. Check that it belongs to this deployment.";
                return Err(Problem::unauthorized("invalid_management_key", detail));
            }
            Err(error) => return Err(error.into()),
        };
        if found.key.revoked_at.is_some() {
            let detail = "This management key was revoked and will not work again.";
            return Err(Problem::unauthorized("management_key_revoked", detail));
        }
        if let Some(end) = found.key.expires_at.filter(|end| *end <= app.gateway.ledger.now()) {
            let detail = format!("This management key expired at {end}. Make a new one.");
            return Err(Problem::unauthorized("management_key_expired", detail));
        }
        if found.owner_disabled {
            let detail = "The owner of this management key is blocked.";
            return Err(Problem::unauthorized("user_disabled", detail));
        }
        if let Some(note) = Note::of(parts) {
            note.by(found.key.owner, found.key.id);
        }
        let (user, role, scopes) = (found.key.owner, found.role, found.key.scopes);
        Ok(Self { user, role, scopes, session: None })
    }

    /// Whether the key has a scope.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Refuses a key that lacks a scope.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.has(scope) {
            return Ok(());
        }
        let detail =
            format!("This management key lacks the scope {:?}. Use one that has it.", scope.name());
        Err(Problem::forbidden("scope_missing", detail))
    }

    /// Refuses a key without `system:write` that would hand out an operator's rights: whoever sets
    /// how an owner or admin logs in gets all that they may, whatever the key's own scopes.
    pub(crate) fn may_hand_out(&self, role: Role) -> Result<(), Problem> {
        if role == Role::Member { Ok(()) } else { self.require(Scope::SystemWrite) }
    }

    /// Whether everything is theirs to see: owners and admins.
    pub(crate) const fn is_operator(&self) -> bool {
        matches!(self.role, Role::Owner | Role::Admin)
    }

    /// The one user whose things they reach; none: everybody's.
    pub(crate) fn owner(&self) -> Option<UserId> {
        (!self.is_operator()).then_some(self.user)
    }

    /// Refuses whoever may not change a user of this role: only owners change owners.
    pub(crate) fn may_manage(&self, role: Role) -> Result<(), Problem> {
        if role != Role::Owner || self.role == Role::Owner {
            return Ok(());
        }
        Err(Problem::forbidden("owner_only", "Only an owner can do this to an owner, or make one."))
    }
}

/// A management key with a scope; what it reaches depends on its owner's role.
pub(crate) struct Access<S> {
    /// The state.
    pub(crate) app: App,
    /// Who asks.
    pub(crate) principal: Principal,
    database: Database,
    scope: PhantomData<S>,
}

impl<S> Access<S> {
    /// The database; the first commit of a write goes into the audit log with it.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The time that the books go by.
    pub(crate) fn now(&self) -> UnixMillis {
        self.app.gateway.ledger.now()
    }

    /// The one user whose things are reached; none: everybody's.
    pub(crate) fn owner(&self) -> Option<UserId> {
        self.principal.owner()
    }
}

/// The same for what belongs to the deployment: only owners and admins.
pub(crate) struct Operator<S>(pub(crate) Access<S>);

impl<S> std::ops::Deref for Operator<S> {
    type Target = Access<S>;

    fn deref(&self) -> &Access<S> {
        &self.0
    }
}

/// Anybody, without a credential: only for what says nothing about the deployment.
pub(crate) struct Anybody(pub(crate) App);

impl<S: NamedScope> FromRequestParts<App> for Access<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = Principal::authenticate(app, parts).await?;
        principal.require(S::SCOPE)?;
        let database = audit::database(app, parts);
        Ok(Self { app: app.clone(), principal, database, scope: PhantomData })
    }
}

impl<S: NamedScope> FromRequestParts<App> for Operator<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let access = Access::from_request_parts(parts, app).await?;
        if access.principal.is_operator() {
            return Ok(Self(access));
        }
        let detail =
            "This is for owners and admins of the deployment; this key's owner is a member.";
        Err(Problem::forbidden("operator_only", detail))
    }
}

impl FromRequestParts<App> for Anybody {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(app.clone()))
    }
}

impl<S: NamedScope> Part for Access<S> {
    fn describe(description: &mut Description) {
        description.guard(Rule::Scoped { scope: S::SCOPE, operators: false });
    }
}

impl<S: NamedScope> Part for Operator<S> {
    fn describe(description: &mut Description) {
        description.guard(Rule::Scoped { scope: S::SCOPE, operators: true });
    }
}

impl Part for Anybody {
    fn describe(description: &mut Description) {
        description.guard(Rule::Open);
    }
}

impl<S: NamedScope> Guard for Access<S> {}
impl<S: NamedScope> Guard for Operator<S> {}
impl Guard for Anybody {}

/// A scope as a type.
pub(crate) trait NamedScope: Send + Sync + 'static {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! scope_types {
    ($($name:ident),* $(,)?) => {
        $(
            #[doc = concat!("The scope `", stringify!($name), "`.")]
            pub(crate) struct $name;

            impl NamedScope for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )*
    };
}

scope_types!(
    KeysRead,
    KeysWrite,
    UsersRead,
    UsersWrite,
    ChannelsRead,
    ChannelsWrite,
    PricesRead,
    PricesWrite,
    GroupsRead,
    GroupsWrite,
    UsageRead,
    AuditRead,
    AlertsRead,
    AlertsWrite,
    SystemWrite,
);

/// The presented management key, if it has the form of one.
fn bearer(parts: &Parts) -> Result<&str, Problem> {
    let header =
        parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (word, text) = header.trim().split_once(' ').unwrap_or_default();
    let text = text.trim();
    if !word.eq_ignore_ascii_case("bearer") || text.is_empty() {
        let detail =
            "Send a management key as \"Authorization: Bearer mk-…\", or log in with a browser.";
        return Err(Problem::unauthorized("missing_management_key", detail));
    }
    let detail = match examine(text) {
        Form::WellFormed(Kind::Management) => return Ok(text),
        Form::WellFormed(Kind::Api) => {
            let detail = "This is an API key (sk-…): it calls models and cannot manage. Use a management key (mk-…).";
            return Err(Problem::unauthorized("api_key_cannot_manage", detail));
        }
        Form::Damaged(Damage::CutOff) => {
            "This management key is cut off: a whole one has 51 characters."
        }
        Form::Damaged(Damage::TooLong) => {
            "This management key is too long: a whole one has 51 characters."
        }
        Form::Damaged(Damage::OddCharacter) => {
            "This management key holds a character that none has."
        }
        Form::Damaged(Damage::Mistyped) => {
            "This management key is mistyped: its checksum does not fit."
        }
        Form::Foreign => {
            "This is not a management key of Tollkeeper's: one is mk- and 48 letters and digits."
        }
    };
    Err(Problem::unauthorized("invalid_management_key", detail))
}
