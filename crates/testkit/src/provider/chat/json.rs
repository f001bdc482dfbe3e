//! A chat answer as one JSON document.

use serde::Serialize;
use serde_json::{Value, json};

use super::{finish_reason, tool_call, usage};
use crate::provider::reply::{Reply, set};
use crate::provider::steps::Step;

/// The document's steps.
pub(in crate::provider) fn steps(reply: &Reply<'_>) -> Vec<Step> {
    let message = message(reply);
    let completion = Completion {
        id: reply.id("chatcmpl-"),
        object: "chat.completion",
        created: reply.stamp.created,
        model: &reply.asked.model,
        choices: (0..reply.plan.choices)
            .map(|index| Choice {
                index,
                message: message.clone(),
                logprobs: None,
                finish_reason: finish_reason(reply.plan.finish),
            })
            .collect(),
        obfuscation: reply.padding(),
    };
    let reported = reply.reported(|| usage(reply.plan.counts.tokens));
    reply.document(&completion, reported.map(|reported| ("usage", reported)))
}

fn message(reply: &Reply<'_>) -> Value {
    let plan = reply.plan;
    let content = plan.pieces.concat();
    let mut message = json!({"role": "assistant", "content": content, "refusal": null});
    if !plan.thoughts.is_empty() {
        set(&mut message, "reasoning_content", plan.thoughts.concat());
    }
    if !plan.calls.is_empty() {
        let calls = plan.calls.iter().enumerate();
        set(
            &mut message,
            "tool_calls",
            calls
                .map(|(index, call)| tool_call(reply, index, call, &call.text()))
                .collect::<Value>(),
        );
        if content.is_empty() {
            set(&mut message, "content", Value::Null);
        }
    }
    message
}

#[derive(Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obfuscation: Option<String>,
}

#[derive(Serialize)]
struct Choice {
    index: u64,
    message: Value,
    logprobs: Option<()>,
    finish_reason: &'static str,
}
