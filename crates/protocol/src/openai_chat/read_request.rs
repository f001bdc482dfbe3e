//! A request of this dialect, read into the form between the dialects (OpenAI API reference,
//! "Create chat completion", with what compatible vendors add).
//!
//! A field that no other dialect can carry is left out and named where the answer would still be
//! what was asked for, and refused where it would not (`logprobs`, audio as output).

mod content;
mod field;
mod message;
mod settings;
mod tools;

use serde_json::Value;

use crate::canonical::{Losses, Request, Untranslatable};
use field::{Object, boolean, object, the_string, wrong};

/// What is read, or needs no word where it is left out.
const CARRIED: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "parallel_tool_calls",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "stop",
    "n",
    "response_format",
    "reasoning_effort",
    "reasoning",
    "thinking",
    "thinking_budget",
    "enable_thinking",
    "user",
    "safety_identifier",
    "logprobs",
    "audio",
    "modalities",
];

/// Reads a request's body.
///
/// # Errors
/// A field has the wrong type, or asks for what no other dialect can give.
pub fn read_request(body: &[u8]) -> Result<(Request, Losses), Untranslatable> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        Untranslatable::new("body", format!("The body cannot be read as JSON: {error}."))
    })?;
    let body = body
        .as_object()
        .ok_or_else(|| Untranslatable::new("body", "The body must be a JSON object."))?;
    refuse_what_is_answered_otherwise(body)?;
    let mut losses = Losses::default();
    for (name, value) in body {
        if !CARRIED.contains(&name.as_str()) && !says_nothing(name, value) {
            losses.add(name);
        }
    }
    let stream_usage = match object(body, "stream_options")? {
        Some(options) => boolean(options, "include_usage")
            .map_err(field::within("stream_options".to_owned()))?
            .unwrap_or_default(),
        None => false,
    };
    let request = Request {
        model: the_string(body, "model")?.to_owned(),
        stream: boolean(body, "stream")?.unwrap_or_default(),
        turns: message::read_messages(body, &mut losses)?,
        tools: tools::read_tools(body, &mut losses)?,
        tool_choice: tools::read_choice(body)?,
        parallel_tool_calls: boolean(body, "parallel_tool_calls")?,
        max_output: settings::read_max_output(body)?,
        sampling: settings::read_sampling(body)?,
        format: settings::read_format(body)?,
        reasoning: settings::read_reasoning(body)?,
        end_user: settings::read_end_user(body)?,
        stream_usage,
    };
    Ok((request, losses))
}

/// Whether a field asks for nothing but the default.
fn says_nothing(name: &str, value: &Value) -> bool {
    match name {
        "service_tier" => matches!(value.as_str(), Some("auto" | "default")),
        _ => matches!(value, Value::Null | Value::Bool(false)),
    }
}

/// Fields that change what the answer is.
fn refuse_what_is_answered_otherwise(body: &Object) -> Result<(), Untranslatable> {
    let refuse = |field: &str, what: &str| {
        Err(Untranslatable::new(
            field,
            format!(
                "`{field}` cannot be had: the model's provider gives no {what} in this API. Leave it out."
            ),
        ))
    };
    if boolean(body, "logprobs")? == Some(true) {
        return refuse("logprobs", "log probabilities");
    }
    if field::given(body, "audio").is_some_and(|audio| *audio != Value::Bool(false)) {
        return refuse("audio", "audio");
    }
    for modality in field::array(body, "modalities")?.unwrap_or_default() {
        match modality.as_str() {
            Some("text") => {}
            Some(_) => return refuse("modalities", "output other than text"),
            None => return Err(wrong("modalities", "an array of strings")),
        }
    }
    Ok(())
}
