//! The guard of what belongs to the owner of a deployment alone: everything at once.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::person::proved_lately;
use super::{Access, SystemWrite};
use crate::endpoint::{Description, Guard, Part, Rule};
use crate::problem::Problem;
use crate::state::App;
use domain::scope::Scope;
use domain::user::Role;

/// An owner: with a management key that has `system:write`, or logged in and with the password
/// proved a short while ago.
pub(crate) struct Owner(pub(crate) Access<SystemWrite>);

impl FromRequestParts<App> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let access = Access::from_request_parts(parts, app).await?;
        if access.principal.role != Role::Owner {
            let detail = "Only an owner of the deployment can do this.";
            return Err(Problem::forbidden("owner_only", detail));
        }
        if let Some(session) = &access.principal.session {
            proved_lately(session, access.now())?;
        }
        Ok(Self(access))
    }
}

impl Part for Owner {
    fn describe(description: &mut Description) {
        description.guard(Rule::Owner { scope: Scope::SystemWrite });
    }
}

impl Guard for Owner {}
