//! `POST /api/v1/alerts/{id}/acknowledge`

use domain::id::AlertId;

use super::view::AlertView;
use crate::access::{Access, AlertsWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/alerts/{id}/acknowledge", handle)
        .about(
            "Alerts",
            "Acknowledge an alert",
            "Says that somebody knows. The first time counts; again, it changes nothing.",
        )
        .answers::<AlertView>(200, "The alert.")
}

async fn handle(
    access: Access<AlertsWrite>,
    Id(id): Id<AlertId>,
) -> Result<Answer<AlertView>, Problem> {
    let mut transaction = access.database().begin().await?;
    let alert = transaction.acknowledge_alert(id, access.owner(), access.now()).await?;
    transaction.commit().await?;
    Ok(Answer::ok(alert.into()))
}
