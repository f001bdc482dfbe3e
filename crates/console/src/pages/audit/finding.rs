//! A finding as the API shows it, and what it says in the visitor's language.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::Value;

use crate::format::moment;
use crate::language::{Message, Words};
use crate::{links, ui};

/// Something that an audit objects to.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) severity: String,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) key_id: String,
    pub(crate) key_name: String,
    pub(crate) key_masked: String,
    #[serde(default)]
    pub(crate) evidence: Value,
    #[serde(default)]
    pub(crate) fixes: Vec<Fix>,
    #[serde(default)]
    pub(crate) dismissed: bool,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) dismissed_until: Option<UnixMillis>,
}

/// What can be done about it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fix {
    pub(crate) name: String,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) change: Value,
}

impl Finding {
    /// What it is called.
    pub(crate) fn title(&self, words: &Words) -> String {
        let message = match self.kind.as_str() {
            "unused" => Message("finding-unused"),
            "no_expiry" => Message("finding-no-expiry"),
            "no_ip_allowlist" => Message("finding-no-ip-allowlist"),
            "no_limit" => Message("finding-no-limit"),
            "rotation_overdue" => Message("finding-rotation-overdue"),
            "many_ips" => Message("finding-many-ips"),
            "unusual_spend" => Message("finding-unusual-spend"),
            "broad_permissions" => Message("finding-broad-permissions"),
            _ => return self.title.clone(),
        };
        words.say(message).into_owned()
    }

    /// The sentence with its figures; one that is not known here, in the API's own words.
    pub(crate) fn sentence(&self, words: &Words) -> String {
        let count = |name: &str| self.figure(name).as_i64().unwrap_or(0);
        let usd = |name: &str| {
            let amount: Result<Nanos, _> = serde_json::from_value(self.figure(name));
            words.usd(amount.unwrap_or(Nanos::ZERO))
        };
        match self.kind.as_str() {
            "unused" => words.t1("finding-unused-text", "days", count("days")),
            "no_expiry" => words.t1("finding-no-expiry-text", "days", count("age_days")),
            "no_ip_allowlist" => {
                words.t1("finding-no-ip-allowlist-text", "count", count("addresses"))
            }
            "no_limit" => words.t2(
                Message("finding-no-limit-text").0,
                "days",
                count("days"),
                "amount",
                usd("highest_day"),
            ),
            "rotation_overdue" => words.t2(
                Message("finding-rotation-overdue-text").0,
                "days",
                count("age_days"),
                "due",
                count("due_days"),
            ),
            "many_ips" => words.t2(
                Message("finding-many-ips-text").0,
                "calls",
                count("calls"),
                "count",
                count("addresses"),
            ),
            "unusual_spend" => {
                words.t2("finding-unusual-spend-text", "spent", usd("spent"), "usual", usd("usual"))
            }
            "broad_permissions" => {
                words.t1("finding-broad-permissions-text", "calls", count("calls"))
            }
            _ => self.text.clone(),
        }
    }

    fn figure(&self, name: &str) -> Value {
        self.evidence.get(name).cloned().unwrap_or(Value::Null)
    }

    /// Its place in a list whose gravest come first.
    pub(crate) fn rank(&self) -> u8 {
        match self.severity.as_str() {
            "high" => 0,
            "medium" => 1,
            _ => 2,
        }
    }

    /// How grave it is, as a badge.
    pub(crate) fn badge(&self, words: &Words) -> ui::Html {
        let (message, tone) = match self.severity.as_str() {
            "high" => (Message("severity-high"), "bad"),
            "medium" => (Message("severity-medium"), "warn"),
            _ => (Message("severity-low"), "off"),
        };
        ui::badge(tone, words.say(message))
    }

    /// Where a fix is posted to.
    pub(crate) fn link(&self, part: &str) -> String {
        links::finding_part(&self.id, part)
    }
}

impl Fix {
    /// What its button says.
    pub(crate) fn title(&self, words: &Words) -> String {
        let message = match self.name.as_str() {
            "disable" => Message("fix-disable"),
            "revoke" => Message("fix-revoke"),
            "set_expiry" => Message("fix-set-expiry"),
            "set_allowlist" => Message("fix-set-allowlist"),
            "set_limit" => Message("fix-set-limit"),
            "narrow_permissions" => Message("fix-narrow-permissions"),
            _ => return self.text.clone(),
        };
        words.say(message).into_owned()
    }

    /// What exactly it sets.
    pub(crate) fn detail(&self, words: Words) -> String {
        let text = |value: &Value| match value {
            Value::String(text) => match UnixMillis::parse_rfc3339(text) {
                Ok(day) => words.date(day),
                Err(_) => text.clone(),
            },
            other => other.to_string(),
        };
        match self.change.as_object().and_then(|change| change.values().next()) {
            Some(Value::Array(entries)) => entries.iter().map(text).collect::<Vec<_>>().join(", "),
            Some(Value::Object(members)) => {
                members.get("amount").map(|amount| format!("${}", text(amount))).unwrap_or_default()
            }
            Some(value) => text(value),
            None => String::new(),
        }
    }

    /// Whether it is final, so that it asks first.
    pub(crate) fn is_final(&self) -> bool {
        self.name == "revoke"
    }
}
