//! Reads a Gemini request, its names already in `camelCase`.

use serde_json::Value;

use crate::provider::conversation::{self, Turn};
use crate::provider::plan::{Asked, Thinking};
use crate::provider::reading;
use crate::provider::route::Gemini;
use crate::provider::tool_use::Tool;

/// Reads a request's body; the model stands in the path.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(in crate::provider) fn read(body: Value, call: &Gemini) -> Result<Asked, String> {
    let turns = turns_of(&body);
    let config = |field: &str| body.get("generationConfig").and_then(|it| it.get(field));
    let shown = config("thinkingConfig").is_some_and(|it| reading::flag(it, "includeThoughts"));
    Ok(Asked {
        dialect: "gemini",
        model: call.model.clone(),
        stream: call.stream,
        include_usage: true,
        has_stream_options: false,
        json_array: call.stream && !call.events,
        max_output: config("maxOutputTokens").and_then(Value::as_u64),
        choices: config("candidateCount").and_then(Value::as_u64).unwrap_or(1).clamp(1, 8),
        prompt: conversation::prompt(&turns),
        prompt_tokens: conversation::tokens(&turns),
        tools: tools(&body),
        results: conversation::results(&turns),
        thinking: if shown { Thinking::Shown } else { Thinking::Silent },
        call: body.pointer("/labels/call").and_then(Value::as_str).map(str::to_owned),
        script: reading::own_script(body.get("labels"))?,
        items: Vec::new(),
        body,
    })
}

/// The tokens of a request that only wants them counted: the contents, or a whole request.
pub(in crate::provider) fn read_count(body: &Value) -> u64 {
    conversation::tokens(&turns_of(body.get("generateContentRequest").unwrap_or(body)))
}

fn turns_of(body: &Value) -> Vec<Turn> {
    let system = body.get("systemInstruction").map(|it| Turn::System(text(it)));
    let contents = reading::list(body, "contents").iter().flat_map(turns);
    system.into_iter().chain(contents).collect()
}

/// All text of a content, thoughts left out.
pub(super) fn text(content: &Value) -> String {
    let said = |part: &&Value| !reading::flag(part, "thought");
    let parts = reading::list(content, "parts").iter().filter(said);
    parts.map(|part| reading::text(part, "text")).collect::<Vec<_>>().join(" ")
}

/// One turn for each part.
fn turns(content: &Value) -> Vec<Turn> {
    let model = content.get("role").and_then(Value::as_str) == Some("model");
    let turn = |part: &Value| {
        if let Some(call) = part.get("functionCall") {
            return Some(Turn::Call(call.to_string()));
        }
        if let Some(result) = part.get("functionResponse") {
            return Some(Turn::Result(result_text(result.get("response"))));
        }
        let text = part.get("text").and_then(Value::as_str)?.to_owned();
        match (reading::flag(part, "thought"), model) {
            (true, _) => None,
            (false, true) => Some(Turn::Assistant(text)),
            (false, false) => Some(Turn::User(text)),
        }
    };
    reading::list(content, "parts").iter().filter_map(turn).collect()
}

/// A response is an object; by convention its `output` or `result` is what a tool said.
fn result_text(response: Option<&Value>) -> String {
    let Some(response) = response else { return String::new() };
    let said = ["output", "result", "content", "error"].iter().find_map(|it| response.get(it));
    match said.unwrap_or(response) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn tools(body: &Value) -> Vec<Tool> {
    let mode = body.pointer("/toolConfig/functionCallingConfig/mode").and_then(Value::as_str);
    if mode == Some("NONE") {
        return Vec::new();
    }
    let tool = |tool: &Value| {
        let schema = tool.get("parameters").or_else(|| tool.get("parametersJsonSchema"));
        let schema = Some(schema.cloned().unwrap_or_default());
        Tool { name: reading::text(tool, "name"), namespace: None, schema }
    };
    let declared = |entry: &Value| -> Vec<Tool> {
        reading::list(entry, "functionDeclarations").iter().map(tool).collect()
    };
    reading::list(body, "tools").iter().flat_map(declared).collect()
}
