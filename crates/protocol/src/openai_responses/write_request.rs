//! A request between the dialects, as a request of this one.

mod input;
mod tools;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::envelope::effort;
use crate::canonical::{
    Format, Losses, Reasoning, Request, Tool, ToolKind, ToolNames, Untranslatable,
};

/// The longest name of a tool that OpenAI takes.
const LONGEST_NAME: usize = 64;
/// The longest name of an end user that OpenAI takes.
const LONGEST_USER: usize = 64;

/// What a request's tools are called in this dialect: letters, digits, `_` and `-`, 64 at most.
#[must_use]
pub fn tool_names(request: &Request) -> ToolNames {
    ToolNames::new(request, LONGEST_NAME, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Writes a request for the upstream's `model`. It asks that nothing be stored, so what thoughts
/// there are come sealed.
///
/// # Errors
/// What this dialect cannot express.
pub fn write_request(
    request: &Request,
    names: &ToolNames,
    model: &str,
) -> Result<(Vec<u8>, Losses), Untranslatable> {
    refuse(request)?;
    let mut losses = Losses::default();
    let tools = ByName::new(request);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            body.insert(name.to_owned(), value);
        }
    };
    put("model", json!(model));
    let (instructions, turns) = input::instructions(&request.turns);
    put("instructions", json!(instructions));
    put("input", input::write(turns, &tools, names, &mut losses)?);
    if !request.tools.is_empty() {
        put("tools", tools::write(&request.tools, names));
        put("tool_choice", tools::write_choice(request.tool_choice.as_ref(), &tools, names));
        put("parallel_tool_calls", json!(request.parallel_tool_calls));
    }
    put("max_output_tokens", json!(request.max_output));
    put("temperature", json!(request.sampling.temperature));
    put("top_p", json!(request.sampling.top_p));
    put("text", write_format(request.format.as_ref()));
    if let Some(reasoning) = &request.reasoning {
        put("reasoning", write_reasoning(reasoning));
        if effort(reasoning) != Some("none") {
            put("include", json!(["reasoning.encrypted_content"]));
        }
    }
    put("user", end_user(request, &mut losses));
    put("store", json!(false));
    put("stream", json!(request.stream));
    note_losses(request, &mut losses);
    Ok((serde_json::to_vec(&Value::Object(body)).unwrap_or_default(), losses))
}

/// The tools that a request offers, by their canonical names.
struct ByName<'r>(HashMap<&'r str, &'r Tool>);

impl<'r> ByName<'r> {
    fn new(request: &'r Request) -> Self {
        Self(request.tools.iter().map(|tool| (tool.name.as_str(), tool)).collect())
    }

    fn namespace(&self, name: &str) -> Option<&'r (String, String)> {
        self.0.get(name).and_then(|tool| tool.namespace.as_ref())
    }

    fn is_free(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|tool| matches!(tool.kind, ToolKind::Free { .. }))
    }
}

fn refuse(request: &Request) -> Result<(), Untranslatable> {
    if !request.sampling.stop.is_empty() {
        return Err(Untranslatable::new(
            "stop",
            "OpenAI's Responses know no stop sequences; leave them out or use another model.",
        ));
    }
    if request.sampling.answers.is_some_and(|answers| answers > 1) {
        return Err(Untranslatable::new(
            "n",
            "OpenAI's Responses give one answer to a request; ask for one.",
        ));
    }
    Ok(())
}

fn note_losses(request: &Request, losses: &mut Losses) {
    let sampling = &request.sampling;
    let lost = [
        ("top_k", sampling.top_k.is_some()),
        ("seed", sampling.seed.is_some()),
        ("frequency_penalty", sampling.frequency_penalty.as_ref().is_some_and(is_not_zero)),
        ("presence_penalty", sampling.presence_penalty.as_ref().is_some_and(is_not_zero)),
    ];
    for (name, is_lost) in lost {
        if is_lost {
            losses.add(name);
        }
    }
}

fn is_not_zero(number: &serde_json::Number) -> bool {
    number.as_f64() != Some(0.0)
}

fn write_format(format: Option<&Format>) -> Value {
    let Some(format) = format else { return Value::Null };
    let format = match format {
        Format::Json => json!({"type": "json_object"}),
        Format::Schema { name, description, schema, strict } => {
            let name = if name.is_empty() { "answer" } else { name };
            let mut format = json!({"type": "json_schema", "name": name, "schema": schema});
            put_some(&mut format, "description", json!(description));
            put_some(&mut format, "strict", json!(strict));
            format
        }
    };
    json!({"format": format})
}

fn write_reasoning(reasoning: &Reasoning) -> Value {
    let mut value = json!({});
    put_some(&mut value, "effort", json!(effort(reasoning)));
    if reasoning.show == Some(true) {
        put_some(&mut value, "summary", json!("auto"));
    }
    value
}

fn end_user(request: &Request, losses: &mut Losses) -> Value {
    match &request.end_user {
        Some(user) if user.len() > LONGEST_USER => {
            losses.add("user");
            Value::Null
        }
        user => json!(user),
    }
}

/// Puts a member into an object unless it is null.
fn put_some(object: &mut Value, name: &str, value: Value) {
    if let (Some(members), false) = (object.as_object_mut(), value.is_null()) {
        members.insert(name.to_owned(), value);
    }
}
