//! An alert as answers show it.

use domain::alert::{AlertKind, Severity};
use domain::id::{AlertId, AlertRuleId, UserId};
use serde::Serialize;
use store::alert::Alert;
use utoipa::ToSchema;

use crate::answer::Moment;

/// Something that its owner should know.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertView {
    /// `alr_…`
    #[schema(value_type = String)]
    id: AlertId,
    /// `soft_limit`, `usage_threshold`, `balance_low`, `key_expiring`, `anomaly`, `channel_down` or
    /// `call_suspect`.
    #[schema(value_type = String)]
    kind: AlertKind,
    /// `info`, `warning` or `critical`.
    #[schema(value_type = String)]
    severity: Severity,
    /// The key, user or channel that it is about.
    subject: String,
    /// Who is told; null: the operators.
    #[schema(value_type = Option<String>)]
    owner: Option<UserId>,
    /// The rule that raised it; null: a default.
    #[schema(value_type = Option<String>)]
    rule_id: Option<AlertRuleId>,
    /// The name of what it is about, and the figures behind it; amounts of USD are decimal texts.
    #[schema(value_type = Object)]
    numbers: serde_json::Map<String, serde_json::Value>,
    /// The same as a sentence.
    text: String,
    /// When it was noticed.
    raised_at: Moment,
    /// When its cause was gone; null: it goes on.
    resolved_at: Option<Moment>,
    /// When somebody said that they know.
    acknowledged_at: Option<Moment>,
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            kind: alert.kind,
            severity: alert.severity,
            subject: alert.subject,
            owner: alert.owner,
            rule_id: alert.rule,
            numbers: alert.numbers,
            text: alert.text,
            raised_at: Moment(alert.raised_at),
            resolved_at: alert.resolved_at.map(Moment),
            acknowledged_at: alert.acknowledged_at.map(Moment),
        }
    }
}
