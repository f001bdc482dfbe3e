//! The terms of a key as the form has them: from a key into inputs, and from inputs into JSON.

use domain::time::UnixMillis;
use serde_json::{Map, Value, json};

use super::key::Key;
use crate::form::{Form, object, utc};
use crate::language::{Message, Words};

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

/// What a name can be put together from.
pub(super) const NAME_PARTS: &[&str] =
    &["name_parts.env", "name_parts.project", "name_parts.purpose"];

const SECONDS_A_DAY: i64 = 86_400;

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

/// What a new template's form begins with: everything open.
pub(super) fn open() -> Form {
    Form::of([("when_short", "lower"), ("soft_limit.window", "month")])
}

/// What a new key's form begins with, after a template.
pub(super) fn after(fields: &Map<String, Value>) -> Form {
    defaults().before(of_template(fields))
}

/// A template's fields in its own form.
pub(super) fn of_template(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("expires_in_seconds", Value::Number(seconds)) => {
                let seconds = seconds.as_i64().unwrap_or(0);
                let days = seconds / SECONDS_A_DAY;
                let whole = days * SECONDS_A_DAY == seconds;
                let text = if whole { days.to_string() } else { format!("{seconds}s") };
                pairs.push(("expires".to_owned(), text));
            }
            ("expires_at", Value::Null) => pairs.push(("expires".to_owned(), "never".to_owned())),
            ("expires_at", value) => {
                let at = plain(value);
                let at = UnixMillis::parse_rfc3339(&at).map_or(at, input_time);
                pairs.push(("expires".to_owned(), "at".to_owned()));
                pairs.push((name.clone(), at));
            }
            ("group", value) => pairs.push(("groups".to_owned(), plain(value))),
            ("permissions", Value::Array(names)) => {
                pairs.push(("permissions".to_owned(), "custom".to_owned()));
                let names = names.iter().filter_map(Value::as_str);
                pairs.extend(names.map(|name| ("permission".to_owned(), name.to_owned())));
            }
            ("metadata", value) => pairs.push((name.clone(), value.to_string())),
            (_, Value::Object(members)) => {
                let inner =
                    members.iter().map(|(inner, value)| (format!("{name}.{inner}"), plain(value)));
                pairs.extend(inner.filter(|(_, value)| !value.is_empty()));
            }
            (_, Value::Array(entries)) => {
                let entries: Vec<String> = entries.iter().map(plain).collect();
                pairs.push((name.clone(), entries.join(", ")));
            }
            (_, value) => pairs.push((name.clone(), plain(value))),
        }
    }
    pairs
}

/// A template as the API takes it: what is left empty is left open.
pub(super) fn template_json(form: &Form, now: UnixMillis) -> Value {
    let mut fields = Map::new();
    for (name, value) in json(form, now) {
        let value = match (name, value) {
            ("name" | "name_parts" | "expires_at", _) => continue,
            // The form always has one; this is what an open one is.
            ("when_short", value) if value == "lower" => continue,
            (_, Value::Object(members)) => {
                let given = members.into_iter().filter(|(_, value)| !is_open(value));
                Value::Object(given.collect())
            }
            (_, value) => value,
        };
        if !is_open(&value) {
            fields.insert(name.to_owned(), value);
        }
    }
    if !form.text("billing_method").is_empty() {
        fields.insert("billing_method".to_owned(), form.json("billing_method"));
    }
    match (form.text("expires"), lifetime(form.text("expires"))) {
        ("", _) => {}
        (_, Some(seconds)) => {
            fields.insert("expires_in_seconds".to_owned(), json!(seconds));
        }
        _ => {
            fields.insert("expires_at".to_owned(), expiry(form, now));
        }
    }
    Value::Object(fields)
}

/// Whether nothing is said.
fn is_open(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Days, or seconds where an `s` follows, in seconds.
fn lifetime(text: &str) -> Option<i64> {
    let seconds = match text.strip_suffix('s') {
        Some(seconds) => seconds.parse().ok()?,
        None => text.parse::<i64>().ok()?.checked_mul(SECONDS_A_DAY)?,
    };
    Some(seconds.clamp(1, 36_500 * SECONDS_A_DAY))
}

/// A plain value as an input has it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
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
    match name_parts(form) {
        Some(parts) => terms.push(("name_parts", parts)),
        None => terms.push(("name", json!(form.text("name")))),
    }
    if !form.text("when_short").is_empty() {
        terms.push(("when_short", form.json("when_short")));
    }
    terms
}

