//! The fields of a rule as requests set them, and whether their sender may.

use domain::alert::{AlertKind, AlertScope, ThresholdUnit};
use domain::id::{AlertDestinationId, KeyId, UserId};
use domain::money::Nanos;
use store::StoreError;
use store::alert_rule::AlertRule;
use utoipa::ToSchema;

use super::KINDS;
use crate::access::{Access, AlertsWrite};
use crate::answer::UsdInput;
use crate::problem::{FieldError, Problem};
use crate::request::value::{boolean, choice, list_or_null, parsed, positive_amount, text};
use crate::request::{Fields, Invalid, ReadBody, Value};
use crate::wrong::Wrong;

/// A threshold as it was sent.
type Given = Result<Nanos, Invalid>;

/// A rule, or an edit of one: what is left out stays as it is.
#[derive(ToSchema)]
#[schema(as = AlertRuleInput)]
pub(crate) struct RuleFields {
    /// What it watches for. Needed to make one, and fixed then.
    #[schema(value_type = Option<String>)]
    pub(super) kind: Option<AlertKind>,
    /// From when on: percent of a limit, 1 to 100 (`usage_threshold`); USD (`balance_low`); days, 1
    /// to 365 (`key_expiring`); times the highest hour of the past 30 days, 2 to 1000 (`anomaly`).
    /// The other kinds have none.
    #[schema(value_type = Option<UsdInput>)]
    threshold: Option<Given>,
    /// What it watches: `"all"`, which is the default, or an object with one of `key_id`,
    /// `user_id` and `tag`.
    #[schema(value_type = Option<Object>)]
    scope: Option<AlertScope>,
    /// Destinations of yours that its alerts go to; [] or null: all of them.
    #[schema(value_type = Option<Vec<String>>)]
    destinations: Option<Vec<AlertDestinationId>>,
    /// Switched off.
    disabled: Option<bool>,
}

impl ReadBody for RuleFields {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let edit = !fields.has("kind");
        let kind = fields.take("kind", choice(AlertKind::from_name, KINDS));
        // What is wrong with it depends on its unit, which the rule's kind tells.
        let waits = edit || kind.is_some();
        Some(Self {
            kind,
            threshold: fields.take("threshold", |value| match positive_amount(value) {
                Err(invalid) if !waits => Err(invalid),
                given => Ok(given),
            }),
            scope: fields.take("scope", scope),
            destinations: fields.take("destinations", list_or_null(20, parsed)),
            disabled: fields.take("disabled", boolean),
        })
    }
}

impl RuleFields {
    /// Puts the fields into a rule, if its sender may set them so.
    pub(super) async fn apply(
        self,
        access: &Access<AlertsWrite>,
        rule: &mut AlertRule,
        new: bool,
    ) -> Result<(), Problem> {
        rule.threshold = match (rule.kind.threshold(), self.threshold) {
            (None, None) => 0,
            (None, Some(_)) => {
                return Err(Problem::field("threshold", Wrong::NoThreshold));
            }
            (Some(_), None) if !new => rule.threshold,
            (Some(unit), given) => threshold(unit, given)?,
        };
        if let Some(scope) = self.scope {
            check_scope(access, rule, &scope).await?;
            rule.scope = scope;
        }
        if let Some(destinations) = self.destinations {
            let known = access.database().alert_destinations(Some(rule.owner)).await?;
            let is_known = |id: &AlertDestinationId| known.iter().any(|it| it.id == *id);
            if let Some(index) = destinations.iter().position(|id| !is_known(id)) {
                let message = Wrong::NoSuchDestination;
                return Err(Problem::field(format!("destinations[{index}]"), message));
            }
            rule.destinations = destinations;
        }
        rule.disabled = self.disabled.unwrap_or(rule.disabled);
        Ok(())
    }
}

/// A threshold in the unit's own numbers.
fn threshold(unit: ThresholdUnit, given: Option<Given>) -> Result<i64, Problem> {
    let Some(given) = given else {
        return Err(Problem::fields(vec![FieldError::new(
            "threshold",
            "required",
            &Wrong::ThresholdNeeded,
        )]));
    };
    let range = match unit {
        ThresholdUnit::Usd => {
            let amount = given.map_err(|invalid| Problem::field("threshold", invalid.wrong))?;
            return Ok(amount.get());
        }
        ThresholdUnit::Percent => 1..=100,
        ThresholdUnit::Days => 1..=365,
        ThresholdUnit::Times => 2..=1_000,
    };
    if let Ok(given) = given {
        let whole = given.get() / Nanos::PER_USD;
        if given.get() % Nanos::PER_USD == 0 && range.contains(&whole) {
            return Ok(whole);
        }
    }
    let wrong = Wrong::WholeNumber { least: *range.start(), most: *range.end() };
    Err(Problem::field("threshold", wrong))
}

/// Members watch what is theirs.
async fn check_scope(
    access: &Access<AlertsWrite>,
    rule: &AlertRule,
    scope: &AlertScope,
) -> Result<(), Problem> {
    let own = access.owner();
    if rule.kind.is_operators() && *scope != AlertScope::All {
        return Err(Problem::field("scope", Wrong::ScopeOfDeployment));
    }
    match scope {
        AlertScope::All | AlertScope::Tag(_) => Ok(()),
        AlertScope::Key(id) => match access.database().api_key_for_lookup(*id).await {
            Ok(key) if own.is_none_or(|own| own == key.owner) => Ok(()),
            Ok(_) | Err(StoreError::NotFound) => {
                Err(Problem::field("scope.key_id", Wrong::NoSuchKey))
            }
            Err(error) => Err(error.into()),
        },
        AlertScope::User(id) if own.is_some_and(|own| own != *id) => {
            Err(Problem::field("scope.user_id", Wrong::NoSuchUser))
        }
        AlertScope::User(id) => match access.database().user(*id).await {
            Ok(_) => Ok(()),
            Err(StoreError::NotFound) => Err(Problem::field("scope.user_id", Wrong::NoSuchUser)),
            Err(error) => Err(error.into()),
        },
    }
}

fn scope(value: Value<'_>) -> Result<AlertScope, Invalid> {
    let expected = || Invalid::new(Wrong::AlertScope);
    if let Ok(word) = value.string() {
        return if word == "all" { Ok(AlertScope::All) } else { Err(expected()) };
    }
    let members = value.members().map_err(|_| expected())?;
    let [(name, value)] = members.as_slice() else { return Err(expected()) };
    let within = |invalid: Invalid| invalid.within(&format!(".{name}"));
    match name.as_str() {
        "key_id" => parsed::<KeyId>(*value).map(AlertScope::Key).map_err(within),
        "user_id" => parsed::<UserId>(*value).map(AlertScope::User).map_err(within),
        "tag" => text(1..=100)(*value).map(AlertScope::Tag).map_err(within),
        _ => Err(expected()),
    }
}
