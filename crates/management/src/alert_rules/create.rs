//! `POST /api/v1/alert-rules`

use axum::response::{IntoResponse, Response};
use domain::alert::AlertScope;
use domain::id::AlertRuleId;
use http::StatusCode;
use store::alert_rule::AlertRule;

use super::fields::RuleFields;
use super::view::AlertRuleView;
use crate::access::{Access, AlertsWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::{FieldError, Problem};
use crate::request::{Body, IdempotencyKey};
use crate::wrong::Wrong;

/// More rules of one user would only make the watch slow.
const MOST: usize = 100;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/alert-rules", handle)
        .about(
            "Alerts",
            "Make a rule",
            "Takes the place of the defaults for what it watches and is yours; an operator's rule about others' things comes on top. In force within seconds.",
        )
        .answers::<AlertRuleView>(201, "The rule.")
        .fails(409, "You have as many rules as one can have.")
}

async fn handle(
    access: Access<AlertsWrite>,
    idempotency: IdempotencyKey,
    body: Body<RuleFields>,
) -> Result<Response, Problem> {
    let owner = access.principal.user;
    let once = Once::new(owner, idempotency, "POST alert-rules", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let wanted = body.value;
    let Some(kind) = wanted.kind else {
        return Err(Problem::fields(vec![FieldError::required("kind")]));
    };
    if kind.is_operators() && !access.principal.is_operator() {
        return Err(Problem::field("kind", Wrong::OperatorsAlerts));
    }
    if access.database().alert_rules(Some(owner)).await?.len() >= MOST {
        let detail = format!("You have {MOST} rules, the most that one can have. Delete one.");
        return Err(Problem::conflict("too_many_alert_rules", detail).with("most", MOST));
    }
    let now = access.now();
    let mut rule = AlertRule {
        id: AlertRuleId::new(now, rand::random()),
        owner,
        kind,
        threshold: 0,
        scope: AlertScope::All,
        destinations: Vec::new(),
        disabled: false,
        created_at: now,
        version: 1,
    };
    wanted.apply(&access, &mut rule, true).await?;
    let mut transaction = access.database().begin().await?;
    let made = transaction.insert_alert_rule(&rule).await?;
    access.app.record(&mut transaction, None, Some(&made))?;
    let view = AlertRuleView::from(made);
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &view, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    access.app.alerts.changed();
    Ok(Answer::created(view).version(1).into_response())
}
