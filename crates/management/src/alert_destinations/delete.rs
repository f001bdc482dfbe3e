//! `DELETE /api/v1/alert-destinations/{id}`

use domain::id::AlertDestinationId;

use crate::access::{Access, AlertsWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Id, IfMatch};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/alert-destinations/{id}", handle)
        .about("Alerts", "Delete a destination", "With its secret and what was still to be sent.")
        .answers::<Deleted>(200, "It is deleted.")
        .fails(409, "A rule names it, or it was changed at the same time.")
}

async fn handle(
    access: Access<AlertsWrite>,
    Id(id): Id<AlertDestinationId>,
    if_match: IfMatch,
) -> Result<Answer<Deleted>, Problem> {
    let destination = access.database().alert_destination(id, access.owner()).await?;
    if_match.check(destination.version)?;
    // Without it, the rule's alerts would go to all destinations, or to none.
    let rules = access.database().alert_rules(Some(destination.owner)).await?;
    if let Some(rule) = rules.iter().find(|rule| rule.destinations.contains(&id)) {
        let detail = format!("The rule {} names it. Take it out of the rule first.", rule.id);
        return Err(Problem::conflict("alert_destination_in_use", detail));
    }
    let mut transaction = access.database().begin().await?;
    transaction.delete_alert_destination(&destination).await?;
    access.app.record(&mut transaction, Some(&destination), None)?;
    transaction.commit().await?;
    Ok(Answer::ok(Deleted::of(id)))
}
