//! Every sentence about findings. `{name}` stands for the figure of that name in the evidence, so
//! that a translation needs this table alone.

use serde_json::{Map, Value};

use super::kind::Kind;

/// What a finding is called, and what it says.
pub(super) const fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Unused => (
            "Unused key",
            "Nobody used this key for {days} days. A key that nobody needs can only be stolen.",
        ),
        Kind::NoExpiry => (
            "Never expires",
            "This key never ends by itself. If it leaks unnoticed, it works for ever.",
        ),
        Kind::NoAllowlist => (
            "Works from every address",
            "This key has no IP allowlist. Its last calls came from {addresses} address(es).",
        ),
        Kind::NoLimit => (
            "No spending limit",
            "Neither a quota nor a daily or monthly amount limits this key. Its most expensive day in the last {days} days cost {highest_day} USD.",
        ),
        Kind::RotationOverdue => (
            "Rotation overdue",
            "The value of this key is {age_days} days old; for {environment} it should be rotated every {due_days} days.",
        ),
        Kind::ManyAddresses => (
            "Used from many addresses",
            "The last {calls} calls of this key came from {addresses} addresses. One place usually needs one key.",
        ),
        Kind::UnusualSpend => (
            "Unusual spending",
            "This key spent {spent} USD in the last {days} days; before, {usual} USD were usual.",
        ),
        Kind::BroadPermissions => (
            "Permissions too broad",
            "This key may do everything, but its last {calls} calls were of these formats only: {formats}.",
        ),
    }
}

/// What a fix does.
pub(super) fn fix(name: &str) -> &'static str {
    match name {
        "disable" => "Switch the key off; it can be switched on again.",
        "revoke" => "Revoke the key. This is final: clients that use it fail.",
        "set_expiry" => "Let the key expire.",
        "set_allowlist" => "Allow only the addresses that the key was used from.",
        "set_limit" => {
            "Limit what the key spends a day: twice its 95th percentile, at least 1 USD."
        }
        "narrow_permissions" => "Leave the key only what it used.",
        _ => "",
    }
}

/// A sentence with its figures.
pub(super) fn filled(sentence: &str, evidence: &Map<String, Value>) -> String {
    let mut text = sentence.to_owned();
    for (name, value) in evidence {
        let shown = match value {
            Value::String(shown) => shown.clone(),
            Value::Array(values) => {
                let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                texts.join(", ")
            }
            other => other.to_string(),
        };
        text = text.replace(&format!("{{{name}}}"), &shown);
    }
    text
}
