//! Reads a chat request.

use serde_json::Value;

use crate::provider::conversation::{self, Turn};
use crate::provider::plan::{Asked, Thinking};
use crate::provider::reading;
use crate::provider::tool_use::Tool;

/// Reads a request's body.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(in crate::provider) fn read(body: Value) -> Result<Asked, String> {
    let model = body.get("model").and_then(Value::as_str).ok_or("you must provide a model")?;
    let messages = body.get("messages").and_then(Value::as_array).ok_or("messages is missing")?;
    let turns: Vec<Turn> = messages.iter().flat_map(turns).collect();
    let words: u64 = messages.iter().map(message_words).sum();
    let options = body.get("stream_options").filter(|options| !options.is_null());
    Ok(Asked {
        dialect: "chat",
        model: model.to_owned(),
        stream: reading::flag(&body, "stream"),
        include_usage: options.is_some_and(|options| reading::flag(options, "include_usage")),
        has_stream_options: options.is_some(),
        json_array: false,
        max_output: ["max_completion_tokens", "max_tokens"]
            .iter()
            .find_map(|field| body.get(*field).and_then(Value::as_u64)),
        choices: body.get("n").and_then(Value::as_u64).unwrap_or(1).clamp(1, 128),
        prompt: conversation::prompt(&turns),
        prompt_tokens: (words + 3 * messages.len() as u64).max(1),
        tools: tools(&body),
        results: conversation::results(&turns),
        thinking: Thinking::Shown,
        call: reading::call(&body),
        script: reading::own_script(body.get("metadata"))?,
        items: Vec::new(),
        body,
    })
}

fn message_words(message: &Value) -> u64 {
    crate::provider::text::count_words(&reading::content(message.get("content")))
}

fn turns(message: &Value) -> Vec<Turn> {
    let text = reading::content(message.get("content"));
    match message.get("role").and_then(Value::as_str) {
        Some("user") => vec![Turn::User(text)],
        Some("tool" | "function") => vec![Turn::Result(text)],
        Some("assistant") => {
            let calls = reading::list(message, "tool_calls");
            // Before its calls, words are no answer yet.
            let said = (!text.is_empty() || calls.is_empty()).then_some(Turn::Assistant(text));
            said.into_iter().chain(calls.iter().map(|call| Turn::Call(call.to_string()))).collect()
        }
        _ => vec![Turn::System(text)],
    }
}

fn tools(body: &Value) -> Vec<Tool> {
    if body.get("tool_choice").and_then(Value::as_str) == Some("none") {
        return Vec::new();
    }
    let tool = |tool: &Value| {
        let (inner, schema) = match (tool.get("function"), tool.get("custom")) {
            (Some(function), _) => {
                (function, Some(function.get("parameters").cloned().unwrap_or_default()))
            }
            (None, custom) => (custom?, None),
        };
        Some(Tool { name: reading::text(inner, "name"), namespace: None, schema })
    };
    reading::list(body, "tools").iter().filter_map(tool).collect()
}
