//! The canonical form into a `GenerateContentRequest`. The model and whether the answer streams go
//! into the path.

mod config;
mod contents;
mod media;
mod tools;

use serde_json::{Map, Value, json};

use crate::canonical::{Losses, Part, Request, Role, ToolNames, Turn, Untranslatable};

/// The most bytes of a function's name ("FunctionDeclaration").
const LONGEST_NAME: usize = 64;

/// What the request's tools are called at Google, which allows letters, digits, `_`, `.`, `:`, `-`.
#[must_use]
pub fn tool_names(request: &Request) -> ToolNames {
    ToolNames::new(request, LONGEST_NAME, |character| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | ':' | '-')
    })
}

/// Writes a request's body.
///
/// # Errors
/// The request asks for what this dialect cannot give.
pub fn write_request(
    request: &Request,
    names: &ToolNames,
) -> Result<(Vec<u8>, Losses), Untranslatable> {
    let mut losses = Losses::default();
    let mut body = Map::new();
    let front = request.turns.iter().take_while(|turn| turn.role == Role::System).count();
    let (system, said) = request.turns.split_at_checked(front).unwrap_or_default();
    let instructions = instructions(system, &mut losses);
    let mut contents = contents::write(request, said, front, names, &mut losses)?;
    if contents.is_empty() {
        // Google wants to be asked something: what the operator says is the question then.
        contents.push(json!({"role": "user", "parts": instructions}));
    } else if !instructions.is_empty() {
        body.insert("systemInstruction".into(), json!({"parts": instructions}));
    }
    body.insert("contents".into(), contents.into());
    if let Some(tools) = tools::write(request, names, &mut losses) {
        body.insert("tools".into(), tools);
        if let Some(choice) = &request.tool_choice {
            body.insert("toolConfig".into(), tools::write_choice(choice, names));
        }
    }
    if request.parallel_tool_calls == Some(false) {
        losses.add("parallel_tool_calls");
    }
    let config = config::write(request, &mut losses)?;
    if !config.is_empty() {
        body.insert("generationConfig".into(), config.into());
    }
    let bytes = serde_json::to_vec(&Value::Object(body)).map_err(|error| {
        Untranslatable::new("body", format!("The request cannot be written: {error}."))
    })?;
    Ok((bytes, losses))
}

fn instructions(system: &[Turn], losses: &mut Losses) -> Vec<Value> {
    let mut parts = Vec::new();
    for part in system.iter().flat_map(|turn| &turn.parts) {
        match part {
            Part::Text { text, .. } if text.is_empty() => {}
            Part::Text { text, .. } => parts.push(json!({"text": text})),
            _ => losses.add("system"),
        }
    }
    parts
}
