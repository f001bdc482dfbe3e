//! What a message, a result or a thought holds.

use serde_json::Value;

use crate::canonical::{Part, Untranslatable};
use crate::openai_responses::media::{read_audio, read_file, read_image};
use crate::openai_responses::read_answer::PART_BREAK;
use crate::openai_responses::read_request::text;

/// Reads a message's content: a text, or a list of parts.
pub(super) fn read_content(value: Value, field: &str) -> Result<Vec<Part>, Untranslatable> {
    match value {
        Value::String(said) => Ok(vec![Part::text(said)]),
        Value::Array(parts) => parts
            .into_iter()
            .enumerate()
            .map(|(index, part)| read_part(part, &format!("{field}[{index}]")))
            .collect(),
        _ => Ok(Vec::new()),
    }
}

/// Reads what a call came to. An empty text is nothing.
pub(super) fn read_output(value: Value, field: &str) -> Result<Vec<Part>, Untranslatable> {
    match value {
        Value::String(said) if said.is_empty() => Ok(Vec::new()),
        Value::String(_) | Value::Array(_) => read_content(value, &format!("{field}.output")),
        Value::Null => Ok(Vec::new()),
        other => Ok(vec![Part::text(other.to_string())]),
    }
}

/// The words of a thought's parts.
pub(super) fn words(value: Value) -> String {
    let Value::Array(parts) = value else { return String::new() };
    let said = parts.iter().filter_map(|part| part.get("text")?.as_str());
    said.filter(|said| !said.is_empty()).collect::<Vec<_>>().join(PART_BREAK)
}

fn read_part(value: Value, field: &str) -> Result<Part, Untranslatable> {
    let Value::Object(mut part) = value else {
        return Err(Untranslatable::new(field, "A part of the content must be an object."));
    };
    match text(&mut part, "type").unwrap_or_default().as_str() {
        "input_text" | "output_text" | "text" | "summary_text" => {
            Ok(Part::text(text(&mut part, "text").unwrap_or_default()))
        }
        "refusal" => Ok(Part::Refusal(text(&mut part, "refusal").unwrap_or_default())),
        "input_image" => read_image(&part, field).map(Part::Media),
        "input_file" => read_file(&part, field).map(Part::Media),
        "input_audio" => read_audio(&part, field).map(Part::Media),
        other => Err(Untranslatable::new(
            field,
            format!("The provider of this model takes no content of the type {other:?}."),
        )),
    }
}
