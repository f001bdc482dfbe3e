//! The blocks of a message: thoughts, text, calls.

use serde_json::{Value, json};

use crate::provider::reply::{Reply, set};
use crate::provider::seal::{Kind, seal};

/// All blocks, complete.
pub(super) fn blocks(reply: &Reply<'_>) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !reply.plan.thoughts.is_empty() {
        blocks.push(thinking(reply));
    }
    if has_text(reply) {
        blocks.push(json!({"type": "text", "text": reply.plan.pieces.concat()}));
    }
    for (index, call) in reply.plan.calls.iter().enumerate() {
        let mut block = tool_use(reply, index);
        set(&mut block, "name", call.name.as_str());
        set(&mut block, "input", call.input.clone());
        blocks.push(block);
    }
    blocks
}

pub(super) fn has_text(reply: &Reply<'_>) -> bool {
    !reply.plan.pieces.is_empty()
}

/// The thoughts as the request lets them be shown: with `"display": "omitted"` only their
/// signature.
pub(super) fn shown_thoughts<'a>(reply: &Reply<'a>) -> &'a [String] {
    let thinking = reply.asked.body.get("thinking");
    match thinking.and_then(|thinking| thinking.get("display")).and_then(Value::as_str) {
        Some("omitted") => &[],
        _ => &reply.plan.thoughts,
    }
}

/// The signature of the thoughts as they are shown.
pub(super) fn signature(reply: &Reply<'_>) -> String {
    seal(Kind::Thinking, &shown_thoughts(reply).concat())
}

/// A call without its name and input.
pub(super) fn tool_use(reply: &Reply<'_>, index: usize) -> Value {
    json!({"type": "tool_use", "id": reply.part_id("toolu_", index), "name": "", "input": {}})
}

fn thinking(reply: &Reply<'_>) -> Value {
    let thinking = shown_thoughts(reply).concat();
    json!({"type": "thinking", "thinking": thinking, "signature": signature(reply)})
}
