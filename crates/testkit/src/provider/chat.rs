//! OpenAI's Chat Completions: `POST /v1/chat/completions`, JSON and SSE.
//!
//! Shapes as in OpenAI's API reference, "Create chat completion" and "Chat completion chunk".
//! Thoughts travel as `reasoning_content`, as other makers' chat APIs have it.

mod check;
mod json;
mod read;
mod stream;

pub(super) use check::check;
pub(super) use json::steps as json_steps;
pub(super) use read::read;
pub(super) use stream::{error_event, steps as stream_steps};

use serde_json::{Value, json};

use super::books::TokenCounts;
use super::reply::Reply;
use super::script::Finish;
use super::tool_use::PlannedCall;

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Failed => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}

/// A call with these arguments, which a stream sends in pieces.
fn tool_call(reply: &Reply<'_>, index: usize, call: &PlannedCall, arguments: &str) -> Value {
    let id = reply.part_id("call_", index);
    if call.custom {
        return json!({"id": id, "type": "custom", "custom": {"name": call.name, "input": arguments}});
    }
    let function = json!({"name": call.name, "arguments": arguments});
    json!({"id": id, "type": "function", "function": function})
}

/// The true usage in OpenAI's shape.
pub(super) fn usage(tokens: TokenCounts) -> Value {
    json!({
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt.saturating_add(tokens.completion),
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
