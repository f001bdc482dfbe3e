//! An answer in one piece, in this dialect ("The chat completion object").

use serde_json::{Map, Value, json};

use super::write_usage::write_usage;
use super::{finish, signature};
use crate::canonical::{Answer, Asked, Block, Request, ToolCall, ToolKind, free_text};

/// What sets two thoughts apart, or two texts with something else between them, since a message has
/// one place for all of a kind. Texts that follow one another are pieces of one.
pub(super) const APART: &str = "\n\n";

/// Writes an answer's body for a client of this dialect.
#[must_use]
pub fn write_answer(answer: &Answer, asked: Asked<'_>) -> Vec<u8> {
    let has_calls = answer.blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
    let stop = answer.stop.as_ref().map(|stop| finish::write(stop, has_calls));
    let mut body = json!({
        "id": answer_id(answer.id.as_deref(), asked.call),
        "object": "chat.completion",
        "created": answer.created.unwrap_or(asked.now),
        "model": asked.request.model,
        "choices": [{
            "index": 0,
            "message": write_message(&answer.blocks, asked.request),
            "logprobs": null,
            "finish_reason": stop,
        }],
    });
    if let (Some(body), Some(usage)) = (body.as_object_mut(), &answer.usage) {
        body.insert("usage".to_owned(), write_usage(usage));
    }
    body.to_string().into_bytes()
}

/// The upstream's id where it has this dialect's form, else one made of the call's.
pub(super) fn answer_id(upstream: Option<&str>, call: &str) -> String {
    match upstream {
        Some(id) if id.starts_with("chatcmpl-") => id.to_owned(),
        _ => format!("chatcmpl-{}", call.strip_prefix("call_").unwrap_or(call)),
    }
}

/// Whether a tool of the request takes free text.
pub(super) fn is_free(request: &Request, name: &str) -> bool {
    request.tool(name).is_some_and(|tool| matches!(tool.kind, ToolKind::Free { .. }))
}

fn write_message(blocks: &[Block], request: &Request) -> Value {
    let mut text = String::new();
    let mut thoughts = String::new();
    let mut refusal = String::new();
    let mut calls = Vec::new();
    let mut after_text = false;
    for block in blocks {
        match block {
            Block::Text(more) => {
                if !after_text && !text.is_empty() {
                    text.push_str(APART);
                }
                text.push_str(more);
            }
            Block::Thought(thought) => {
                if !thoughts.is_empty() && !thought.text.is_empty() {
                    thoughts.push_str(APART);
                }
                thoughts.push_str(&thought.text);
            }
            Block::Refusal(words) => refusal.push_str(words),
            Block::ToolCall(call) => calls.push(write_call(call, request)),
        }
        after_text = matches!(block, Block::Text(_));
    }
    let given = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    let content = match calls.is_empty() && refusal.is_empty() {
        true => Value::String(text),
        false => given(text),
    };
    let mut message = Map::new();
    message.insert("role".to_owned(), json!("assistant"));
    message.insert("content".to_owned(), content);
    message.insert("refusal".to_owned(), given(refusal));
    if !thoughts.is_empty() {
        message.insert("reasoning_content".to_owned(), Value::String(thoughts));
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Value::Object(message)
}

fn write_call(call: &ToolCall, request: &Request) -> Value {
    let name = &call.name;
    let mut written = if is_free(request, name) {
        let input = free_text::unwrap_arguments(&call.arguments);
        let input = input.as_ref().unwrap_or(&call.arguments);
        json!({"id": call.id, "type": "custom", "custom": {"name": name, "input": input}})
    } else {
        let arguments = if call.arguments.is_empty() { "{}" } else { call.arguments.as_str() };
        let function = json!({"name": name, "arguments": arguments});
        json!({"id": call.id, "type": "function", "function": function})
    };
    if let (Some(written), Some(seal)) = (written.as_object_mut(), &call.signature) {
        written.insert("extra_content".to_owned(), signature::write(seal));
    }
    written
}
