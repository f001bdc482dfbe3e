//! By which thresholds a thing is judged, and who is told.
//!
//! The rules of whoever a thing belongs to take the place of the defaults for what they watch. An
//! operator's rule about somebody else's thing comes on top: it is that operator's alert.

use domain::alert::{AlertKind, AlertScope};
use domain::id::{AlertDestinationId, AlertRuleId, KeyId, UserId};
use store::alert_rule::AlertRule;

/// Every rule in force, with whether its owner is an operator.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<(AlertRule, bool)>);

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    /// Whose it is; none: the deployment's.
    pub(crate) owner: Option<UserId>,
    /// The key, if it is one.
    pub(crate) key: Option<KeyId>,
    /// Its labels.
    pub(crate) tags: &'a [String],
}

/// One threshold, and who is told when it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trigger {
    /// The rule; none: a default.
    pub(crate) rule: Option<AlertRuleId>,
    /// In the kind's unit.
    pub(crate) threshold: i64,
    /// Who is told; none: the operators.
    pub(crate) audience: Option<UserId>,
    /// Where to; none: all of theirs.
    pub(crate) destinations: Vec<AlertDestinationId>,
}

impl Rules {
    pub(crate) const fn new(rules: Vec<(AlertRule, bool)>) -> Self {
        Self(rules)
    }

    /// The thresholds of a kind for a thing.
    pub(crate) fn triggers(&self, kind: AlertKind, judged: Judged<'_>) -> Vec<Trigger> {
        let matching: Vec<_> = self
            .0
            .iter()
            .filter(|(rule, operator)| rule.kind == kind && watches(rule, *operator, judged))
            .collect();
        let own = |rule: &AlertRule| judged.owner.is_none_or(|owner| owner == rule.owner);
        let mut triggers: Vec<Trigger> = Vec::new();
        if !matching.iter().any(|(rule, _)| own(rule)) {
            let default = |threshold: &i64| Trigger {
                rule: None,
                threshold: *threshold,
                audience: judged.owner,
                destinations: Vec::new(),
            };
            triggers.extend(kind.defaults().iter().map(default));
        }
        let ruled = matching.iter().filter(|(rule, _)| !rule.disabled).map(|(rule, _)| Trigger {
            rule: Some(rule.id),
            threshold: rule.threshold,
            audience: Some(rule.owner),
            destinations: rule.destinations.clone(),
        });
        triggers.extend(ruled);
        triggers
    }

    /// The highest threshold of a kind, the defaults included.
    pub(crate) fn highest(&self, kind: AlertKind) -> i64 {
        let ruled = self.0.iter().filter(|(rule, _)| rule.kind == kind && !rule.disabled);
        let ruled = ruled.map(|(rule, _)| rule.threshold);
        ruled.chain(kind.defaults().iter().copied()).max().unwrap_or_default()
    }
}

fn watches(rule: &AlertRule, operator: bool, judged: Judged<'_>) -> bool {
    if !operator && judged.owner != Some(rule.owner) {
        return false;
    }
    match &rule.scope {
        AlertScope::All => true,
        AlertScope::Key(key) => judged.key == Some(*key),
        AlertScope::User(user) => judged.owner == Some(*user),
        AlertScope::Tag(tag) => judged.tags.contains(tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::UnixMillis;

    const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

    fn user(n: u8) -> UserId {
        UserId::new(NOW, [n; 10])
    }

    fn rule(n: u8, owner: u8, scope: AlertScope, threshold: i64) -> AlertRule {
        AlertRule {
            id: AlertRuleId::new(NOW, [n; 10]),
            owner: user(owner),
            kind: AlertKind::UsageThreshold,
            threshold,
            scope,
            destinations: Vec::new(),
            disabled: false,
            created_at: NOW,
            version: 1,
        }
    }

    fn thresholds(rules: &Rules, owner: u8, tags: &[String]) -> Vec<i64> {
        let judged = Judged { owner: Some(user(owner)), key: None, tags };
        let triggers = rules.triggers(AlertKind::UsageThreshold, judged);
        triggers.iter().map(|trigger| trigger.threshold).collect()
    }

    #[test]
    fn rules_stand_for_their_owners_defaults_alone() {
        let none = Rules::default();
        assert_eq!(thresholds(&none, 1, &[]), [80, 100]);
        let own = Rules::new(vec![(rule(1, 1, AlertScope::All, 50), false)]);
        assert_eq!(thresholds(&own, 1, &[]), [50]);
        assert_eq!(thresholds(&own, 2, &[]), [80, 100], "a member's rule is about their own");
        let operators = Rules::new(vec![(rule(1, 9, AlertScope::User(user(1)), 50), true)]);
        assert_eq!(thresholds(&operators, 1, &[]), [80, 100, 50], "on top");
        assert_eq!(thresholds(&operators, 2, &[]), [80, 100]);
    }

    #[test]
    fn a_disabled_rule_is_silent() {
        let silent = AlertRule { disabled: true, ..rule(1, 1, AlertScope::All, 50) };
        assert_eq!(thresholds(&Rules::new(vec![(silent, false)]), 1, &[]), [0_i64; 0]);
    }

    #[test]
    fn labels_choose_keys() {
        let rules = Rules::new(vec![(rule(1, 1, AlertScope::Tag("prod".to_owned()), 10), false)]);
        assert_eq!(thresholds(&rules, 1, &["prod".to_owned()]), [10]);
        assert_eq!(thresholds(&rules, 1, &["test".to_owned()]), [80, 100]);
        assert_eq!(rules.highest(AlertKind::UsageThreshold), 100);
    }
}
