//! A Gemini answer: one document, or the same in chunks.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{signature, usage};
use crate::provider::refusal::{Family, Refusal};
use crate::provider::reply::{Reply, event, set};
use crate::provider::script::Finish;
use crate::provider::steps::Step;
use crate::provider::usage::Usage;

/// The answer as one JSON document.
pub(in crate::provider) fn json_steps(reply: &Reply<'_>) -> Vec<Step> {
    let plan = reply.plan;
    let mut parts = Vec::new();
    if !plan.thoughts.is_empty() {
        parts.push(json!({"text": plan.thoughts.concat(), "thought": true}));
    }
    if !plan.pieces.is_empty() || plan.calls.is_empty() {
        parts.push(json!({"text": plan.pieces.concat()}));
    }
    parts.extend((0..plan.calls.len()).filter_map(|index| call(reply, index)));
    let candidates: Vec<Value> =
        (0..plan.choices).map(|index| candidate(reply, index, json!(parts), true)).collect();
    let body = chunk(reply, json!(candidates), None);
    let reported = reply.reported(|| usage(plan.counts.usage));
    reply.document(&body, reported.map(|reported| ("usageMetadata", reported)))
}

/// The answer as a stream: each chunk with the usage so far, the last one with the reason to end.
pub(in crate::provider) fn stream_steps(reply: &Reply<'_>) -> Vec<Step> {
    let plan = reply.plan;
    let mut score = reply.score();
    let mut frames = Frames { array: reply.asked.json_array, first: true };
    let mut said = 0;
    for thought in &plan.thoughts {
        let part = json!({"text": thought, "thought": true});
        score.content(frames.frame(&piece(reply, 0, part, so_far(reply, said))));
    }
    for text in &plan.pieces {
        for index in 0..plan.choices {
            said += 1;
            let part = json!({"text": text});
            score.content(frames.frame(&piece(reply, index, part, so_far(reply, said))));
        }
    }
    for number in 0..plan.calls.len() {
        for index in 0..plan.choices {
            let Some(part) = call(reply, number) else { continue };
            said += 1;
            score.content(frames.frame(&piece(reply, index, part, so_far(reply, said))));
        }
    }
    let last: Vec<Value> = (0..plan.choices)
        .map(|index| candidate(reply, index, json!([{"text": ""}]), true))
        .collect();
    let end = if frames.array { Bytes::from_static(b"]") } else { Bytes::new() };
    match reply.reported(|| usage(plan.counts.usage)) {
        Some(reported) => {
            let last = chunk(reply, json!(last), Some(reported.clone()));
            score.usage(frames.frame(&last), reported);
        }
        None => score.frame(frames.frame(&chunk(reply, json!(last), None))),
    }
    score.finish(end)
}

/// An error inside a stream.
pub(in crate::provider) fn error_event(reply: &Reply<'_>, message: &str, events: u64) -> Bytes {
    let body = Refusal::new(503, message).body(Family::Gemini);
    let mut frames = Frames { array: reply.asked.json_array, first: events == 0 };
    let mut bytes = frames.frame(&body).to_vec();
    if frames.array {
        bytes.push(b']');
    }
    bytes.into()
}

/// How chunks follow each other: as events, or as an array's items.
struct Frames {
    array: bool,
    first: bool,
}

impl Frames {
    fn frame(&mut self, data: &Value) -> Bytes {
        if !self.array {
            return event(&data.to_string());
        }
        let before = if std::mem::take(&mut self.first) { "[" } else { ",\r\n" };
        format!("{before}{data}").into()
    }
}

/// The usage that a chunk shows before the last one; a lie is told at the end only.
fn so_far(reply: &Reply<'_>, said: u64) -> Option<Value> {
    if reply.script.omit_usage || reply.script.usage_override.is_some() {
        return None;
    }
    let whole = reply.plan.counts.usage;
    let output = whole.reasoning.saturating_add(said).min(whole.output);
    Some(usage(Usage { output, ..whole }))
}

fn piece(reply: &Reply<'_>, index: u64, part: Value, usage: Option<Value>) -> Value {
    chunk(reply, json!([candidate(reply, index, json!([part]), false)]), usage)
}

fn candidate(reply: &Reply<'_>, index: u64, parts: Value, last: bool) -> Value {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": index});
    if last {
        set(&mut candidate, "finishReason", finish_reason(reply.plan.finish));
    }
    candidate
}

fn chunk(reply: &Reply<'_>, candidates: Value, usage: Option<Value>) -> Value {
    let mut chunk = json!({
        "candidates": candidates,
        "modelVersion": reply.asked.model,
        "responseId": reply.id(""),
    });
    if let Some(usage) = usage {
        set(&mut chunk, "usageMetadata", usage);
    }
    chunk
}

fn call(reply: &Reply<'_>, index: usize) -> Option<Value> {
    let call = reply.plan.calls.get(index)?;
    let id = reply.part_id("", index);
    let mut part = json!({"functionCall": {"id": id, "name": call.name, "args": call.input}});
    if index == 0 {
        set(&mut part, "thoughtSignature", signature(&call.name, &call.input));
    }
    Some(part)
}

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::ToolCalls | Finish::Failed => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::ContentFilter => "SAFETY",
    }
}
