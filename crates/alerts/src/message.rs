//! What is sent: one JSON object, whichever way it goes.

use domain::time::UnixMillis;
use serde_json::{Value, json};
use store::alert::Alert;

/// Why a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An alert was raised.
    Raised,
    /// Its cause is gone.
    Resolved,
    /// Somebody tries a destination out.
    Test,
}

impl Event {
    /// The `type` of the message.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raised => "alert.raised",
            Self::Resolved => "alert.resolved",
            Self::Test => "alert.test",
        }
    }
}

/// The message about an alert. It holds ids, names and figures; never a key's value, a secret, or
/// what was said to a model.
#[must_use]
pub fn of_alert(alert: &Alert, event: Event, now: UnixMillis) -> String {
    let time = |time: Option<UnixMillis>| time.map(|time| time.to_string());
    let text = match event {
        Event::Resolved => format!("Over: {}", alert.text),
        Event::Raised | Event::Test => alert.text.clone(),
    };
    message(
        event,
        now,
        json!({
            "id": alert.id,
            "kind": alert.kind,
            "severity": alert.severity,
            "subject": alert.subject,
            "owner": alert.owner,
            "rule_id": alert.rule,
            "numbers": alert.numbers,
            "text": text,
            "raised_at": alert.raised_at.to_string(),
            "resolved_at": time(alert.resolved_at),
        }),
    )
}

/// The message that tries a destination out.
#[must_use]
pub fn of_test(now: UnixMillis) -> String {
    let text = "This is a test: alerts of Tollkeeper arrive here.";
    message(Event::Test, now, json!({ "severity": "info", "text": text }))
}

fn message(event: Event, now: UnixMillis, data: Value) -> String {
    json!({ "type": event.name(), "timestamp": now.to_string(), "data": data }).to_string()
}
