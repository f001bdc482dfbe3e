//! The items of a response's output: thoughts, the message, the calls.

use serde_json::{Value, json};

use crate::provider::reading;
use crate::provider::reply::{Reply, set};
use crate::provider::script::Finish;
use crate::provider::seal::{Kind, seal};
use crate::provider::tool_use::PlannedCall;

/// All items, complete.
pub(super) fn items(reply: &Reply<'_>) -> Vec<Value> {
    let mut items = Vec::new();
    if has_reasoning(reply) {
        items.push(reasoning(reply, true));
    }
    if has_message(reply) {
        items.push(message(reply, true));
    }
    for (index, planned) in reply.plan.calls.iter().enumerate() {
        items.push(call(reply, index, planned, true));
    }
    items
}

pub(super) fn has_reasoning(reply: &Reply<'_>) -> bool {
    !reply.plan.thoughts.is_empty()
}

pub(super) fn has_message(reply: &Reply<'_>) -> bool {
    !reply.plan.pieces.is_empty() || reply.plan.calls.is_empty()
}

/// The summary of the thoughts; empty unless the request asks for summaries.
pub(super) fn summary(reply: &Reply<'_>) -> String {
    let asked = reply.echo("reasoning").get("summary").is_some_and(|summary| !summary.is_null());
    if asked { reply.plan.thoughts.concat() } else { String::new() }
}

pub(super) fn reasoning(reply: &Reply<'_>, complete: bool) -> Value {
    let summary = summary(reply);
    let parts = if complete && !summary.is_empty() {
        json!([{"type": "summary_text", "text": summary}])
    } else {
        json!([])
    };
    let mut item = json!({"id": reply.id("rs_"), "type": "reasoning", "summary": parts});
    let wanted = reading::list(&reply.asked.body, "include");
    if wanted.iter().any(|it| it == "reasoning.encrypted_content") {
        set(&mut item, "encrypted_content", seal(Kind::Reasoning, &summary));
    }
    item
}

pub(super) fn message(reply: &Reply<'_>, complete: bool) -> Value {
    let content = if complete { vec![text_part(&reply.plan.pieces.concat())] } else { Vec::new() };
    json!({
        "id": reply.id("msg_"),
        "type": "message",
        "status": if complete { last_status(reply) } else { "in_progress" },
        "role": "assistant",
        "content": content,
    })
}

pub(super) fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

/// A call; incomplete, it has no arguments yet.
pub(super) fn call(
    reply: &Reply<'_>,
    index: usize,
    planned: &PlannedCall,
    complete: bool,
) -> Value {
    let text = if complete { planned.text() } else { String::new() };
    let (kind, prefix, field) = if planned.custom {
        ("custom_tool_call", "ctc_", "input")
    } else {
        ("function_call", "fc_", "arguments")
    };
    let mut item = json!({
        "id": reply.part_id(prefix, index),
        "type": kind,
        "status": if complete { "completed" } else { "in_progress" },
        "call_id": reply.part_id("call_", index),
        "name": planned.name,
    });
    set(&mut item, field, text);
    if let Some(namespace) = &planned.namespace {
        set(&mut item, "namespace", namespace.as_str());
    }
    item
}

/// The status of the item with which the answer breaks off.
fn last_status(reply: &Reply<'_>) -> &'static str {
    match reply.plan.finish {
        Finish::Length | Finish::ContentFilter | Finish::Failed => "incomplete",
        Finish::Stop | Finish::ToolCalls => "completed",
    }
}