/// The parts of a name, where they are given instead of a whole one.
fn name_parts(form: &Form) -> Option<Value> {
    let given = NAME_PARTS.iter().any(|name| !form.text(name).is_empty());
    (form.text("name").is_empty() && given).then(|| {
        object([
            ("env", form.json("name_parts.env")),
            ("project", form.json("name_parts.project")),
            ("purpose", form.json("name_parts.purpose")),
        ])
    })
}

fn permissions(form: &Form) -> Value {
    match form.text("permissions") {
        "custom" => json!(form.all("permission")),
        preset => json!(preset),
    }
}

/// Never, in so many days, or at the time that was chosen (UTC).
pub(super) fn expiry(form: &Form, now: UnixMillis) -> Value {
    match form.text("expires") {
        "at" => utc(form.text("expires_at")),
        span => lifetime(span).map_or(Value::Null, |seconds| {
            let second = 1000;
            let at = now.plus(seconds * second);
            json!(UnixMillis::new(at.get() / second * second).to_string())
        }),
    }
}

/// Says at its field why the chosen time is none: there is none, or, for what is new, it is over. The
/// API takes both: none is never, and a time that is over ends a key.
pub(super) fn check_expiry(form: &mut Form, words: Words, now: Option<UnixMillis>) {
    if !form.is("expires", "at") {
        return;
    }
    let at = utc(form.text("expires_at"));
    let is_over = |now| UnixMillis::parse_rfc3339(at.as_str()?).ok().map(|at| at <= now);
    if at.is_null() {
        form.fail("expires_at", words.say(Message("token-expires-empty")));
    } else if now.and_then(is_over) == Some(true) {
        form.fail("expires_at", words.say(Message("token-expires-past")));
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
pub(super) fn input_time(at: UnixMillis) -> String {
    let at = at.to_timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_fills_the_form() {
        let fields = json!({"expires_in_seconds": 604_800, "quota": 5, "tags": ["a", "b"],
            "permissions": ["chat"], "rate_limits": {"parallel": 4}, "soft_limit": null});
        let form = after(fields.as_object().unwrap());
        for (name, value) in [
            ("expires", "7"),
            ("quota", "5"),
            ("tags", "a, b"),
            ("permissions", "custom"),
            ("rate_limits.parallel", "4"),
            ("billing_method", "usage_based"),
        ] {
            assert_eq!(form.text(name), value, "{name}");
        }
        assert!(form.has("permission", "chat"));
    }

    #[test]
    fn a_template_comes_back_as_it_was() {
        let fields = json!({"expires_in_seconds": 3600, "quota": "5", "tags": ["a", "b"],
            "permissions": ["chat"], "rate_limits": {"parallel": 4}, "billing_method": "by_model",
            "soft_limit": {"window": "day", "amount": "1"}, "metadata": {"a": 1}});
        let read =
            |fields: &Value| Form::default().before(of_template(fields.as_object().unwrap()));
        let now = UnixMillis::new(0);
        assert_eq!(template_json(&read(&fields), now), fields);
        let open = json!({});
        assert_eq!(template_json(&read(&open), now), open);
        assert_eq!(template_json(&super::open(), now), open, "a new one says nothing yet");
        let never = json!({"expires_at": null});
        assert_eq!(template_json(&read(&never), now), never);
        let at = json!({"expires_at": "2027-01-01T10:30:05Z"});
        assert_eq!(template_json(&read(&at), now), at);
    }

    #[test]
    fn a_name_comes_whole_or_in_parts() {
        let now = UnixMillis::new(0);
        let parts = Form::of([("name", ""), ("name_parts.env", "prod")]);
        let sent = object(json(&parts, now));
        assert_eq!(sent["name_parts"]["env"], "prod");
        assert!(sent.get("name").is_none());
        let whole = Form::of([("name", "mine"), ("name_parts.env", "prod")]);
        let sent = object(json(&whole, now));
        assert_eq!(sent["name"], "mine");
        assert!(sent.get("name_parts").is_none());
    }

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
