//! The terms of a key as the form has them: from a key into inputs, and from inputs into JSON.

use domain::time::UnixMillis;
use serde_json::{Value, json};

use super::key::Key;
use crate::form::{Form, object};

/// What a custom set of permissions can hold.
pub(super) const PERMISSIONS: &[&str] = &[
    "chat",
    "completions",
    "responses",
    "messages",
    "embeddings",
    "images",
    "audio",
    "moderations",
    "rerank",
    "models.read",
    "usage.read",
    "account.read",
];

/// The fields that are folded away.
pub(super) const ADVANCED: &[&str] = &[
    "quota",
    "daily_limit.amount",
    "daily_limit.requests",
    "monthly_limit.requests",
    "soft_limit.amount",
    "soft_limit.window",
    "soft_limit",
    "max_tokens_per_request",
    "rate_limits.requests_per_minute",
    "rate_limits.tokens_per_minute",
    "rate_limits.parallel",
    "when_short",
    "tags",
    "metadata",
    "owner",
];

const DAY: i64 = 86_400_000;

/// What a new key's form begins with.
pub(super) fn defaults() -> Form {
    Form::of([
        ("permissions", "inference"),
        ("billing_method", "usage_based"),
        ("expires", "90"),
        ("groups", "auto"),
        ("when_short", "lower"),
        ("soft_limit.window", "month"),
    ])
}

/// A key's terms in its form.
pub(super) fn of(key: &Key) -> Form {
    let text = |value: Option<String>| value.unwrap_or_default();
    let usd = |value: Option<domain::money::Nanos>| text(value.map(|it| it.to_string()));
    let metadata = if key.metadata.is_empty() {
        String::new()
    } else {
        serde_json::to_string_pretty(&key.metadata).unwrap_or_default()
    };
    let mut pairs = vec![
        ("etag", key.etag.clone()),
        ("name", key.name.clone()),
        ("permissions", key.preset().to_owned()),
        ("billing_method", key.billing_method.clone()),
        ("expires", if key.expires_at.is_some() { "at" } else { "never" }.to_owned()),
        ("expires_at", text(key.expires_at.map(input_time))),
        ("quota", usd(key.quota)),
        ("daily_limit.amount", usd(key.daily_limit.amount)),
        ("daily_limit.requests", text(key.daily_limit.requests.map(|it| it.to_string()))),
        ("monthly_limit.amount", usd(key.monthly_limit.amount)),
        ("monthly_limit.requests", text(key.monthly_limit.requests.map(|it| it.to_string()))),
        ("soft_limit.amount", usd(key.soft_limit.as_ref().map(|it| it.amount))),
        ("soft_limit.window", key.soft_limit.as_ref().map_or("month", |it| &it.window).to_owned()),
        ("max_tokens_per_request", text(key.max_tokens_per_request.map(|it| it.to_string()))),
        (
            "rate_limits.requests_per_minute",
            text(key.rate_limits.requests_per_minute.map(|it| it.to_string())),
        ),
        (
            "rate_limits.tokens_per_minute",
            text(key.rate_limits.tokens_per_minute.map(|it| it.to_string())),
        ),
        ("rate_limits.parallel", text(key.rate_limits.parallel.map(|it| it.to_string()))),
        ("allowed_models", key.allowed_models.join("\n")),
        ("ip_allowlist", key.ip_allowlist.join("\n")),
        ("when_short", key.when_short.clone()),
        ("groups", key.groups.join(", ")),
        ("tags", key.tags.join(", ")),
        ("metadata", metadata),
    ];
    pairs.extend(key.permission_list().into_iter().map(|name| ("permission", name)));
    Form::of(pairs)
}

/// What the form says, as the API takes it.
pub(super) fn json(form: &Form, now: UnixMillis) -> Vec<(&'static str, Value)> {
    let list = |name: &str| json!(form.entries(name));
    let soft = match form.json_usd("soft_limit.amount") {
        Value::Null => Value::Null,
        amount => object([("window", form.json("soft_limit.window")), ("amount", amount)]),
    };
    let mut terms = vec![
        ("name", json!(form.text("name"))),
        ("permissions", permissions(form)),
        ("expires_at", expiry(form, now)),
        ("quota", form.json_usd("quota")),
        (
            "daily_limit",
            object([
                ("requests", form.json_number("daily_limit.requests")),
                ("amount", form.json_usd("daily_limit.amount")),
            ]),
        ),
        (
            "monthly_limit",
            object([
                ("requests", form.json_number("monthly_limit.requests")),
                ("amount", form.json_usd("monthly_limit.amount")),
            ]),
        ),
        ("soft_limit", soft),
        ("max_tokens_per_request", form.json_number("max_tokens_per_request")),
        (
            "rate_limits",
            object([
                ("requests_per_minute", form.json_number("rate_limits.requests_per_minute")),
                ("tokens_per_minute", form.json_number("rate_limits.tokens_per_minute")),
                ("parallel", form.json_number("rate_limits.parallel")),
            ]),
        ),
        ("allowed_models", list("allowed_models")),
        ("ip_allowlist", list("ip_allowlist")),
        ("groups", list("groups")),
        ("tags", list("tags")),
        ("metadata", metadata(form.text("metadata"))),
    ];
    if !form.text("when_short").is_empty() {
        terms.push(("when_short", form.json("when_short")));
    }
    terms
}

fn permissions(form: &Form) -> Value {
    match form.text("permissions") {
        "custom" => json!(form.all("permission")),
        preset => json!(preset),
    }
}

/// Never, in so many days, or at the time that was chosen (UTC).
fn expiry(form: &Form, now: UnixMillis) -> Value {
    match form.text("expires") {
        "at" => {
            let text = form.text("expires_at");
            let seconds = if text.len() == 16 { ":00Z" } else { "Z" };
            if text.is_empty() { Value::Null } else { json!(format!("{text}{seconds}")) }
        }
        days => days.parse::<i64>().map_or(Value::Null, |days| {
            let second = 1000;
            let at = now.plus(days.clamp(1, 36_500) * DAY);
            json!(UnixMillis::new(at.get() / second * second).to_string())
        }),
    }
}

/// An object; what is none goes as it is, and the API says what it expects.
fn metadata(text: &str) -> Value {
    match serde_json::from_str(text) {
        _ if text.is_empty() => Value::Null,
        Ok(value @ Value::Object(_)) => value,
        _ => json!(text),
    }
}

/// A time as `<input type="datetime-local">` has it, in UTC.
fn input_time(at: UnixMillis) -> String {
    let at = at.to_timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_in_every_form() {
        let now = UnixMillis::parse_rfc3339("2026-11-22T00:00:00.5Z").unwrap();
        let expiry = |pairs: [(&'static str, &str); 2]| super::expiry(&Form::of(pairs), now);
        assert_eq!(expiry([("expires", "never"), ("", "")]), Value::Null);
        assert_eq!(expiry([("expires", "30"), ("", "")]), json!("2026-12-22T00:00:00Z"));
        let at = expiry([("expires", "at"), ("expires_at", "2027-01-01T10:30")]);
        assert_eq!(at, json!("2027-01-01T10:30:00Z"));
    }
}
