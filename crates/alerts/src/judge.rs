//! What is worth an alert: functions of facts, thresholds and the time, a file each.

pub(crate) mod anomaly;
pub(crate) mod balance;
pub(crate) mod channel;
pub(crate) mod expiry;
pub(crate) mod suspect;
pub(crate) mod usage;

use domain::alert::{AlertKind, Severity};
use domain::money::Nanos;
use serde_json::{Map, Value};

use crate::rules::Trigger;

/// Something that is worth an alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) kind: AlertKind,
    pub(crate) severity: Severity,
    /// The id of a key, a user or a channel.
    pub(crate) subject: String,
    /// What of the subject it is about, such as the limit.
    pub(crate) matter: String,
    /// The window in which it is told once.
    pub(crate) window: i64,
    pub(crate) numbers: Map<String, Value>,
    pub(crate) text: String,
    pub(crate) trigger: Trigger,
}

impl Finding {
    /// What the occasions of one state have in common, whichever window they fall into.
    pub(crate) fn state(&self) -> String {
        let rule = self.trigger.rule.map_or_else(|| "default".to_owned(), |rule| rule.to_string());
        let (kind, threshold) = (self.kind.name(), self.trigger.threshold);
        format!("{kind}|{rule}|{threshold}|{}|{}", self.subject, self.matter)
    }

    /// What is told once.
    pub(crate) fn occasion(&self) -> String {
        format!("{}|{}", self.state(), self.window)
    }
}

/// The state of an occasion.
pub(crate) fn state_of(occasion: &str) -> &str {
    occasion.rsplit_once('|').map_or(occasion, |(state, _)| state)
}

/// An amount of USD as a text with every digit: a JSON value would round it.
pub(crate) fn usd(amount: Nanos) -> Value {
    Value::String(amount.to_string())
}

/// Members of `numbers`.
macro_rules! numbers {
    ($($name:literal: $value:expr),* $(,)?) => {{
        let mut numbers = serde_json::Map::new();
        $(numbers.insert($name.to_owned(), serde_json::Value::from($value));)*
        numbers
    }};
}
pub(crate) use numbers;
