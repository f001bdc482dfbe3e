//! A key's soft limit, and shares of its quota, its daily and its monthly limit.

use domain::alert::{AlertKind, Severity};
use domain::money::Nanos;
use domain::policy::SoftWindow;
use domain::window::{Window, Windows};
use store::alert_facts::KeyFacts;

use super::{Finding, numbers, usd};
use crate::rules::Trigger;

/// The key's own soft limit.
pub(crate) fn soft_limit(key: &KeyFacts, windows: &Windows, trigger: &Trigger) -> Option<Finding> {
    let limit = key.soft_limit?;
    let (window, words, used) = match limit.window {
        SoftWindow::Day => (Window::Day, "today", key.day.1),
        SoftWindow::Month => (Window::Month, "this month", key.month.1),
        SoftWindow::Total => (Window::Total, "in all", key.quota.1),
    };
    if used < limit.amount {
        return None;
    }
    let (id, name, amount) = (key.id, &key.name, limit.amount);
    Some(Finding {
        kind: AlertKind::SoftLimit,
        severity: Severity::Warning,
        subject: id.to_string(),
        matter: format!("{} {amount}", window.name()),
        window: windows.start(window).get(),
        numbers: numbers! {
            "name": name.as_str(), "window": window.name(), "used": usd(used), "limit": usd(amount),
        },
        text: format!(
            "The key \"{name}\" has used {used} USD {words}; its soft limit is {amount} USD."
        ),
        trigger: trigger.clone(),
    })
}

/// A share of each hard limit on money.
pub(crate) fn threshold(key: &KeyFacts, windows: &Windows, trigger: &Trigger) -> Vec<Finding> {
    let limits = [
        (Window::Total, "quota", key.quota),
        (Window::Day, "daily limit", key.day),
        (Window::Month, "monthly limit", key.month),
    ];
    let judge = |(window, words, (cap, used)): (Window, &str, (Option<Nanos>, Nanos))| {
        let cap = cap.filter(|cap| *cap > Nanos::ZERO)?;
        let percent = percent(used, cap);
        if percent < trigger.threshold {
            return None;
        }
        let severity = if percent >= 100 { Severity::Critical } else { Severity::Warning };
        let name = &key.name;
        Some(Finding {
            kind: AlertKind::UsageThreshold,
            severity,
            subject: key.id.to_string(),
            matter: format!("{} {cap}", window.name()),
            window: windows.start(window).get(),
            numbers: numbers! {
                "name": name.as_str(), "window": window.name(), "used": usd(used), "limit": usd(cap),
                "percent": percent, "threshold_percent": trigger.threshold,
            },
            text: format!(
                "The key \"{name}\" has used {used} USD of its {words} of {cap} USD ({percent} %)."
            ),
            trigger: trigger.clone(),
        })
    };
    limits.into_iter().filter_map(judge).collect()
}

/// Whole hundredths, rounded down: 100 means that nothing is left.
fn percent(used: Nanos, cap: Nanos) -> i64 {
    let share = i128::from(used.get().max(0)) * 100 / i128::from(cap.get().max(1));
    i64::try_from(share).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::expiry::tests::{NOW, key, trigger};
    use domain::policy::SoftLimit;

    fn windows() -> Windows {
        Windows::at(NOW, &jiff::tz::TimeZone::UTC)
    }

    #[test]
    fn a_share_is_reached_to_the_nano_dollar() {
        let cap = Nanos::from_usd(10);
        for (used, threshold, found) in [
            (7_999_999_999, 80, 0),
            (8_000_000_000, 80, 1),
            (9_999_999_999, 100, 0),
            (10_000_000_000, 100, 1),
            (i64::MAX, 100, 1),
        ] {
            let mut key = key();
            key.month = (Some(cap), Nanos::new(used));
            let findings = threshold_of(&key, threshold);
            assert_eq!(findings.len(), found, "{used} of {threshold} %");
        }
        let mut key = key();
        key.month = (Some(Nanos::ZERO), Nanos::ZERO);
        assert!(threshold_of(&key, 1).is_empty(), "a limit of nothing is always used up");
    }

    fn threshold_of(key: &KeyFacts, percent: i64) -> Vec<Finding> {
        threshold(key, &windows(), &trigger(percent))
    }

    #[test]
    fn each_window_is_its_own_occasion() {
        let mut key = key();
        key.day = (Some(Nanos::from_usd(1)), Nanos::from_usd(1));
        key.month = (Some(Nanos::from_usd(1)), Nanos::from_usd(1));
        let found = threshold_of(&key, 80);
        assert_eq!(found.len(), 2);
        assert_ne!(found[0].occasion(), found[1].occasion());
        assert_eq!(found[0].severity, Severity::Critical);
        let expected = "The key \"prod\" has used 1 USD of its daily limit of 1 USD (100 %).";
        assert_eq!(found[0].text, expected);
    }

    #[test]
    fn a_raised_soft_limit_is_another_occasion() {
        let mut key = key();
        let limit =
            |usd| Some(SoftLimit { window: SoftWindow::Month, amount: Nanos::from_usd(usd) });
        key.month.1 = Nanos::from_usd(3);
        (key.soft_limit) = limit(2);
        let first = soft_limit(&key, &windows(), &trigger(0)).unwrap();
        key.soft_limit = limit(3);
        let second = soft_limit(&key, &windows(), &trigger(0)).unwrap();
        assert_ne!(first.occasion(), second.occasion());
        key.soft_limit = limit(4);
        assert_eq!(soft_limit(&key, &windows(), &trigger(0)), None);
    }
}
