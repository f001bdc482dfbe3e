//! `POST /api/v1/sessions/current/proof`

use serde::Serialize;
use utoipa::ToSchema;

use super::create::LogInSecrets;
use crate::access::Person;
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::proof::{self, Credentials};
use crate::request::{Body, Fields, ReadBody};

/// The password once more.
#[derive(ToSchema)]
pub(crate) struct ProveAgain {
    #[serde(flatten)]
    #[schema(value_type = LogInSecrets)]
    given: Credentials,
}

impl ReadBody for ProveAgain {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { given: Credentials::take(fields)? })
    }
}

/// A proof.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProvedAt {
    /// When the password was proved; it counts for ten minutes.
    proved_at: Moment,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/sessions/current/proof", handle)
        .about("Sessions", "Prove the password again", "For what a browser that was left alone must not do. With one-time codes on, a code is needed too.")
        .answers::<ProvedAt>(200, "It is proved.")
        .fails(429, "Too many failures; `Retry-After` says when to try again.")
}

async fn handle(person: Person, body: Body<ProveAgain>) -> Result<Answer<ProvedAt>, Problem> {
    let user = person.database().user(person.principal.user).await?;
    proof::check(&person.app, person.client, "", Some(user), body.value.given).await?;
    let now = person.now();
    let mut transaction = person.database().begin().await?;
    transaction.session_proved(person.session.id, now).await?;
    transaction.commit().await?;
    Ok(Answer::ok(ProvedAt { proved_at: Moment(now) }))
}
