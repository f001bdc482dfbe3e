//! `DELETE /api/v1/alert-rules/{id}`

use domain::id::AlertRuleId;

use crate::access::{Access, AlertsWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Id, IfMatch};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/alert-rules/{id}", handle)
        .about(
            "Alerts",
            "Delete a rule",
            "What it watched falls back to the defaults. Its alerts stay listed.",
        )
        .answers::<Deleted>(200, "It is deleted.")
        .fails(409, "It was changed at the same time.")
}

async fn handle(
    access: Access<AlertsWrite>,
    Id(id): Id<AlertRuleId>,
    if_match: IfMatch,
) -> Result<Answer<Deleted>, Problem> {
    let rule = access.database().alert_rule(id, access.owner()).await?;
    if_match.check(rule.version)?;
    let mut transaction = access.database().begin().await?;
    transaction.delete_alert_rule(&rule).await?;
    access.app.record(&mut transaction, Some(&rule), None)?;
    transaction.commit().await?;
    access.app.alerts.changed();
    Ok(Answer::ok(Deleted::of(id)))
}
