//! A chat answer as a stream: the role, the thoughts, the content, the tool calls, the reason it
//! ended, the usage if asked for, `[DONE]`.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::{finish_reason, tool_call, usage};
use crate::provider::refusal::{Family, Refusal};
use crate::provider::reply::{Reply, event, set, to_text};
use crate::provider::steps::Step;

/// The stream's steps.
pub(in crate::provider) fn steps(reply: &Reply<'_>) -> Vec<Step> {
    let (asked, plan) = (reply.asked, reply.plan);
    let mut score = reply.score();
    for index in 0..plan.choices {
        let role = json!({"role": "assistant", "content": "", "refusal": null});
        score.frame(delta(reply, index, role, None));
    }
    for thought in &plan.thoughts {
        score.content(delta(reply, 0, json!({"reasoning_content": thought}), None));
    }
    for piece in &plan.pieces {
        for index in 0..plan.choices {
            score.content(delta(reply, index, json!({"content": piece}), None));
        }
    }
    for (number, call) in plan.calls.iter().enumerate() {
        for index in 0..plan.choices {
            let mut first = tool_call(reply, number, call, "");
            set(&mut first, "index", number);
            score.frame(delta(reply, index, json!({"tool_calls": [first]}), None));
            for piece in &call.pieces {
                let inner = if call.custom {
                    json!({"index": number, "custom": {"input": piece}})
                } else {
                    json!({"index": number, "function": {"arguments": piece}})
                };
                score.content(delta(reply, index, json!({"tool_calls": [inner]}), None));
            }
        }
    }
    for index in 0..plan.choices {
        score.frame(delta(reply, index, json!({}), Some(finish_reason(plan.finish))));
    }
    if asked.include_usage
        && let Some(reported) = reply.reported(|| usage(plan.counts.tokens))
    {
        score.usage(chunk(reply, json!([]), Some(reported.clone())), reported);
    }
    score.finish(if reply.script.no_done { Bytes::new() } else { event("[DONE]") })
}

/// An error inside a stream.
pub(in crate::provider) fn error_event(message: &str) -> Bytes {
    event(&Refusal::new(500, message).body(Family::OpenAi).to_string())
}

fn delta(reply: &Reply<'_>, index: u64, delta: Value, finish: Option<&str>) -> Bytes {
    let choice = json!({"index": index, "delta": delta, "logprobs": null, "finish_reason": finish});
    chunk(reply, json!([choice]), None)
}

fn chunk(reply: &Reply<'_>, choices: Value, usage: Option<Value>) -> Bytes {
    event(&to_text(&Chunk {
        id: reply.id("chatcmpl-"),
        object: "chat.completion.chunk",
        created: reply.stamp.created,
        model: &reply.asked.model,
        choices,
        obfuscation: reply.padding(),
        usage: usage.or_else(|| reply.asked.include_usage.then_some(Value::Null)),
    }))
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    obfuscation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Value>,
}
