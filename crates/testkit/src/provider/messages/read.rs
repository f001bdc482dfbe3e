//! Reads a Messages request, or one that only wants its tokens counted.

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
    let model = body.get("model").and_then(Value::as_str).ok_or("model: Field required")?;
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages.ok_or("messages: Field required")?;
    let system = reading::content(body.get("system"));
    let system = (!system.is_empty()).then_some(Turn::System(system));
    let turns: Vec<Turn> = system.into_iter().chain(messages.iter().flat_map(turns)).collect();
    let metadata = body.get("metadata");
    let thinking = body.get("thinking").map(|thinking| reading::text(thinking, "type"));
    Ok(Asked {
        dialect: "messages",
        model: model.to_owned(),
        stream: reading::flag(&body, "stream"),
        include_usage: true,
        has_stream_options: false,
        json_array: false,
        max_output: body.get("max_tokens").and_then(Value::as_u64),
        choices: 1,
        prompt: conversation::prompt(&turns),
        prompt_tokens: conversation::tokens(&turns),
        tools: tools(&body),
        results: conversation::results(&turns),
        thinking: match thinking.as_deref() {
            Some("enabled" | "adaptive") => Thinking::Shown,
            _ => Thinking::Never,
        },
        call: metadata
            .and_then(|metadata| metadata.get("user_id"))
            .and_then(Value::as_str)
            .map(str::to_owned),
        script: reading::own_script(metadata)?,
        items: Vec::new(),
        body,
    })
}

/// One turn for each block.
fn turns(message: &Value) -> Vec<Turn> {
    let role = reading::text(message, "role");
    let speak = |text: String| match role.as_str() {
        "assistant" => Turn::Assistant(text),
        "user" => Turn::User(text),
        _ => Turn::System(text),
    };
    let block = |block: &Value| match block.get("type").and_then(Value::as_str)? {
        "text" => Some(speak(reading::text(block, "text"))),
        "tool_use" => {
            let input = block.get("input").map(Value::to_string).unwrap_or_default();
            Some(Turn::Call(format!("{} {input}", reading::text(block, "name"))))
        }
        "tool_result" => Some(Turn::Result(reading::content(block.get("content")))),
        _ => None,
    };
    match message.get("content") {
        Some(Value::String(text)) => vec![speak(text.clone())],
        _ => reading::list(message, "content").iter().filter_map(block).collect(),
    }
}

fn tools(body: &Value) -> Vec<Tool> {
    let choice = body.get("tool_choice").map(|choice| reading::text(choice, "type"));
    if choice.as_deref() == Some("none") {
        return Vec::new();
    }
    let tool = |tool: &Value| {
        let schema = tool.get("input_schema")?.clone();
        Some(Tool { name: reading::text(tool, "name"), namespace: None, schema: Some(schema) })
    };
    reading::list(body, "tools").iter().filter_map(tool).collect()
}
