//! OpenAI's Chat Completions: `POST /v1/chat/completions`, JSON and SSE.
//!
//! Shapes as in OpenAI's API reference, "Create chat completion" and "Chat completion chunk".

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::plan::{Asked, Plan};
use super::script::Script;
use super::steps::Step;
use super::text;

/// What the answer is stamped with.
pub(super) struct Stamp {
    /// The provider's own number for the request.
    pub(super) request: u64,
    /// Seconds since 1970.
    pub(super) created: u64,
}

/// Reads a request's body.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn read(body: &[u8]) -> Result<Asked, String> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| format!("not valid JSON: {error}"))?;
    let model = body.get("model").and_then(Value::as_str).ok_or("you must provide a model")?;
    let messages = body.get("messages").and_then(Value::as_array).ok_or("messages is missing")?;
    let texts: Vec<String> = messages.iter().map(message_text).collect();
    let words: u64 = texts.iter().map(|text| text::count_words(text)).sum();
    let options = body.get("stream_options").filter(|options| !options.is_null());
    let metadata = body.get("metadata");
    let name = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    Ok(Asked {
        model: model.to_owned(),
        stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
        include_usage: options
            .and_then(|options| options.get("include_usage"))
            .and_then(Value::as_bool)
            .unwrap_or(false),
        has_stream_options: options.is_some(),
        max_output: ["max_completion_tokens", "max_tokens"]
            .iter()
            .find_map(|field| body.get(*field).and_then(Value::as_u64)),
        choices: body.get("n").and_then(Value::as_u64).unwrap_or(1).clamp(1, 128),
        prompt: texts.last().cloned().unwrap_or_default(),
        prompt_tokens: (words + 3 * messages.len() as u64).max(1),
        call: name(body.get("user")).or_else(|| name(metadata.and_then(|it| it.get("tag")))),
        script: metadata.and_then(|it| it.get("simulate")).map(own_script).transpose()?,
    })
}

/// A JSON answer, in two halves of content so that it can be cut amid them.
pub(super) fn json_steps(asked: &Asked, plan: &Plan, script: &Script, stamp: &Stamp) -> Vec<Step> {
    let content = plan.pieces.concat();
    let completion = Completion {
        id: id(stamp),
        object: "chat.completion",
        created: stamp.created,
        model: &asked.model,
        choices: (0..plan.choices)
            .map(|index| Choice {
                index,
                message: json!({"role": "assistant", "content": content, "refusal": null}),
                logprobs: None,
                finish_reason: finish_reason(plan),
            })
            .collect(),
        obfuscation: padding(script),
    };
    let mut first_half = to_text(&completion);
    // The closing brace goes last, after the usage.
    first_half.truncate(first_half.len().saturating_sub(1));
    let second_half = first_half.split_off(middle(&first_half));
    let sent = plan.tokens.completion - plan.tokens.reasoning;
    let mut steps = vec![
        Step::Content { bytes: first_half.into(), tokens: sent / 2 },
        Step::Content { bytes: second_half.into(), tokens: sent - sent / 2 },
    ];
    if !script.omit_usage {
        let reported = usage(plan, script);
        steps.push(Step::Usage { bytes: format!(",\"usage\":{reported}").into(), reported });
    }
    steps.push(Step::Finish(Bytes::from_static(b"}")));
    steps
}

/// A stream: the role, the content, the reason it ended, the usage if asked for, `[DONE]`.
pub(super) fn stream_steps(
    asked: &Asked,
    plan: &Plan,
    script: &Script,
    stamp: &Stamp,
) -> Vec<Step> {
    let chunk = |choices: Value, usage: Option<Value>| {
        event(&to_text(&Chunk {
            id: id(stamp),
            object: "chat.completion.chunk",
            created: stamp.created,
            model: &asked.model,
            choices,
            obfuscation: padding(script),
            usage: usage.or_else(|| asked.include_usage.then_some(Value::Null)),
        }))
    };
    let delta = |index: u64, delta: Value, finish: Option<&str>| {
        let choice =
            json!({"index": index, "delta": delta, "logprobs": null, "finish_reason": finish});
        chunk(json!([choice]), None)
    };
    let mut steps = Vec::new();
    for index in 0..plan.choices {
        let role = json!({"role": "assistant", "content": "", "refusal": null});
        steps.push(Step::Frame(delta(index, role, None)));
    }
    for piece in &plan.pieces {
        for index in 0..plan.choices {
            if script.chunk_delay_ms > 0 {
                steps.push(Step::Wait(std::time::Duration::from_millis(script.chunk_delay_ms)));
            }
            let bytes = delta(index, json!({"content": piece}), None);
            steps.push(Step::Content { bytes, tokens: 1 });
        }
    }
    for index in 0..plan.choices {
        steps.push(Step::Frame(delta(index, json!({}), Some(finish_reason(plan)))));
    }
    if asked.include_usage && !script.omit_usage {
        let reported = usage(plan, script);
        let bytes = chunk(json!([]), Some(reported.clone()));
        steps.push(Step::Usage { bytes, reported });
    }
    let done = if script.no_done { Bytes::new() } else { event("[DONE]") };
    steps.push(Step::Finish(done));
    steps
}

/// An error inside a stream.
pub(super) fn error_event(message: &str) -> Bytes {
    event(&super::error::shape(500, message).to_string())
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

/// The usage as it goes over the wire: the truth, unless the script lies.
fn usage(plan: &Plan, script: &Script) -> Value {
    if let Some(lie) = &script.usage_override {
        return lie.clone();
    }
    let tokens = plan.tokens;
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

/// The text of a message: a string, or the text parts of a list.
fn message_text(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// The request's own script: an object, or a string of JSON where a client's `metadata` must hold
/// strings only.
fn own_script(value: &Value) -> Result<Script, String> {
    let script = match value {
        Value::String(text) => serde_json::from_str(text),
        other => Script::deserialize(other),
    };
    script.map_err(|error| format!("metadata.simulate: {error}"))
}

fn finish_reason(plan: &Plan) -> &'static str {
    if plan.truncated { "length" } else { "stop" }
}

fn id(stamp: &Stamp) -> String {
    format!("chatcmpl-sim{:08}", stamp.request)
}

fn padding(script: &Script) -> Option<String> {
    (script.pad_bytes > 0).then(|| "x".repeat(script.pad_bytes))
}

fn event(data: &str) -> Bytes {
    format!("data: {data}\n\n").into()
}

/// JSON of our own types, whose keys are strings: it cannot fail.
fn to_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A place near the middle where a string may be split.
fn middle(text: &str) -> usize {
    let mut at = text.len() / 2;
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
