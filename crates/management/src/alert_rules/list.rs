//! `GET /api/v1/alert-rules`

use super::view::AlertRuleView;
use crate::access::{Access, AlertsRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/alert-rules", handle)
        .about(
            "Alerts",
            "List rules",
            "The oldest first. Without any rule, these defaults hold: 80 and 100 percent of a limit, a balance below 1 USD, 7 days before a key expires, five times the highest hour of the past 30 days.",
        )
        .answers_list::<AlertRuleView>("All rules.")
}

async fn handle(access: Access<AlertsRead>) -> Result<Answer<List<AlertRuleView>>, Problem> {
    let rules = access.database().alert_rules(access.owner()).await?;
    Ok(Answer::ok(List::whole(rules.into_iter().map(AlertRuleView::from).collect())))
}
