//! What an alert says, in the visitor's language: by its kind and the figures that the API gives
//! beside its sentence.

use domain::alert::AlertKind;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::language::{Message, Words};
use crate::pages::channel::entry::trouble;

/// The sentence; none where a figure is missing, as in alerts of releases that gave fewer.
pub(super) fn said(words: Words, kind: &str, numbers: &Map<String, Value>) -> Option<String> {
    let given = Given(numbers);
    let usd = |name: &str| Some(words.usd(Nanos::parse_usd(given.text(name)?).ok()?));
    let moment =
        |name: &str| UnixMillis::parse_rfc3339(given.text(name)?).ok().map(|at| words.exact(at));
    let count = |name: &str| given.count(name).map(|count| words.number(count));
    let text = |name: &str| given.text(name).map(ToOwned::to_owned);
    let (message, values): (Message, Vec<(&str, String)>) = match AlertKind::from_name(kind)? {
        AlertKind::SoftLimit => (
            Message("alert-said-soft-limit"),
            vec![("used", usd("used")?), ("limit", usd("limit")?), ("window", text("window")?)],
        ),
        AlertKind::UsageThreshold => (
            Message("alert-said-usage"),
            vec![
                ("used", usd("used")?),
                ("limit", usd("limit")?),
                ("window", text("window")?),
                ("percent", count("percent")?),
            ],
        ),
        AlertKind::BalanceLow => (
            Message("alert-said-balance"),
            vec![("available", usd("available")?), ("threshold", usd("threshold")?)],
        ),
        AlertKind::KeyExpiring => {
            (Message("alert-said-expiring"), vec![("end", moment("expires_at")?)])
        }
        AlertKind::Anomaly if given.text("unusual")? == "spend" => (
            Message("alert-said-anomaly-spend"),
            vec![
                ("now", usd("spent")?),
                ("past", usd("highest_spent")?),
                ("hour", moment("hour")?),
            ],
        ),
        AlertKind::Anomaly => (
            Message("alert-said-anomaly-requests"),
            vec![
                ("now", count("requests")?),
                ("past", count("highest_requests")?),
                ("hour", moment("hour")?),
            ],
        ),
        AlertKind::ChannelDown => {
            let trouble = words.say(trouble(given.text("trouble")?));
            let trouble = trouble.trim_end_matches(['.', '。']).to_owned();
            (Message("alert-said-channel"), vec![("trouble", trouble)])
        }
        AlertKind::CallSuspect => {
            let calls = given.count("calls")?;
            let (name, call) = (text("name")?, text("call_id")?);
            let values = [("name", name.into()), ("call", call.into()), ("count", calls.into())];
            return Some(words.with(Message("alert-said-suspect").0, &values));
        }
    };
    let mut values: BTreeMap<String, String> =
        values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    values.insert("name".to_owned(), text("name")?);
    Some(words.say_with(message, &values))
}

/// The figures as the API gives them.
struct Given<'a>(&'a Map<String, Value>);

impl<'a> Given<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    fn count(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use serde_json::json;

    /// Figures of each kind, as `crates/alerts` gives them.
    fn all() -> Vec<(AlertKind, Value)> {
        let usage =
            json!({"name": "prod", "window": "day", "used": "1.5", "limit": "2", "percent": 75});
        let unusual = |what: &str| {
            json!({"name": "prod", "unusual": what, "hour": "2026-11-22T13:00:00Z", "spent": "12.4",
                "highest_spent": "1.1", "requests": 1310, "highest_requests": 44})
        };
        vec![
            (AlertKind::SoftLimit, usage.clone()),
            (AlertKind::UsageThreshold, usage),
            (AlertKind::BalanceLow, json!({"name": "ada", "available": "0.5", "threshold": "1"})),
            (AlertKind::KeyExpiring, json!({"name": "prod", "expires_at": "2026-11-22T13:00:00Z"})),
            (AlertKind::Anomaly, unusual("spend")),
            (AlertKind::Anomaly, unusual("requests")),
            (AlertKind::ChannelDown, json!({"name": "east", "trouble": "secret_refused"})),
            (AlertKind::CallSuspect, json!({"name": "east", "calls": 2, "call_id": "call_1"})),
        ]
    }

    #[test]
    fn every_kind_is_told_in_every_language() {
        for kind in AlertKind::ALL {
            assert!(all().iter().any(|(known, _)| *known == kind), "give figures of {kind:?}");
        }
        for (kind, numbers) in all() {
            let numbers = numbers.as_object().unwrap();
            let english = said(Words::of(Language::English), kind.name(), numbers).unwrap();
            let chinese = said(Words::of(Language::Chinese), kind.name(), numbers).unwrap();
            assert!(chinese.ends_with('。'), "{chinese}");
            for text in [english, chinese] {
                let name = numbers["name"].as_str().unwrap();
                assert!(text.contains(name) && !text.contains("alert-"), "{text}");
                assert!(!text.contains('{'), "{text}");
            }
            let none = said(Words::of(Language::Chinese), kind.name(), &Map::new());
            assert_eq!(none, None, "{kind:?} without figures has no sentence");
        }
        let text = said(
            Words::of(Language::Chinese),
            "soft_limit",
            json!({"name": "prod", "window": "month", "used": "3", "limit": "2"})
                .as_object()
                .unwrap(),
        );
        assert_eq!(text.as_deref(), Some("令牌“prod”本月已用 $3.00，达到提醒阈值 $2.00。"));
    }
}
