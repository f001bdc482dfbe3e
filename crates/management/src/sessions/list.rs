//! `GET /api/v1/sessions`

use domain::id::{SessionId, UserId};
use serde::Serialize;
use store::session::Session;
use utoipa::ToSchema;

use crate::access::Person;
use crate::access::person::IDLE;
use crate::answer::{Answer, List, Moment};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// A browser that somebody is logged in with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// `ses_…`
    #[schema(value_type = String)]
    id: SessionId,
    /// Who is logged in.
    #[schema(value_type = String)]
    user_id: UserId,
    /// Whether it is the one that asks.
    current: bool,
    /// From which address they logged in.
    client_ip: String,
    /// With which program, as it calls itself.
    user_agent: String,
    /// When they logged in.
    created_at: Moment,
    /// When it was last used, to the minute.
    last_seen_at: Moment,
    /// When it ends, however much it is used; unused, it ends after a day.
    expires_at: Moment,
}

impl SessionView {
    /// A session; `current` is the one that asks.
    pub(crate) fn of(session: &Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id,
            user_id: session.user,
            current: current == Some(session.id),
            client_ip: session.client_ip.clone(),
            user_agent: session.user_agent.clone(),
            created_at: Moment(session.created_at),
            last_seen_at: Moment(session.last_seen_at),
            expires_at: Moment(session.expires_at),
        }
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/sessions", handle)
        .about("Sessions", "List one's own sessions", "Those that go on, the newest first.")
        .answers_list::<SessionView>("The sessions.")
}

async fn handle(person: Person) -> Result<Answer<List<SessionView>>, Problem> {
    let now = person.now();
    let rows = person.database().sessions(person.principal.user, now, now.plus(-IDLE)).await?;
    let current = Some(person.session.id);
    Ok(Answer::ok(List::whole(
        rows.iter().map(|session| SessionView::of(session, current)).collect(),
    )))
}
