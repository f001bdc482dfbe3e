//! Small readings of a request's JSON that several dialects share. They never fail: what is wrong
//! with a request is for the dialect's check to say.

use serde::Deserialize;
use serde_json::Value;

use super::script::Script;

/// A text field; empty if there is none.
pub(super) fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// A list field; empty if there is none.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a content: a string, or the texts of a list's parts.
pub(super) fn content(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// The call's name in an OpenAI body: `user`, else `metadata.tag`.
pub(super) fn call(body: &Value) -> Option<String> {
    let tag = || body.get("metadata")?.get("tag");
    body.get("user").filter(|user| user.is_string()).or_else(tag)?.as_str().map(str::to_owned)
}

/// The request's own script in `metadata.simulate`: an object, or a string of JSON where a
/// client's `metadata` must hold strings only.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn own_script(holder: Option<&Value>) -> Result<Option<Script>, String> {
    let Some(value) = holder.and_then(|holder| holder.get("simulate")) else {
        return Ok(None);
    };
    let script = match value {
        Value::String(text) => serde_json::from_str(text),
        other => Script::deserialize(other),
    };
    script.map(Some).map_err(|error| format!("metadata.simulate: {error}"))
}
