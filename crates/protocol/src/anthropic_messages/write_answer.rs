//! The canonical answer in this dialect, in one piece.

use serde_json::{Value, json};

use super::calls::{fit_id, input};
use super::stop::{Held, write_stop};
use super::usage::usage_object;
use crate::canonical::{Answer, Asked, Block, Thought};

/// Writes an answer's body.
#[must_use]
pub fn write_answer(answer: &Answer, asked: Asked<'_>) -> Vec<u8> {
    let held = Held {
        calls: answer.blocks.iter().any(|block| matches!(block, Block::ToolCall(_))),
        refusal: answer.blocks.iter().any(|block| matches!(block, Block::Refusal(_))),
    };
    let content: Vec<Value> = answer
        .blocks
        .iter()
        .enumerate()
        .filter_map(|(place, block)| write_block(block, asked.call, place))
        .collect();
    let (reason, sequence) = write_stop(answer.stop.clone(), held);
    let body = json!({
        "id": message_id(answer.id.as_deref(), asked.call),
        "type": "message",
        "role": "assistant",
        "model": answer.model.as_deref().unwrap_or(&asked.request.model),
        "content": content,
        "stop_reason": reason,
        "stop_sequence": sequence,
        "usage": usage_object(&answer.usage.unwrap_or_default()),
    });
    body.to_string().into_bytes()
}

/// The upstream's id where it is one of this dialect, else one made of the call's.
pub(super) fn message_id(id: Option<&str>, call: &str) -> String {
    match id {
        Some(id) if id.starts_with("msg_") => id.to_owned(),
        _ => format!("msg_{}", call.strip_prefix("call_").unwrap_or(call)),
    }
}

/// The id of a call, where the upstream gave none one made of the gateway's call.
pub(super) fn tool_id(id: &str, call: &str, place: usize) -> String {
    if id.is_empty() {
        return fit_id(&format!("toolu_{}_{place}", call.strip_prefix("call_").unwrap_or(call)))
            .into_owned();
    }
    fit_id(id).into_owned()
}

fn write_block(block: &Block, call: &str, place: usize) -> Option<Value> {
    match block {
        // The client would send an empty text back, which Anthropic refuses.
        Block::Text(text) | Block::Refusal(text) if text.is_empty() => None,
        Block::Text(text) | Block::Refusal(text) => Some(json!({ "type": "text", "text": text })),
        Block::Thought(Thought { redacted: true, seal, .. }) => {
            seal.as_ref().map(|seal| json!({ "type": "redacted_thinking", "data": seal }))
        }
        Block::Thought(Thought { text, seal: None, .. }) if text.is_empty() => None,
        Block::Thought(Thought { text, seal, .. }) => Some(json!({
            "type": "thinking",
            "thinking": text,
            "signature": seal.as_deref().unwrap_or_default(),
        })),
        Block::ToolCall(made) => Some(json!({
            "type": "tool_use",
            "id": tool_id(&made.id, call, place),
            "name": made.name,
            "input": input(&made.arguments, false),
        })),
    }
}
