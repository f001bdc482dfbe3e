//! Gemini's thought signature of a call, where Google's own form of this dialect puts it:
//! `extra_content.google.thought_signature` (Gemini API, "OpenAI compatibility").

use serde_json::{Value, json};

/// The signature in a call's `extra_content`.
pub(super) fn read(extra: &Value) -> Option<String> {
    extra.get("google")?.get("thought_signature")?.as_str().map(str::to_owned)
}

/// The `extra_content` that holds it.
pub(super) fn write(signature: &str) -> Value {
    json!({"google": {"thought_signature": signature}})
}
