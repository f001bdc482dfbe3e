//! OpenAI's Responses: `POST /v1/responses`, JSON and SSE, and the responses that are kept for
//! `GET` and `DELETE /v1/responses/{id}` and for `previous_response_id`.
//!
//! Shapes as in OpenAI's API reference, "Create a model response" and "Streaming events".

mod check;
mod check_input;
mod output;
mod read;
mod shelf;
mod stream;

pub(super) use check::check;
pub(super) use read::read;
pub(super) use shelf::Shelf;
pub(super) use stream::{error_event, steps as stream_steps};

use serde_json::{Value, json};

use super::books::TokenCounts;
use super::refusal::Refusal;
use super::reply::{Reply, set};
use super::script::Finish;
use super::steps::Step;

/// The answer as one JSON document.
pub(super) fn json_steps(reply: &Reply<'_>) -> Vec<Step> {
    let mut body = finished(reply);
    if let Some(fields) = body.as_object_mut() {
        fields.remove("usage");
    }
    let reported = reply.reported(|| usage(reply.plan.counts.tokens));
    reply.document(&body, reported.map(|reported| ("usage", reported)))
}

/// The whole response as it is after its last event.
pub(super) fn finished(reply: &Reply<'_>) -> Value {
    let (status, reason) = match reply.plan.finish {
        Finish::Stop | Finish::ToolCalls => ("completed", None),
        Finish::Length => ("incomplete", Some("max_output_tokens")),
        Finish::ContentFilter => ("incomplete", Some("content_filter")),
        Finish::Failed => ("failed", None),
    };
    let mut response = object(reply, status, output::items(reply));
    if let Some(reason) = reason {
        set(&mut response, "incomplete_details", json!({"reason": reason}));
    }
    if status == "failed" {
        set(&mut response, "error", failure("The model failed to answer."));
    }
    let reported = reply.reported(|| usage(reply.plan.counts.tokens));
    set(&mut response, "usage", reported.unwrap_or_default());
    response
}

/// The refusal of an id that names nothing kept.
pub(super) fn not_found(id: &str, param: &str) -> Refusal {
    let previous = param == "previous_response_id";
    let what = if previous { "Previous response" } else { "Response" };
    Refusal {
        param: Some(param.to_owned()),
        code: previous.then_some("previous_response_not_found"),
        ..Refusal::new(404, format!("{what} with id '{id}' not found."))
    }
}

fn failure(message: &str) -> Value {
    json!({"code": "server_error", "message": message})
}

/// The response object, without usage.
fn object(reply: &Reply<'_>, status: &str, output: Vec<Value>) -> Value {
    let or = |field: &str, default: Value| match reply.echo(field) {
        Value::Null => default,
        value => value,
    };
    let reasoning = reply.echo("reasoning");
    let of_reasoning = |field: &str| reasoning.get(field).cloned().unwrap_or_default();
    json!({
        "id": reply.id("resp_"),
        "object": "response",
        "created_at": reply.stamp.created,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": reply.echo("instructions"),
        "max_output_tokens": reply.echo("max_output_tokens"),
        "max_tool_calls": reply.echo("max_tool_calls"),
        "model": reply.asked.model,
        "output": output,
        "parallel_tool_calls": or("parallel_tool_calls", json!(true)),
        "previous_response_id": reply.echo("previous_response_id"),
        "prompt_cache_key": reply.echo("prompt_cache_key"),
        "reasoning": {"effort": of_reasoning("effort"), "summary": of_reasoning("summary")},
        "safety_identifier": reply.echo("safety_identifier"),
        "service_tier": or("service_tier", json!("default")),
        "store": or("store", json!(true)),
        "temperature": or("temperature", json!(1.0)),
        "text": or("text", json!({"format": {"type": "text"}})),
        "tool_choice": or("tool_choice", json!("auto")),
        "tools": or("tools", json!([])),
        "top_logprobs": or("top_logprobs", json!(0)),
        "top_p": or("top_p", json!(1.0)),
        "truncation": or("truncation", json!("disabled")),
        "usage": null,
        "user": reply.echo("user"),
        "metadata": or("metadata", json!({})),
    })
}

fn usage(tokens: TokenCounts) -> Value {
    json!({
        "input_tokens": tokens.prompt,
        "input_tokens_details": {"cached_tokens": tokens.cached},
        "output_tokens": tokens.completion,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.prompt.saturating_add(tokens.completion),
    })
}
