//! A response as a stream: every event numbered, each item opened, filled and closed.

use bytes::Bytes;
use serde_json::{Value, json};

use super::output;
use crate::provider::reply::{Reply, Score, named_event, set};
use crate::provider::steps::Step;
use crate::provider::tool_use::PlannedCall;

/// The stream's steps.
pub(in crate::provider) fn steps(reply: &Reply<'_>) -> Vec<Step> {
    let mut writer = Writer { reply, score: reply.score(), sequence: 0, items: 0 };
    for name in ["response.created", "response.in_progress"] {
        let response = super::object(reply, "in_progress", Vec::new());
        writer.frame(name, json!({"response": response}));
    }
    if output::has_reasoning(reply) {
        writer.reasoning();
    }
    if output::has_message(reply) {
        writer.message();
    }
    for (index, call) in reply.plan.calls.iter().enumerate() {
        writer.call(index, call);
    }
    writer.end()
}

/// An error inside a stream, after so many events.
pub(in crate::provider) fn error_event(reply: &Reply<'_>, message: &str, events: u64) -> Bytes {
    let mut response = super::object(reply, "failed", Vec::new());
    set(&mut response, "error", super::failure(message));
    let data = json!({"type": "response.failed", "sequence_number": events, "response": response});
    named_event("response.failed", &data)
}

struct Writer<'a> {
    reply: &'a Reply<'a>,
    score: Score,
    sequence: u64,
    /// How many items are closed.
    items: u64,
}

impl Writer<'_> {
    fn reasoning(&mut self) {
        let (reply, at) = (self.reply, self.items);
        let id = reply.id("rs_");
        let place = |fields: Value| {
            with(fields, json!({"item_id": id, "output_index": at, "summary_index": 0}))
        };
        self.open(output::reasoning(reply, false));
        let summary = output::summary(reply);
        if !summary.is_empty() {
            let part = |text: &str| json!({"part": {"type": "summary_text", "text": text}});
            self.frame("response.reasoning_summary_part.added", place(part("")));
            for thought in &reply.plan.thoughts {
                let delta = place(json!({"delta": thought}));
                self.content("response.reasoning_summary_text.delta", delta);
            }
            self.frame("response.reasoning_summary_text.done", place(json!({"text": summary})));
            self.frame("response.reasoning_summary_part.done", place(part(&summary)));
        }
        self.close(output::reasoning(reply, true));
    }

    fn message(&mut self) {
        let (reply, at) = (self.reply, self.items);
        let id = reply.id("msg_");
        let place = |fields: Value| {
            with(fields, json!({"item_id": id, "output_index": at, "content_index": 0}))
        };
        self.open(output::message(reply, false));
        self.frame("response.content_part.added", place(json!({"part": output::text_part("")})));
        for piece in &reply.plan.pieces {
            let delta = place(json!({"delta": piece, "logprobs": []}));
            self.content("response.output_text.delta", delta);
        }
        let text = reply.plan.pieces.concat();
        let done = place(json!({"text": text, "logprobs": []}));
        self.frame("response.output_text.done", done);
        let part = output::text_part(&text);
        self.frame("response.content_part.done", place(json!({"part": part})));
        self.close(output::message(reply, true));
    }

    fn call(&mut self, index: usize, call: &PlannedCall) {
        let (reply, at) = (self.reply, self.items);
        let (events, field, prefix) = if call.custom {
            ("response.custom_tool_call_input", "input", "ctc_")
        } else {
            ("response.function_call_arguments", "arguments", "fc_")
        };
        let id = reply.part_id(prefix, index);
        let place = |fields: Value| with(fields, json!({"item_id": id, "output_index": at}));
        self.open(output::call(reply, index, call, false));
        for piece in &call.pieces {
            self.content(&format!("{events}.delta"), place(json!({"delta": piece})));
        }
        let mut done = place(json!({}));
        set(&mut done, field, call.text());
        self.frame(&format!("{events}.done"), done);
        self.close(output::call(reply, index, call, true));
    }

    fn open(&mut self, item: Value) {
        let data = json!({"output_index": self.items, "item": item});
        self.frame("response.output_item.added", data);
    }

    fn close(&mut self, item: Value) {
        let data = json!({"output_index": self.items, "item": item});
        self.frame("response.output_item.done", data);
        self.items += 1;
    }

    /// The last event, which carries the usage.
    fn end(mut self) -> Vec<Step> {
        let response = super::finished(self.reply);
        let reported = self.reply.reported(|| response.get("usage").cloned().unwrap_or_default());
        let status = response.get("status").and_then(Value::as_str).unwrap_or_default();
        let last = self.event(&format!("response.{status}"), json!({"response": response}));
        match reported {
            Some(reported) => {
                self.score.usage(last, reported);
                self.score.finish(Bytes::new())
            }
            None => self.score.finish(last),
        }
    }

    fn frame(&mut self, name: &str, data: Value) {
        let bytes = self.event(name, data);
        self.score.frame(bytes);
    }

    fn content(&mut self, name: &str, mut data: Value) {
        if let Some(padding) = self.reply.padding() {
            set(&mut data, "obfuscation", padding);
        }
        let bytes = self.event(name, data);
        self.score.content(bytes);
    }

    fn event(&mut self, name: &str, data: Value) -> Bytes {
        let head = json!({"type": name, "sequence_number": self.sequence});
        self.sequence += 1;
        named_event(name, &with(data, head))
    }
}

/// An object with more fields.
fn with(mut fields: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    fields
}
