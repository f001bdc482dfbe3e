//! A user whose balance is low.

use domain::alert::{AlertKind, Severity};
use domain::money::Nanos;
use domain::window::Windows;
use store::alert_facts::BalanceFacts;

use super::{Finding, numbers, usd};
use crate::rules::Trigger;

/// Below the threshold; with nothing left it is critical.
pub(crate) fn balance(
    facts: &BalanceFacts,
    windows: &Windows,
    trigger: &Trigger,
) -> Option<Finding> {
    let threshold = Nanos::new(trigger.threshold);
    if facts.available >= threshold {
        return None;
    }
    let (name, available) = (&facts.name, facts.available);
    let severity = if available <= Nanos::ZERO { Severity::Critical } else { Severity::Warning };
    Some(Finding {
        kind: AlertKind::BalanceLow,
        severity,
        subject: facts.user.to_string(),
        matter: "balance".to_owned(),
        window: windows.day.get(),
        numbers: numbers! {
            "name": name.as_str(), "available": usd(available), "threshold": usd(threshold),
        },
        text: format!("The balance of \"{name}\" is {available} USD, below {threshold} USD."),
        trigger: trigger.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::expiry::tests::{NOW, trigger};
    use domain::id::UserId;

    #[test]
    fn below_is_low_and_nothing_is_critical() {
        let windows = Windows::at(NOW, &jiff::tz::TimeZone::UTC);
        let judge = |available| {
            let user = UserId::new(NOW, [1; 10]);
            let facts =
                BalanceFacts { user, name: "Ann".to_owned(), available: Nanos::new(available) };
            balance(&facts, &windows, &trigger(1_000_000_000)).map(|found| found.severity)
        };
        assert_eq!(judge(1_000_000_000), None);
        assert_eq!(judge(999_999_999), Some(Severity::Warning));
        assert_eq!(judge(0), Some(Severity::Critical));
        assert_eq!(judge(-5), Some(Severity::Critical));
    }
}
