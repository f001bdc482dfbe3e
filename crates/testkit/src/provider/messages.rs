//! Anthropic's Messages: `POST /v1/messages`, JSON and SSE, and `POST /v1/messages/count_tokens`.
//!
//! Shapes as in Anthropic's API reference, "Messages" and "Streaming Messages".

mod check;
mod check_content;
mod check_order;
mod content;
mod read;
mod stream;

pub(super) use check::{Head, check, check_count};
pub(super) use read::read;
pub(super) use stream::{error_event, steps as stream_steps};

use serde_json::{Value, json};

use super::reply::Reply;
use super::script::Finish;
use super::steps::Step;
use super::usage::Usage;

/// The answer as one JSON document.
pub(super) fn json_steps(reply: &Reply<'_>) -> Vec<Step> {
    let body = json!({
        "id": reply.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": reply.asked.model,
        "content": content::blocks(reply),
        "stop_reason": stop_reason(reply.plan.finish),
        "stop_sequence": null,
    });
    let reported = reply.reported(|| usage(reply.plan.counts.usage));
    reply.document(&body, reported.map(|reported| ("usage", reported)))
}

fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Failed => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::ContentFilter => "refusal",
    }
}

/// The true usage in Anthropic's shape, where `input_tokens` is the input outside of all caches.
fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write.saturating_add(usage.cache_write_1h),
        "cache_read_input_tokens": usage.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output,
        "service_tier": "standard",
    })
}
