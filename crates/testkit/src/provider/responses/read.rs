//! Reads a Responses request.

use serde_json::{Value, json};

use crate::provider::conversation::{self, Turn};
use crate::provider::plan::{Asked, Thinking};
use crate::provider::reading;
use crate::provider::tool_use::Tool;

/// Reads a request's body; the history is what `previous_response_id` stands for.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(in crate::provider) fn read(body: Value, history: Vec<Value>) -> Result<Asked, String> {
    let model = body.get("model").and_then(Value::as_str).ok_or("you must provide a model")?;
    let mut items = history;
    match body.get("input") {
        Some(Value::String(text)) => items.push(json!({"role": "user", "content": text})),
        Some(Value::Array(input)) => items.extend(input.iter().cloned()),
        _ => return Err("input is missing".to_owned()),
    }
    let instructions = body.get("instructions").and_then(Value::as_str);
    let instructions = instructions.map(|text| Turn::System(text.to_owned()));
    let turns: Vec<Turn> = instructions.into_iter().chain(items.iter().filter_map(turn)).collect();
    Ok(Asked {
        dialect: "responses",
        model: model.to_owned(),
        stream: reading::flag(&body, "stream"),
        include_usage: true,
        has_stream_options: false,
        json_array: false,
        max_output: body.get("max_output_tokens").and_then(Value::as_u64),
        choices: 1,
        prompt: conversation::prompt(&turns),
        prompt_tokens: conversation::tokens(&turns),
        tools: tools(&body),
        results: conversation::results(&turns),
        thinking: Thinking::Shown,
        call: reading::call(&body),
        script: reading::own_script(body.get("metadata"))?,
        items,
        body,
    })
}

fn turn(item: &Value) -> Option<Turn> {
    let kind = item.get("type").and_then(Value::as_str).unwrap_or("message");
    let text = || reading::content(item.get("content"));
    match (kind, item.get("role").and_then(Value::as_str)) {
        ("message", Some("assistant")) => Some(Turn::Assistant(text())),
        ("message", Some("user")) => Some(Turn::User(text())),
        ("message", _) => Some(Turn::System(text())),
        ("function_call" | "custom_tool_call", _) => {
            let words = ["name", "arguments", "input"].map(|field| reading::text(item, field));
            Some(Turn::Call(words.join(" ")))
        }
        ("function_call_output" | "custom_tool_call_output", _) => {
            Some(Turn::Result(reading::content(item.get("output"))))
        }
        _ => None,
    }
}

fn tools(body: &Value) -> Vec<Tool> {
    if body.get("tool_choice").and_then(Value::as_str) == Some("none") {
        return Vec::new();
    }
    let mut all = Vec::new();
    for entry in reading::list(body, "tools") {
        if entry.get("type").and_then(Value::as_str) == Some("namespace") {
            let namespace = reading::text(entry, "name");
            let nested = reading::list(entry, "tools").iter();
            all.extend(nested.filter_map(|nested| tool(nested, Some(namespace.clone()))));
        } else {
            all.extend(tool(entry, None));
        }
    }
    all
}

/// A tool that the caller runs; the provider's own tools are never called.
fn tool(entry: &Value, namespace: Option<String>) -> Option<Tool> {
    let schema = match entry.get("type")?.as_str()? {
        "function" => Some(entry.get("parameters").cloned().unwrap_or_default()),
        "custom" => None,
        _ => return None,
    };
    Some(Tool { name: reading::text(entry, "name"), namespace, schema })
}
