//! Tools, and which of them the model must call.

use serde_json::{Value, json};

use super::{ByName, put_some};
use crate::canonical::{Tool, ToolChoice, ToolKind, ToolNames};

/// Writes the tools; those of one namespace stand together in it.
pub(super) fn write(tools: &[Tool], names: &ToolNames) -> Value {
    let mut written: Vec<Value> = Vec::new();
    for tool in tools {
        let Some((namespace, name)) = &tool.namespace else {
            written.push(write_tool(tool, names.there(&tool.name)));
            continue;
        };
        let nested = write_tool(tool, name);
        let there = written.iter_mut().find(|written| {
            written.get("type") == Some(&json!("namespace"))
                && written.get("name").and_then(Value::as_str) == Some(namespace)
        });
        match there.and_then(|there| there.get_mut("tools")?.as_array_mut()) {
            Some(tools) => tools.push(nested),
            None => written.push(json!({
                "type": "namespace", "name": namespace,
                "description": format!("Tools in the {namespace} namespace."),
                "tools": [nested],
            })),
        }
    }
    Value::Array(written)
}

fn write_tool(tool: &Tool, name: &str) -> Value {
    let mut value = match &tool.kind {
        // What is not said is true here and false in the other dialects.
        ToolKind::Function { parameters, strict } => json!({
            "type": "function", "name": name, "parameters": parameters,
            "strict": strict.unwrap_or(false),
        }),
        ToolKind::Free { format } => {
            let mut value = json!({"type": "custom", "name": name});
            put_some(&mut value, "format", write_grammar(format.as_ref()));
            value
        }
    };
    put_some(&mut value, "description", json!(tool.description));
    value
}

/// A grammar as it stands here; Chat nests it one level deeper.
fn write_grammar(format: Option<&Value>) -> Value {
    let Some(format) = format else { return Value::Null };
    let Some(Value::Object(grammar)) = format.get("grammar") else { return format.clone() };
    let mut flat = grammar.clone();
    flat.insert("type".to_owned(), json!("grammar"));
    Value::Object(flat)
}

/// Writes `tool_choice`; null where nothing is said.
pub(super) fn write_choice(
    choice: Option<&ToolChoice>,
    tools: &ByName<'_>,
    names: &ToolNames,
) -> Value {
    match choice {
        None => Value::Null,
        Some(ToolChoice::Auto) => json!("auto"),
        Some(ToolChoice::None) => json!("none"),
        Some(ToolChoice::Required) => json!("required"),
        Some(ToolChoice::Named(name)) => chosen(name, tools, names),
        Some(ToolChoice::Among { names: among, required }) => {
            let mode = if *required { "required" } else { "auto" };
            let chosen: Vec<Value> = among.iter().map(|name| chosen(name, tools, names)).collect();
            json!({"type": "allowed_tools", "mode": mode, "tools": chosen})
        }
    }
}

fn chosen(name: &str, tools: &ByName<'_>, names: &ToolNames) -> Value {
    let kind = if tools.is_free(name) { "custom" } else { "function" };
    match tools.namespace(name) {
        Some((namespace, name)) => json!({"type": kind, "name": name, "namespace": namespace}),
        None => json!({"type": kind, "name": names.there(name)}),
    }
}
