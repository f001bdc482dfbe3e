//! A message as a stream: each block opened, filled and closed between `message_start` and
//! `message_stop`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{content, stop_reason, usage};
use crate::provider::refusal::anthropic_type;
use crate::provider::reply::{Reply, Score, named_event, set};
use crate::provider::steps::Step;
use crate::provider::usage::Usage;

/// The stream's steps.
pub(in crate::provider) fn steps(reply: &Reply<'_>) -> Vec<Step> {
    let mut writer = Writer { score: reply.score(), blocks: 0 };
    writer.score.frame(start(reply));
    if !reply.plan.thoughts.is_empty() {
        writer.open(json!({"type": "thinking", "thinking": "", "signature": ""}));
        for thought in content::shown_thoughts(reply) {
            writer.content(json!({"type": "thinking_delta", "thinking": thought}));
        }
        let signature = content::signature(reply);
        writer.frame(json!({"type": "signature_delta", "signature": signature}));
        writer.close();
    }
    if content::has_text(reply) {
        writer.open(json!({"type": "text", "text": ""}));
        for piece in &reply.plan.pieces {
            writer.content(json!({"type": "text_delta", "text": piece}));
        }
        writer.close();
    }
    for (index, call) in reply.plan.calls.iter().enumerate() {
        let mut block = content::tool_use(reply, index);
        set(&mut block, "name", call.name.as_str());
        writer.open(block);
        writer.frame(json!({"type": "input_json_delta", "partial_json": ""}));
        for piece in &call.pieces {
            writer.content(json!({"type": "input_json_delta", "partial_json": piece}));
        }
        writer.close();
    }
    let mut end = json!({
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason(reply.plan.finish), "stop_sequence": null},
    });
    match reply.reported(|| usage(reply.plan.counts.usage)) {
        Some(reported) => {
            set(&mut end, "usage", reported.clone());
            writer.score.usage(named_event("message_delta", &end), reported);
        }
        None => writer.score.frame(named_event("message_delta", &end)),
    }
    let stop = named_event("message_stop", &json!({"type": "message_stop"}));
    writer.score.finish(if reply.script.no_done { Bytes::new() } else { stop })
}

/// An error inside a stream.
pub(in crate::provider) fn error_event(message: &str) -> Bytes {
    let error = json!({"type": anthropic_type(529), "message": message});
    named_event("error", &json!({"type": "error", "error": error}))
}

/// The first event says what was read; of what is written it knows nothing yet.
fn start(reply: &Reply<'_>) -> Bytes {
    let mut message = json!({
        "id": reply.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": reply.asked.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
    });
    let so_far = Usage { output: 1, reasoning: 0, ..reply.plan.counts.usage };
    if let Some(reported) = reply.reported(|| usage(so_far)) {
        set(&mut message, "usage", reported);
    }
    named_event("message_start", &json!({"type": "message_start", "message": message}))
}

struct Writer {
    score: Score,
    /// How many blocks are closed.
    blocks: u64,
}

impl Writer {
    fn open(&mut self, block: Value) {
        let data =
            json!({"type": "content_block_start", "index": self.blocks, "content_block": block});
        self.score.frame(named_event("content_block_start", &data));
        if self.blocks == 0 {
            self.score.frame(named_event("ping", &json!({"type": "ping"})));
        }
    }

    fn frame(&mut self, delta: Value) {
        let bytes = self.delta(delta);
        self.score.frame(bytes);
    }

    fn content(&mut self, delta: Value) {
        let bytes = self.delta(delta);
        self.score.content(bytes);
    }

    fn delta(&self, delta: Value) -> Bytes {
        let data = json!({"type": "content_block_delta", "index": self.blocks, "delta": delta});
        named_event("content_block_delta", &data)
    }

    fn close(&mut self) {
        let data = json!({"type": "content_block_stop", "index": self.blocks});
        self.score.frame(named_event("content_block_stop", &data));
        self.blocks += 1;
    }
}
