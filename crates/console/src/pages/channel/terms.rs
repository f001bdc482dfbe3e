//! A channel as its form has it: from a channel into inputs, and from inputs into JSON.

use serde_json::{Value, json};
use std::fmt::Write as _;

use super::create::Preset;
use super::entry::Channel;
use crate::form::{Form, object};
use crate::language::Words;
use crate::trouble::Trouble;

/// The kinds of provider.
pub(super) const PROVIDERS: &[&str] = &[
    "openai",
    "anthropic",
    "gemini",
    "azure-openai",
    "openai-compatible",
    "tollkeeper",
    "new-api",
];

/// The fields that are folded away.
pub(super) const ADVANCED: &[&str] = &[
    "provider",
    "dialects",
    "headers",
    "proxy",
    "timeouts.connect_ms",
    "timeouts.first_byte_ms",
    "timeouts.idle_ms",
    "timeouts.total_ms",
    "tags",
];

/// The wire formats.
const DIALECTS: &[&str] = &["chat", "responses", "messages", "gemini"];

/// What a new channel's form begins with.
pub(super) fn of_preset(preset: Option<&Preset>) -> Form {
    let mut form =
        Form::of([("groups", "default"), ("priority", "0"), ("weight", "1"), ("enabled", "yes")]);
    let Some(preset) = preset else {
        return form.with("provider", "openai-compatible").with("ask_usage", "yes");
    };
    for dialect in &preset.dialects {
        form = form.with("dialects", dialect);
    }
    if preset.ask_usage {
        form = form.with("ask_usage", "yes");
    }
    form.with("preset", &preset.name)
        .with("name", &preset.name)
        .with("provider", &preset.provider)
        .with("base_url", preset.base_url.clone().unwrap_or_default())
}

/// A channel in its form, without its secrets.
pub(super) fn of(channel: &Channel) -> Form {
    let lines = |map: &std::collections::BTreeMap<String, String>, sign: &str| {
        map.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name}{sign}{value}");
            text
        })
    };
    let time = |millis: Option<u64>| millis.map(|it| it.to_string()).unwrap_or_default();
    let mut form = Form::of([
        ("etag", channel.etag.clone()),
        ("name", channel.name.clone()),
        ("provider", channel.provider.clone()),
        ("base_url", channel.base_url.clone()),
        ("models", channel.models.join("\n")),
        ("model_map", lines(&channel.model_map, " = ")),
        ("groups", channel.groups.join(", ")),
        ("priority", channel.priority.to_string()),
        ("weight", channel.weight.to_string()),
        ("headers", lines(&channel.headers, ": ")),
        ("proxy", channel.proxy.clone().unwrap_or_default()),
        ("timeouts.connect_ms", time(channel.timeouts.connect_ms)),
        ("timeouts.first_byte_ms", time(channel.timeouts.first_byte_ms)),
        ("timeouts.idle_ms", time(channel.timeouts.idle_ms)),
        ("timeouts.total_ms", time(channel.timeouts.total_ms)),
        ("tags", channel.tags.join(", ")),
    ]);
    for dialect in &channel.dialects {
        form = form.with("dialects", dialect);
    }
    for (name, on) in [("ask_usage", channel.ask_usage), ("enabled", !channel.disabled)] {
        if on {
            form = form.with(name, "yes");
        }
    }
    form
}

/// What the form says, as the API takes it; secrets are the caller's.
pub(super) fn json(form: &Form) -> Vec<(&'static str, Value)> {
    let dialects = form.all("dialects");
    vec![
        ("name", json!(form.text("name"))),
        ("provider", json!(form.text("provider"))),
        ("base_url", json!(form.text("base_url"))),
        ("models", json!(form.entries("models"))),
        ("model_map", form.json_map("model_map", '=')),
        ("groups", json!(form.entries("groups"))),
        ("priority", number(form, "priority", 0)),
        ("weight", number(form, "weight", 1)),
        ("dialects", if dialects.is_empty() { Value::Null } else { json!(dialects) }),
        ("headers", form.json_map("headers", ':')),
        ("proxy", form.json("proxy")),
        (
            "timeouts",
            object(
                ["connect_ms", "first_byte_ms", "idle_ms", "total_ms"]
                    .map(|name| (name, form.json_number(&format!("timeouts.{name}")))),
            ),
        ),
        ("ask_usage", json!(form.has("ask_usage", "yes"))),
        ("tags", json!(form.entries("tags"))),
        ("disabled", json!(!form.has("enabled", "yes"))),
    ]
}

/// Takes the API's refusal: errors of single entries stand below the input that holds them, and
/// secrets are not sent back.
pub(super) fn refused(form: &mut Form, trouble: Trouble, words: Words) -> Result<(), Trouble> {
    form.forget("secrets");
    form.refused(trouble, words)?;
    for field in ["model_map", "headers", "models"] {
        form.show_at(field, field);
    }
    form.show_at("secret", "secrets");
    Ok(())
}

/// The wire formats, those that the channel takes first and in its order.
pub(super) fn dialects(form: &Form) -> Vec<String> {
    let mut names: Vec<String> = form.all("dialects").into_iter().map(ToOwned::to_owned).collect();
    for name in DIALECTS {
        if !names.iter().any(|known| known == name) {
            names.push((*name).to_owned());
        }
    }
    names
}

fn number(form: &Form, name: &str, default: i64) -> Value {
    match form.json_number(name) {
        Value::Null => json!(default),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_read_line_by_line() {
        let form = Form::of([
            ("headers", "X-Team: search: ops\n\n x-b :1"),
            ("model_map", "fast = gpt-5-mini\nodd"),
            ("models", "fast, gpt-5\nodd"),
        ]);
        let body = object(json(&form));
        assert_eq!(body["headers"], json!({"X-Team": "search: ops", "x-b": "1"}));
        assert_eq!(body["model_map"], json!({"fast": "gpt-5-mini", "odd": null}));
        assert_eq!(body["models"], json!(["fast", "gpt-5", "odd"]));
        assert_eq!(body["disabled"], json!(true));
        assert_eq!((&body["weight"], &body["dialects"]), (&json!(1), &Value::Null));
    }
}
