//! `GET /api/v1/alert-destinations`

use super::view::DestinationView;
use crate::access::{Access, AlertsRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/alert-destinations", handle)
        .about("Alerts", "List destinations", "The oldest first.")
        .answers_list::<DestinationView>("All destinations.")
}

async fn handle(access: Access<AlertsRead>) -> Result<Answer<List<DestinationView>>, Problem> {
    let all = access.database().alert_destinations(access.owner()).await?;
    Ok(Answer::ok(List::whole(all.into_iter().map(DestinationView::from).collect())))
}
