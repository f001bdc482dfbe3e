//! What the model may call, and whether it must.

use serde_json::{Map, Value, json};

use crate::canonical::{Losses, Request, ToolChoice, ToolKind, ToolNames};

/// Writes `tools`; nothing where there are none. Schemas go as they are, because Google takes full
/// JSON schemas beside its own subset of OpenAPI.
pub(super) fn write(request: &Request, names: &ToolNames, losses: &mut Losses) -> Option<Value> {
    if request.tools.is_empty() {
        return None;
    }
    let mut functions = Vec::new();
    for tool in &request.tools {
        let mut function = Map::new();
        function.insert("name".into(), names.there(&tool.name).into());
        if let Some(description) = &tool.description {
            function.insert("description".into(), description.as_str().into());
        }
        let parameters = match &tool.kind {
            ToolKind::Function { parameters, strict } => {
                if *strict == Some(true) {
                    losses.add("tools.strict");
                }
                parameters.clone()
            }
            ToolKind::Free { format } => {
                if format.is_some() {
                    losses.add("tools.format");
                }
                free_text(format.as_ref())
            }
        };
        if parameters.as_object().is_some_and(|schema| !schema.is_empty()) {
            function.insert("parametersJsonSchema".into(), parameters);
        }
        functions.push(Value::Object(function));
    }
    Some(json!([{"functionDeclarations": functions}]))
}

/// A tool that takes free text becomes a function of one text. Its grammar cannot be enforced; the
/// model is told of it.
fn free_text(format: Option<&Value>) -> Value {
    let grammar = format.and_then(|format| format.get("definition")?.as_str());
    let description = match grammar {
        Some(grammar) => format!("The tool's input. It must follow this grammar:\n{grammar}"),
        None => "The tool's input.".to_owned(),
    };
    json!({
        "type": "object",
        "properties": {"input": {"type": "string", "description": description}},
        "required": ["input"],
    })
}

/// Writes `toolConfig`. Only `ANY` and `VALIDATED` take a list of names.
pub(super) fn write_choice(choice: &ToolChoice, names: &ToolNames) -> Value {
    let there = |name: &String| names.there(name).to_owned();
    let (mode, allowed) = match choice {
        ToolChoice::Auto => ("AUTO", vec![]),
        ToolChoice::None => ("NONE", vec![]),
        ToolChoice::Required => ("ANY", vec![]),
        ToolChoice::Named(name) => ("ANY", vec![there(name)]),
        ToolChoice::Among { names, required: true } => ("ANY", names.iter().map(there).collect()),
        ToolChoice::Among { names, required: false } => {
            ("VALIDATED", names.iter().map(there).collect())
        }
    };
    let mut config = json!({"mode": mode});
    if let Some(config) = config.as_object_mut().filter(|_| !allowed.is_empty()) {
        config.insert("allowedFunctionNames".into(), allowed.into());
    }
    json!({"functionCallingConfig": config})
}
