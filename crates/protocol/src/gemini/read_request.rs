//! A `GenerateContentRequest` into the canonical form.

mod calls;
mod config;
mod contents;
mod tools;

use serde_json::Value;

use super::fields::{each, members, wrong};
use crate::canonical::{Losses, Part, Request, Role, Turn, Untranslatable};
use calls::Calls;

/// Reads a request. The model and whether the answer streams stand in the path.
///
/// # Errors
/// The body is not what the route takes, or it asks for what no other dialect can give.
pub fn read_request(
    body: &[u8],
    model: &str,
    stream: bool,
) -> Result<(Request, Losses), Untranslatable> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        Untranslatable::new("body", format!("The body is not valid JSON: {error}."))
    })?;
    if !body.is_object() {
        return Err(wrong("body", "a JSON object"));
    }
    let mut request = Request { model: model.to_owned(), stream, ..Request::default() };
    let mut losses = Losses::default();
    let mut system = None;
    for (name, value) in members(&body) {
        match &*name {
            "contents" => {
                let mut calls = Calls::of(value);
                request.turns = contents::read(value, &mut calls, &mut losses)?;
            }
            "systemInstruction" => system = Some(value),
            "tools" => request.tools = tools::read(value, &mut losses)?,
            "toolConfig" => request.tool_choice = tools::read_choice(value, &mut losses)?,
            "generationConfig" => config::read(value, &mut request, &mut losses)?,
            "cachedContent" if value.as_str() != Some("") => {
                return Err(Untranslatable::new(
                    "cachedContent",
                    "Cached content is stored at Google and cannot be used with this model; send \
                     the content itself.",
                ));
            }
            "model" | "cachedContent" => {}
            other => losses.add(other),
        }
    }
    let instruction = system.map(|value| read_instruction(value, &mut losses)).transpose()?;
    if let Some(turn) = instruction.filter(|turn| !turn.parts.is_empty()) {
        request.turns.insert(0, turn);
    }
    if request.turns.is_empty() {
        return Err(wrong("contents", "a list of at least one turn"));
    }
    Ok((request, losses))
}

/// The system instruction: texts, and media where the model is told by a picture.
fn read_instruction(value: &Value, losses: &mut Losses) -> Result<Turn, Untranslatable> {
    let mut parts = Vec::new();
    if let Some(text) = value.as_str() {
        parts.push(Part::text(text));
    }
    for (name, value) in members(value) {
        if name == "parts" {
            for (index, part) in each(value).iter().enumerate() {
                let field = format!("systemInstruction.parts[{index}]");
                contents::read_part(part, &field, &mut Calls::default(), losses, &mut parts)?;
            }
        }
    }
    parts.retain(|part| matches!(part, Part::Text { .. } | Part::Media(_)));
    Ok(Turn { role: Role::System, parts })
}
