//! A key that spends or asks unlike its past, in numbers that explain themselves.

use domain::alert::{AlertKind, Severity};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::window::Windows;
use store::alert_facts::{HourFacts, KeyFacts};

use super::expiry::DAY;
use super::{Finding, numbers, usd};
use crate::rules::Trigger;

/// How far back the past goes.
pub(crate) const PAST: i64 = 30 * DAY;
/// Less than this in an hour is no anomaly, whatever the past was.
const LEAST_SPENT: Nanos = Nanos::from_usd(1);
const LEAST_REQUESTS: i64 = 200;

/// More than so many times the highest hour of the past 30 days. A key with less than a day of
/// past has none to be compared with.
pub(crate) fn anomaly(
    key: &KeyFacts,
    facts: &HourFacts,
    windows: &Windows,
    trigger: &Trigger,
) -> Option<Finding> {
    facts.first.filter(|first| windows.hour.since(*first) >= DAY)?;
    let name = &key.name;
    let above =
        |now: i64, past: i64| i128::from(now) > i128::from(past) * i128::from(trigger.threshold);
    let spent = facts.spent >= LEAST_SPENT && above(facts.spent.get(), facts.highest_spent.get());
    let asked = facts.requests >= LEAST_REQUESTS && above(facts.requests, facts.highest_requests);
    let text = match (spent, asked) {
        (true, _) => format!(
            "The key \"{name}\" spent {} USD in the hour from {}; its highest hour of the past 30 days was {} USD.",
            facts.spent,
            start(windows.hour),
            facts.highest_spent
        ),
        (false, true) => format!(
            "The key \"{name}\" made {} calls in the hour from {}; its highest hour of the past 30 days had {}.",
            facts.requests,
            start(windows.hour),
            facts.highest_requests
        ),
        (false, false) => return None,
    };
    Some(Finding {
        kind: AlertKind::Anomaly,
        severity: Severity::Warning,
        subject: key.id.to_string(),
        matter: "hour".to_owned(),
        window: windows.day.get(),
        numbers: numbers! {
            "name": name.as_str(), "unusual": if spent { "spend" } else { "requests" }, "hour": start(windows.hour), "spent": usd(facts.spent), "requests": facts.requests,
            "highest_spent": usd(facts.highest_spent), "highest_requests": facts.highest_requests,
            "threshold_times": trigger.threshold,
        },
        text,
        trigger: trigger.clone(),
    })
}

fn start(hour: UnixMillis) -> String {
    hour.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::expiry::tests::{NOW, key, trigger};

    fn judge(spent: i64, highest: i64, requests: i64, first: i64) -> Option<String> {
        let windows = Windows::at(NOW, &jiff::tz::TimeZone::UTC);
        let facts = HourFacts {
            spent: Nanos::new(spent),
            requests,
            highest_spent: Nanos::new(highest),
            highest_requests: 30,
            first: Some(windows.hour.plus(first)),
        };
        anomaly(&key(), &facts, &windows, &trigger(5)).map(|found| found.text)
    }

    #[test]
    fn it_says_what_is_unlike_the_past() {
        let text = judge(12_400_000_000, 1_100_000_000, 40, -3 * DAY).unwrap();
        assert!(text.contains("spent 12.4 USD in the hour from 2026-"), "{text}");
        assert!(text.ends_with("its highest hour of the past 30 days was 1.1 USD."), "{text}");
        let text = judge(1, 1, 201, -3 * DAY).unwrap();
        assert!(text.contains("made 201 calls") && text.ends_with("had 30."), "{text}");
    }

    #[test]
    fn small_sums_growth_and_new_keys_are_no_anomaly() {
        assert_eq!(judge(999_999_999, 1, 40, -3 * DAY), None);
        assert_eq!(
            judge(5_500_000_000, 1_100_000_000, 150, -3 * DAY),
            None,
            "five times is not above"
        );
        assert_eq!(judge(12_400_000_000, 1_100_000_000, 40, -DAY + 1), None);
    }
}
