//! What the model may call, and whether it must.

use serde_json::{Map, Value, json};

use super::block::mark_cached;
use super::conversation::Conversation;
use crate::anthropic_messages::claude::Claude;
use crate::canonical::{Losses, Request, Tool, ToolChoice, ToolKind, ToolNames};

/// The tools of the request. Where it offers none but speaks of calls, the tools that were called
/// are named: Anthropic does not read calls in a request without tools.
pub(super) fn offered(
    request: &Request,
    conversation: &Conversation,
    names: &ToolNames,
    claude: Claude,
    losses: &mut Losses,
) -> Vec<Value> {
    let among = |name: &str| match &request.tool_choice {
        Some(ToolChoice::Among { names, .. }) => names.iter().any(|among| among == name),
        _ => true,
    };
    let any = request.tools.iter().any(|tool| among(&tool.name));
    let mut tools: Vec<Value> = request
        .tools
        .iter()
        .filter(|tool| !any || among(&tool.name))
        .map(|tool| definition(tool, names, claude, losses))
        .collect();
    if tools.is_empty() && conversation.messages.iter().any(|message| message.calls()) {
        let mut spoken: Vec<&str> = request.tool_names().map(|name| names.there(name)).collect();
        spoken.sort_unstable();
        spoken.dedup();
        let stub = |name| json!({ "name": name, "input_schema": { "type": "object" } });
        tools.extend(spoken.into_iter().map(stub));
    }
    tools
}

fn definition(tool: &Tool, names: &ToolNames, claude: Claude, losses: &mut Losses) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(names.there(&tool.name)));
    let mut description = tool.description.clone();
    match &tool.kind {
        ToolKind::Function { parameters, strict } => {
            fields.insert("input_schema".to_owned(), object_schema(parameters));
            if *strict == Some(true) {
                if claude.enforces_schemas() {
                    fields.insert("strict".to_owned(), json!(true));
                } else {
                    losses.add("tools.strict");
                }
            }
        }
        ToolKind::Free { format } => {
            let schema = json!({
                "type": "object",
                "properties": { "input": { "type": "string" } },
                "required": ["input"],
            });
            fields.insert("input_schema".to_owned(), schema);
            let grammar = format.as_ref().and_then(|format| format.get("definition"));
            if let Some(grammar) = grammar.and_then(Value::as_str) {
                losses.add("tools.format");
                let told = description.get_or_insert_default();
                told.push_str("\n\nThe text `input` must keep to this grammar:\n");
                told.push_str(grammar);
            }
        }
    }
    fields.extend(description.map(|text| ("description".to_owned(), Value::String(text))));
    let mut definition = Value::Object(fields);
    if tool.cached {
        mark_cached(&mut definition);
    }
    definition
}

/// A schema whose outermost type is an object, as Anthropic wants it.
fn object_schema(parameters: &Value) -> Value {
    let mut schema = match parameters {
        Value::Object(fields) => fields.clone(),
        _ => Map::new(),
    };
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        schema.insert("type".to_owned(), json!("object"));
    }
    Value::Object(schema)
}

/// Whether calls must be made; a request that offers no tools has no choice.
pub(super) fn choice(request: &Request, names: &ToolNames) -> Option<Value> {
    if request.tools.is_empty() {
        return Some(json!({ "type": "none" }));
    }
    let one_at_a_time = request.parallel_tool_calls == Some(false);
    let mut choice = match &request.tool_choice {
        None if !one_at_a_time => return None,
        None | Some(ToolChoice::Auto | ToolChoice::Among { required: false, .. }) => {
            json!({ "type": "auto" })
        }
        Some(ToolChoice::None) => return Some(json!({ "type": "none" })),
        Some(ToolChoice::Required | ToolChoice::Among { required: true, .. }) => {
            json!({ "type": "any" })
        }
        Some(ToolChoice::Named(name)) => json!({ "type": "tool", "name": names.there(name) }),
    };
    if let (Value::Object(fields), true) = (&mut choice, one_at_a_time) {
        fields.insert("disable_parallel_tool_use".to_owned(), json!(true));
    }
    Some(choice)
}

/// Whether the model is made to call a tool.
pub(super) const fn must_call(request: &Request) -> bool {
    matches!(
        request.tool_choice,
        Some(
            ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { required: true, .. }
        )
    )
}
