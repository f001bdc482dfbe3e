//! Completions of a bare prompt.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::provider::chat::usage;
use crate::provider::conversation::{self, Turn};
use crate::provider::node::{Checked, Node};
use crate::provider::plan::Asked;
use crate::provider::reading;
use crate::provider::reply::{Reply, event, set};
use crate::provider::script::Finish;
use crate::provider::steps::Step;

/// The API's own default is this short.
const MAX_TOKENS: u64 = 16;
const FIELDS: &[&str] = &[
    "best_of",
    "echo",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "model",
    "n",
    "presence_penalty",
    "prompt",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "suffix",
    "temperature",
    "top_p",
    "user",
];

/// Finds what is wrong with a request, if anything.
pub(in crate::provider) fn check(root: &Node<'_>) -> Checked {
    root.only(FIELDS)?;
    root.need("model")?.text()?;
    let prompt = root.need("prompt")?;
    if !prompt.value.is_string() && !prompt.value.is_array() {
        return Err(prompt.wrong("a string or an array"));
    }
    root.each_if_there(&["stream", "echo"], |it| it.flag().map(drop))?;
    root.each_if_there(&["max_tokens"], |it| it.whole().map(drop))?;
    root.each_if_there(&["n", "best_of"], |it| it.whole_from(1).map(drop))?;
    root.each_if_there(&["temperature"], |it| it.number_within(0.0, 2.0))
}

/// Reads a request's body.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(in crate::provider) fn read(body: Value) -> Result<Asked, String> {
    let model = body.get("model").and_then(Value::as_str).ok_or("you must provide a model")?;
    let prompts = super::embeddings::texts(body.get("prompt"));
    let per_prompt = body.get("n").and_then(Value::as_u64).unwrap_or(1);
    let turns: Vec<Turn> = prompts.into_iter().map(Turn::User).collect();
    let options = body.get("stream_options").filter(|options| !options.is_null());
    Ok(Asked {
        dialect: "completions",
        model: model.to_owned(),
        stream: reading::flag(&body, "stream"),
        include_usage: options.is_some_and(|options| reading::flag(options, "include_usage")),
        has_stream_options: options.is_some(),
        max_output: Some(body.get("max_tokens").and_then(Value::as_u64).unwrap_or(MAX_TOKENS)),
        choices: per_prompt.saturating_mul(turns.len() as u64).clamp(1, 128),
        prompt: conversation::prompt(&turns),
        prompt_tokens: conversation::tokens(&turns),
        call: reading::call(&body),
        body,
        ..Asked::default()
    })
}

/// The answer as one JSON document.
pub(in crate::provider) fn json_steps(reply: &Reply<'_>) -> Vec<Step> {
    let text = reply.plan.pieces.concat();
    let choices: Vec<Value> =
        (0..reply.plan.choices).map(|index| choice(reply, index, &text, true)).collect();
    let reported = reply.reported(|| usage(reply.plan.counts.tokens));
    reply.document(&body(reply, choices), reported.map(|reported| ("usage", reported)))
}

/// The answer as a stream.
pub(in crate::provider) fn stream_steps(reply: &Reply<'_>) -> Vec<Step> {
    let mut score = reply.score();
    let chunk = |choices: Vec<Value>, usage: Option<&Value>| {
        let mut chunk = body(reply, choices);
        if reply.asked.include_usage {
            set(&mut chunk, "usage", usage.cloned().unwrap_or_default());
        }
        event(&chunk.to_string())
    };
    for piece in &reply.plan.pieces {
        for index in 0..reply.plan.choices {
            score.content(chunk(vec![choice(reply, index, piece, false)], None));
        }
    }
    for index in 0..reply.plan.choices {
        score.frame(chunk(vec![choice(reply, index, "", true)], None));
    }
    if reply.asked.include_usage
        && let Some(reported) = reply.reported(|| usage(reply.plan.counts.tokens))
    {
        score.usage(chunk(Vec::new(), Some(&reported)), reported);
    }
    score.finish(if reply.script.no_done { Bytes::new() } else { event("[DONE]") })
}

fn body(reply: &Reply<'_>, choices: Vec<Value>) -> Value {
    json!({
        "id": reply.id("cmpl-"),
        "object": "text_completion",
        "created": reply.stamp.created,
        "model": reply.asked.model,
        "choices": choices,
    })
}

fn choice(reply: &Reply<'_>, index: u64, text: &str, last: bool) -> Value {
    let reason = match reply.plan.finish {
        Finish::Length => "length",
        Finish::ContentFilter => "content_filter",
        Finish::Stop | Finish::ToolCalls | Finish::Failed => "stop",
    };
    let reason = if last { Value::from(reason) } else { Value::Null };
    json!({"index": index, "text": text, "logprobs": null, "finish_reason": reason})
}
