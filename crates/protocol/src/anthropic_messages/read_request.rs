//! A request of this dialect, as the canonical one.
//!
//! What the caller asked for and another dialect cannot have is either refused or named as lost;
//! what only steers Anthropic's own service (`metadata` beside the user, `service_tier`, betas) is
//! left out in silence.

mod content;
mod settings;
mod tools;

use serde_json::{Map, Value};

use crate::canonical::{Losses, Request, Untranslatable};
use content::Contents;

/// Reads a request's body.
///
/// # Errors
/// It is not what the route takes, or asks for what no other dialect has.
pub fn read_request(body: &[u8]) -> Result<(Request, Losses), Untranslatable> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        Untranslatable::new("", format!("The body is not valid JSON: {error}."))
    })?;
    let Value::Object(mut fields) = value else {
        return Err(Untranslatable::new("", "The body must be a JSON object."));
    };
    fields.retain(|_, value| !value.is_null());
    let mut losses = Losses::default();
    let mut request = Request {
        model: text(fields.remove("model"), "model")?.unwrap_or_default(),
        stream: fields.remove("stream") == Some(Value::Bool(true)),
        ..Request::default()
    };

    let mut contents = Contents::new(&mut losses);
    if let Some(system) = fields.remove("system") {
        contents.system(system)?;
    }
    let messages = fields.remove("messages").unwrap_or(Value::Array(Vec::new()));
    contents.messages(messages)?;
    request.turns = contents.into_turns();

    let hosted = tools::read_tools(fields.remove("tools"), &mut request, &mut losses)?;
    tools::read_choice(fields.remove("tool_choice"), &hosted, &mut request)?;
    settings::read(&mut fields, &mut request, &mut losses)?;
    for (name, _) in fields {
        losses.add(name);
    }
    Ok((request, losses))
}

/// A field's text; nothing where it is not given.
fn text(value: Option<Value>, path: &str) -> Result<Option<String>, Untranslatable> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Untranslatable::new(path, "A text is expected here.")),
    }
}

/// An object's fields.
fn object(value: Value, path: &str) -> Result<Map<String, Value>, Untranslatable> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(Untranslatable::new(path, "An object is expected here.")),
    }
}

/// An array's elements.
fn array(value: Value, path: &str) -> Result<Vec<Value>, Untranslatable> {
    match value {
        Value::Array(elements) => Ok(elements),
        _ => Err(Untranslatable::new(path, "An array is expected here.")),
    }
}
