//! `POST /api/v1/doubts/{id}/release`

use domain::id::CallId;
use ledger::doubt::Resolution;

use crate::access::{Operator, SystemWrite};
use crate::answer::Answer;
use crate::calls::view::CallView;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/doubts/{id}/release", handle)
        .about(
            "Doubts",
            "Release a call in doubt",
            "The user gets back what is held; the operator absorbs the cost.",
        )
        .answers::<CallView>(200, "The call as it is booked.")
}

async fn handle(
    access: Operator<SystemWrite>,
    Id(id): Id<CallId>,
) -> Result<Answer<CallView>, Problem> {
    access.app.gateway.ledger.resolve_doubt(id, Resolution::Release).await?;
    let call = access.database().call(id, None).await?;
    let view = CallView::of(&access, vec![call]).await?.pop();
    view.map(Answer::ok).ok_or_else(Problem::not_found)
}
