//! A rule as answers show it.

use domain::alert::{AlertKind, AlertScope, ThresholdUnit};
use domain::id::{AlertDestinationId, AlertRuleId, UserId};
use domain::money::Nanos;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use store::alert_rule::AlertRule;
use utoipa::ToSchema;

use crate::answer::{Moment, Usd};

/// When an alert is raised, and where it goes.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertRule)]
pub(crate) struct AlertRuleView {
    /// `alrule_…`
    #[schema(value_type = String)]
    id: AlertRuleId,
    /// Whose it is.
    #[schema(value_type = String)]
    owner: UserId,
    /// What it watches for.
    #[schema(value_type = String)]
    kind: AlertKind,
    /// From when on: percent of a limit (`usage_threshold`), USD (`balance_low`), days
    /// (`key_expiring`), times the past (`anomaly`); null for kinds that have none.
    threshold: Option<Usd>,
    /// `"all"`, or an object with one of `key_id`, `user_id`, `tag`.
    #[schema(value_type = Object)]
    scope: ScopeView,
    /// Where its alerts go; []: to all destinations of whoever is told.
    #[schema(value_type = Vec<String>)]
    destinations: Vec<AlertDestinationId>,
    /// Switched off: it raises nothing, and keeps the defaults silent.
    disabled: bool,
    /// When it was made.
    created_at: Moment,
    /// The version, for `If-Match`.
    etag: String,
}

/// What a rule watches.
pub(crate) struct ScopeView(AlertScope);

impl Serialize for ScopeView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, value) = match &self.0 {
            AlertScope::All => return serializer.serialize_str("all"),
            AlertScope::Key(id) => ("key_id", id.to_string()),
            AlertScope::User(id) => ("user_id", id.to_string()),
            AlertScope::Tag(tag) => ("tag", tag.clone()),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(name, &value)?;
        map.end()
    }
}

impl From<AlertRule> for AlertRuleView {
    fn from(rule: AlertRule) -> Self {
        let threshold = match rule.kind.threshold() {
            None => None,
            Some(ThresholdUnit::Usd) => Some(Nanos::new(rule.threshold)),
            Some(_) => Some(Nanos::from_usd(rule.threshold)),
        };
        Self {
            id: rule.id,
            owner: rule.owner,
            kind: rule.kind,
            threshold: threshold.map(Usd),
            scope: ScopeView(rule.scope),
            destinations: rule.destinations,
            disabled: rule.disabled,
            created_at: Moment(rule.created_at),
            etag: rule.version.to_string(),
        }
    }
}
