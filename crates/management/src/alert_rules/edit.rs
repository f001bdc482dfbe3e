//! `PATCH /api/v1/alert-rules/{id}`

use domain::id::AlertRuleId;

use super::fields::RuleFields;
use super::view::AlertRuleView;
use crate::access::{Access, AlertsWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Id, IfMatch};
use crate::wrong::Wrong;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::patch("/api/v1/alert-rules/{id}", handle)
        .about("Alerts", "Edit a rule", "Everything but its kind. In force within seconds.")
        .answers::<AlertRuleView>(200, "The rule as it is now.")
        .fails(409, "It was changed at the same time.")
}

async fn handle(
    access: Access<AlertsWrite>,
    Id(id): Id<AlertRuleId>,
    if_match: IfMatch,
    body: Body<RuleFields>,
) -> Result<Answer<AlertRuleView>, Problem> {
    let mut rule = access.database().alert_rule(id, access.owner()).await?;
    if_match.check(rule.version)?;
    let before = rule.clone();
    if body.value.kind.is_some_and(|kind| kind != rule.kind) {
        return Err(Problem::field("kind", Wrong::RuleKindFixed));
    }
    body.value.apply(&access, &mut rule, false).await?;
    let mut transaction = access.database().begin().await?;
    let rule = transaction.update_alert_rule(&rule).await?;
    access.app.record(&mut transaction, Some(&before), Some(&rule))?;
    transaction.commit().await?;
    access.app.alerts.changed();
    let version = rule.version;
    Ok(Answer::ok(AlertRuleView::from(rule)).version(version))
}
