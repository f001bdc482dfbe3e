//! What the model may call, as this dialect says it.

use serde_json::{Map, Value, json};

use crate::canonical::free_text::INPUT;
use crate::canonical::{Losses, Request, Tool, ToolChoice, ToolKind, ToolNames};

/// Writes the tools and what is said about their use. Without tools nothing is said: OpenAI
/// refuses a choice among none.
pub(super) fn write_tools(
    request: &Request,
    names: &ToolNames,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) {
    let offered = |tool: &&Tool| match &request.tool_choice {
        Some(ToolChoice::Among { names, .. }) => names.contains(&tool.name),
        _ => true,
    };
    let tools = request.tools.iter().filter(offered);
    let tools: Vec<Value> = tools.map(|tool| write_tool(tool, names, losses)).collect();
    if tools.is_empty() {
        return;
    }
    body.insert("tools".to_owned(), Value::Array(tools));
    if let Some(choice) = &request.tool_choice {
        body.insert("tool_choice".to_owned(), write_choice(choice, names));
    }
    if let Some(parallel) = request.parallel_tool_calls {
        body.insert("parallel_tool_calls".to_owned(), json!(parallel));
    }
}

fn write_tool(tool: &Tool, names: &ToolNames, losses: &mut Losses) -> Value {
    let mut function = Map::new();
    function.insert("name".to_owned(), json!(names.there(&tool.name)));
    if let Some(description) = &tool.description {
        function.insert("description".to_owned(), json!(description));
    }
    match &tool.kind {
        ToolKind::Function { parameters, strict } => {
            let parameters = match parameters {
                Value::Object(schema) if !schema.is_empty() => parameters.clone(),
                _ => json!({"properties": {}, "type": "object"}),
            };
            function.insert("parameters".to_owned(), parameters);
            if let Some(strict) = strict {
                function.insert("strict".to_owned(), json!(strict));
            }
        }
        ToolKind::Free { format } => {
            if format.is_some() {
                losses.add("tools.format");
            }
            function.insert("parameters".to_owned(), free_text_schema(format.as_ref()));
        }
    }
    json!({"type": "function", "function": function})
}

/// An object with one text. The grammar is not enforced; the model is told of it.
fn free_text_schema(format: Option<&Value>) -> Value {
    let member = |name: &str| format.and_then(|format| format.get(name)).and_then(Value::as_str);
    let mut description = "The tool's whole input, as plain text.".to_owned();
    if let Some(definition) = member("definition") {
        let syntax = member("syntax").unwrap_or("following");
        description.push_str(&format!(" It must keep to this {syntax} grammar:\n{definition}"));
    }
    json!({
        "type": "object",
        "properties": { INPUT: {"type": "string", "description": description} },
        "required": [INPUT],
        "additionalProperties": false,
    })
}

fn write_choice(choice: &ToolChoice, names: &ToolNames) -> Value {
    match choice {
        ToolChoice::None => json!("none"),
        ToolChoice::Auto | ToolChoice::Among { required: false, .. } => json!("auto"),
        ToolChoice::Required | ToolChoice::Among { required: true, .. } => json!("required"),
        ToolChoice::Named(name) => {
            json!({"type": "function", "function": {"name": names.there(name)}})
        }
    }
}
