//! A request in this dialect, written from the form between the dialects for an upstream that
//! speaks it: OpenAI itself, or a compatible vendor.
//!
//! What every vendor understands is preferred to what OpenAI alone does: texts are one string,
//! instructions have the role `system`, a choice among some tools offers only those.

mod message;
mod settings;
mod tools;

use serde_json::{Map, Value, json};

use crate::canonical::{Losses, Request, ToolNames, Untranslatable};
use crate::edit::MaximumName;

/// The most bytes of a tool's name.
const LONGEST_NAME: usize = 64;

/// What a request's tools are called at an upstream of this dialect: letters, digits, `_` and `-`,
/// 64 at most (OpenAI API reference, "Create chat completion", `tools.function.name`).
#[must_use]
pub fn tool_names(request: &Request) -> ToolNames {
    ToolNames::new(request, LONGEST_NAME, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Writes a request's body for the upstream's model. A stream is always asked for its usage.
///
/// # Errors
/// The request holds what this dialect cannot say: several answers, media that are no image, no
/// sound and no PDF, media elsewhere than in what the user says.
pub fn write_request(
    request: &Request,
    names: &ToolNames,
    model: &str,
    maximum: MaximumName,
) -> Result<(Vec<u8>, Losses), Untranslatable> {
    let mut losses = Losses::default();
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    let messages = message::write_messages(&request.turns, names, request, &mut losses)?;
    body.insert("messages".to_owned(), Value::Array(messages));
    if request.stream {
        body.insert("stream".to_owned(), json!(true));
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    tools::write_tools(request, names, &mut body, &mut losses);
    settings::write_settings(request, maximum, &mut body, &mut losses)?;
    Ok((Value::Object(body).to_string().into_bytes(), losses))
}
