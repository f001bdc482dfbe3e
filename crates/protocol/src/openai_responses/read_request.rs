//! A request of this dialect, as a request between the dialects.

mod input;
mod tools;

use serde_json::{Map, Value};

use self::tools::Tools;
use crate::canonical::{
    Effort, Format, Losses, Part, Reasoning, Request, Role, Sampling, Turn, Untranslatable,
};

/// An object of the request. What is understood is taken out of it.
type Fields = Map<String, Value>;

/// Fields that are of no use elsewhere, and that nobody misses.
const SILENT: [&str; 10] = [
    "background",
    "client_metadata",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "stream_options",
    "store",
    "service_tier",
    "truncation",
    "include",
];

/// Reads a request.
///
/// # Errors
/// What another dialect cannot express, above all what only OpenAI has stored.
pub fn read_request(body: &[u8]) -> Result<(Request, Losses), Untranslatable> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
        return Err(Untranslatable::new("", "The body must be a JSON object."));
    };
    refuse_what_is_stored(&fields)?;
    let mut losses = Losses::default();
    note_losses(&fields, &mut losses);
    for name in SILENT {
        fields.remove(name);
    }

    let mut tools = Tools::default();
    tools.read(fields.remove("tools").unwrap_or_default(), "tools", &mut losses)?;
    let mut turns = Vec::new();
    let instructions = text(&mut fields, "instructions").filter(|words| !words.is_empty());
    if let Some(instructions) = instructions {
        turns.push(Turn { role: Role::System, parts: vec![Part::text(instructions)] });
    }
    input::read(fields.remove("input").unwrap_or_default(), &mut tools, &mut turns, &mut losses)?;
    let tool_choice =
        tools.read_choice(fields.remove("tool_choice").unwrap_or_default(), &mut losses)?;

    let request = Request {
        model: text(&mut fields, "model").unwrap_or_default(),
        stream: flag(&mut fields, "stream").unwrap_or(false),
        turns,
        tools: tools.into_list(),
        tool_choice,
        parallel_tool_calls: flag(&mut fields, "parallel_tool_calls"),
        max_output: fields.remove("max_output_tokens").and_then(|most| most.as_u64()),
        sampling: Sampling {
            temperature: number(&mut fields, "temperature"),
            top_p: number(&mut fields, "top_p"),
            ..Sampling::default()
        },
        format: read_text(fields.remove("text"), &mut losses)?,
        reasoning: read_reasoning(fields.remove("reasoning"), &mut losses),
        end_user: end_user(&mut fields),
        stream_usage: true,
    };
    for (name, value) in fields {
        if !is_nothing(&value) {
            losses.add(name);
        }
    }
    Ok((request, losses))
}

fn refuse_what_is_stored(fields: &Fields) -> Result<(), Untranslatable> {
    const STORED: &str = "refers to what is stored at OpenAI, which the provider of this model \
                          cannot see; send the whole conversation in `input` instead.";
    for name in ["previous_response_id", "conversation", "prompt"] {
        if fields.get(name).is_some_and(|value| !value.is_null()) {
            return Err(Untranslatable::new(name, format!("`{name}` {STORED}")));
        }
    }
    if fields.get("background") == Some(&Value::Bool(true)) {
        return Err(Untranslatable::new(
            "background",
            "The provider of this model cannot answer in the background; leave `background` out.",
        ));
    }
    Ok(())
}

/// Notes what was asked for in fields that are otherwise passed over.
fn note_losses(fields: &Fields, losses: &mut Losses) {
    let says = |name: &str| fields.get(name).and_then(Value::as_str);
    if fields.get("store") == Some(&Value::Bool(true)) {
        losses.add("store");
    }
    if says("truncation") == Some("auto") {
        losses.add("truncation");
    }
    if !matches!(says("service_tier"), None | Some("auto" | "default")) {
        losses.add("service_tier");
    }
    for included in fields.get("include").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = included.as_str().filter(|name| *name != "reasoning.encrypted_content")
        {
            losses.add(format!("include.{name}"));
        }
    }
}

fn read_text(value: Option<Value>, losses: &mut Losses) -> Result<Option<Format>, Untranslatable> {
    let Some(Value::Object(mut fields)) = value else { return Ok(None) };
    if !matches!(fields.get("verbosity").and_then(Value::as_str), None | Some("medium")) {
        losses.add("text.verbosity");
    }
    let Some(Value::Object(mut format)) = fields.remove("format") else { return Ok(None) };
    match text(&mut format, "type").as_deref() {
        None | Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Format::Json)),
        Some("json_schema") => Ok(Some(Format::Schema {
            name: text(&mut format, "name").unwrap_or_default(),
            description: text(&mut format, "description"),
            schema: format.remove("schema").unwrap_or_default(),
            strict: flag(&mut format, "strict"),
        })),
        Some(other) => Err(Untranslatable::new(
            "text.format",
            format!("The provider of this model knows no text format {other:?}."),
        )),
    }
}

fn read_reasoning(value: Option<Value>, losses: &mut Losses) -> Option<Reasoning> {
    let Some(Value::Object(mut fields)) = value else { return None };
    let summary = text(&mut fields, "summary").or_else(|| text(&mut fields, "generate_summary"));
    let effort = text(&mut fields, "effort");
    let word = effort.as_deref().and_then(effort_of_name);
    if effort.is_some() && word.is_none() {
        losses.add("reasoning.effort");
    }
    let show = summary.map(|summary| summary != "none");
    (word.is_some() || show.is_some()).then_some(Reasoning {
        effort: word,
        budget: None,
        adaptive: false,
        show,
    })
}

fn effort_of_name(name: &str) -> Option<Effort> {
    match name {
        "none" => Some(Effort::None),
        "minimal" => Some(Effort::Minimal),
        "low" => Some(Effort::Low),
        "medium" => Some(Effort::Medium),
        "high" => Some(Effort::High),
        "xhigh" | "max" => Some(Effort::Max),
        _ => None,
    }
}

fn end_user(fields: &mut Fields) -> Option<String> {
    let safety = text(fields, "safety_identifier");
    let user = text(fields, "user");
    safety.or(user)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn text(fields: &mut Fields, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn flag(fields: &mut Fields, name: &str) -> Option<bool> {
    fields.remove(name).and_then(|value| value.as_bool())
}

fn number(fields: &mut Fields, name: &str) -> Option<serde_json::Number> {
    match fields.remove(name) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}
