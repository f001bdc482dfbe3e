//! `GET /api/v1/calls/{id}`

use domain::id::CallId;

use super::view::CallView;
use crate::access::{Access, UsageRead};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/calls/{id}", handle)
        .about("Calls", "Read a call", "With its bill, line by line.")
        .answers::<CallView>(200, "The call.")
}

async fn handle(
    access: Access<UsageRead>,
    Id(id): Id<CallId>,
) -> Result<Answer<CallView>, Problem> {
    access.app.gateway.ledger.flush().await;
    let call = access.database().call(id, access.owner()).await?;
    let view = CallView::of(&access, vec![call]).await?.pop();
    view.map(Answer::ok).ok_or_else(Problem::not_found)
}
