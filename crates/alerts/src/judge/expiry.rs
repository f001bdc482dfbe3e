//! A key that ends by itself soon.

use domain::alert::{AlertKind, Severity};
use domain::time::UnixMillis;
use store::alert_facts::KeyFacts;

use super::{Finding, numbers};
use crate::rules::Trigger;

pub(crate) const DAY: i64 = 24 * 3_600_000;

/// Within a rule's days; by default also not before the last quarter of the key's life, so that a
/// key made for a day does not alert at once.
pub(crate) fn expiry(key: &KeyFacts, now: UnixMillis, trigger: &Trigger) -> Option<Finding> {
    let end = key.expires_at.filter(|end| *end > now)?;
    let left = end.since(now);
    let quarter = end.since(key.created_at) / 4;
    let asked = trigger.threshold.saturating_mul(DAY);
    let least = if trigger.rule.is_some() { asked } else { asked.min(quarter) };
    if left > least {
        return None;
    }
    let name = &key.name;
    let hours = left / 3_600_000;
    let words = match hours {
        0 => "within the hour".to_owned(),
        1..48 => format!("in {hours} h"),
        _ => format!("in {} days", hours / 24),
    };
    Some(Finding {
        kind: AlertKind::KeyExpiring,
        severity: Severity::Warning,
        subject: key.id.to_string(),
        matter: "expiry".to_owned(),
        window: end.get(),
        numbers: numbers! {
            "name": name.as_str(), "expires_at": end.to_string(), "hours_left": hours,
        },
        text: format!("The key \"{name}\" expires at {end}, {words}."),
        trigger: trigger.clone(),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::id::{AlertRuleId, KeyId, UserId};
    use domain::money::Nanos;

    pub(crate) const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

    pub(crate) fn key() -> KeyFacts {
        KeyFacts {
            id: KeyId::new(NOW, [1; 10]),
            owner: UserId::new(NOW, [2; 10]),
            name: "prod".to_owned(),
            tags: Vec::new(),
            soft_limit: None,
            quota: (None, Nanos::ZERO),
            day: (None, Nanos::ZERO),
            month: (None, Nanos::ZERO),
            expires_at: None,
            created_at: NOW.plus(-100 * DAY),
        }
    }

    pub(crate) fn trigger(threshold: i64) -> Trigger {
        Trigger { rule: None, threshold, audience: None, destinations: Vec::new() }
    }

    #[test]
    fn a_key_alerts_in_its_last_days() {
        let mut key = key();
        for (left, found) in [(8 * DAY, false), (7 * DAY, true), (1, true), (0, false), (-1, false)]
        {
            key.expires_at = Some(NOW.plus(left));
            assert_eq!(expiry(&key, NOW, &trigger(7)).is_some(), found, "{left}");
        }
        key.expires_at = Some(NOW.plus(6 * DAY));
        let found = expiry(&key, NOW, &trigger(7)).unwrap();
        assert!(found.text.ends_with(", in 6 days."), "{}", found.text);
    }

    #[test]
    fn a_short_life_alerts_in_its_last_quarter_unless_a_rule_says_more() {
        let mut key = key();
        key.created_at = NOW;
        key.expires_at = Some(NOW.plus(DAY));
        assert_eq!(expiry(&key, NOW, &trigger(7)), None);
        assert!(expiry(&key, NOW.plus(DAY * 3 / 4), &trigger(7)).is_some());
        let ruled = Trigger { rule: Some(AlertRuleId::new(NOW, [3; 10])), ..trigger(7) };
        assert!(expiry(&key, NOW, &ruled).is_some());
    }
}
