//! An answer of this dialect in one piece, read into the form between the dialects. Of several
//! choices the first is read.

use serde_json::Value;

use super::error::read_upstream_error;
use super::response::read_whole;
use super::{finish, signature};
use crate::canonical::{Answer, Block, Thought, ToolCall, ToolNames, UpstreamFailure, free_text};

/// How much of an answer's id goes into the ids that are made for its calls.
const LONGEST_STEM: usize = 24;

/// Reads an answer's body.
///
/// # Errors
/// The body is an error (some vendors send one with status 200), or no answer at all.
pub fn read_answer(body: &[u8], names: &ToolNames) -> Result<Answer, UpstreamFailure> {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let answer = parsed.as_ref().and_then(Value::as_object);
    let choice = answer.and_then(|answer| answer.get("choices")?.get(0));
    let failed = answer.is_some_and(|answer| answer.get("error").is_some_and(|e| !e.is_null()));
    let (Some(answer), Some(choice), false) = (answer, choice, failed) else {
        return Err(read_failure(body));
    };
    let text = |name: &str| {
        let text = answer.get(name)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let id = text("id");
    let message = choice.get("message");
    let blocks = message.map(|message| read_message(message, id.as_deref(), names));
    let blocks = blocks.unwrap_or_default();
    let has_calls = blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
    let stop = choice.get("finish_reason").and_then(Value::as_str);
    Ok(Answer {
        id,
        model: text("model"),
        created: answer.get("created").and_then(Value::as_i64),
        blocks,
        stop: stop.map(|word| finish::read(word, has_calls)),
        usage: read_whole(body).ok().and_then(|whole| whole.usage.ok().flatten()),
    })
}

/// What an upstream said went wrong.
pub(super) fn read_failure(body: &[u8]) -> UpstreamFailure {
    let error = read_upstream_error(body);
    let message = error.message.or_else(|| Some("The upstream sent no answer.".to_owned()));
    UpstreamFailure { message, kind: error.kind, code: error.code }
}

/// The id of a call that came without one: of the answer's id, so that calls of one conversation
/// are told apart, and the call's number.
pub(super) fn made_id(answer: Option<&str>, number: u32) -> String {
    let answer = answer.unwrap_or_default().rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    match answer.unwrap_or_default() {
        "" => format!("call_{number}"),
        id => format!("call_{}_{number}", id.get(..LONGEST_STEM).unwrap_or(id)),
    }
}

fn read_message(message: &Value, answer: Option<&str>, names: &ToolNames) -> Vec<Block> {
    let said = |name: &str| message.get(name)?.as_str().filter(|text| !text.is_empty());
    let mut blocks = Vec::new();
    if let Some(text) = said("reasoning_content").or_else(|| said("reasoning")) {
        blocks.push(thought(text.to_owned()));
    }
    match message.get("content") {
        Some(Value::String(text)) if !text.is_empty() => blocks.push(Block::Text(text.clone())),
        Some(Value::Array(parts)) => blocks.extend(parts.iter().filter_map(read_part)),
        _ => {}
    }
    blocks.extend(said("refusal").map(|words| Block::Refusal(words.to_owned())));
    let calls = message.get("tool_calls").and_then(Value::as_array);
    for (number, call) in (0_u32..).zip(calls.into_iter().flatten()) {
        blocks.extend(read_call(call, made_id(answer, number), names).map(Block::ToolCall));
    }
    if let Some(function) = message.get("function_call") {
        let call = read_function(function, made_id(answer, 0), names);
        blocks.extend(call.map(Block::ToolCall));
    }
    blocks
}

fn thought(text: String) -> Block {
    Block::Thought(Thought { text, ..Thought::default() })
}

/// A part of content in parts, as Mistral sends it where the model thinks.
fn read_part(part: &Value) -> Option<Block> {
    match part.get("thinking") {
        Some(Value::String(text)) => Some(thought(text.clone())),
        Some(Value::Array(parts)) => {
            Some(thought(parts.iter().filter_map(|part| part.get("text")?.as_str()).collect()))
        }
        _ => part.get("text")?.as_str().map(|text| Block::Text(text.to_owned())),
    }
}

fn read_call(call: &Value, made_id: String, names: &ToolNames) -> Option<ToolCall> {
    let id = call.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.map_or(made_id, str::to_owned);
    let mut read = match call.get("custom") {
        Some(custom) => {
            let name = names.here(custom.get("name")?.as_str()?).to_owned();
            let arguments = free_text::wrap(custom.get("input")?.as_str()?);
            ToolCall { id, name, arguments, signature: None }
        }
        None => read_function(call.get("function")?, id, names)?,
    };
    read.signature = call.get("extra_content").and_then(signature::read);
    Some(read)
}

fn read_function(function: &Value, id: String, names: &ToolNames) -> Option<ToolCall> {
    let name = names.here(function.get("name")?.as_str()?).to_owned();
    let arguments = match function.get("arguments") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
        Some(object @ Value::Object(_)) => object.to_string(),
        _ => "{}".to_owned(),
    };
    Some(ToolCall { id, name, arguments, signature: None })
}
