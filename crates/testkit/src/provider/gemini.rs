//! Google's Gemini: `POST /v1beta/models/{model}:generateContent`, `:streamGenerateContent` (SSE,
//! or a JSON array without `?alt=sse`), `:countTokens`, `:embedContent`, `:batchEmbedContents`.
//!
//! Shapes as in Google's "Gemini API reference". As in every JSON form of a protocol buffer,
//! `snake_case` names are as good as `camelCase` ones; see `names.rs`.

mod answer;
mod check;
mod check_order;
mod check_tools;
mod embed;
mod names;
mod read;

pub(super) use answer::{error_event, json_steps, stream_steps};
pub(super) use check::check;
pub(super) use embed::{check as check_embed, json_steps as embed_steps, read as read_embed};
pub(super) use names::camel;
pub(super) use read::{read, read_count};

use serde_json::{Map, Value, json};

use super::reply::set;
use super::seal::{Kind, is_genuine, seal};
use super::usage::Usage;

/// A model's name in a path or a list: `models/NAME`.
pub(super) fn bare_name(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

/// The signature of a call; the first call of an answer carries one.
fn signature(name: &str, args: &Value) -> String {
    seal(Kind::FunctionCall, &signed(name, args))
}

fn is_signature(name: &str, args: &Value, found: &str) -> bool {
    // Google documents these two for calls that come from another model.
    const EXEMPT: [&str; 2] =
        ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];
    // The signature is bytes to Google: either alphabet of base64 is good, and Google's own SDK
    // sends the other one back.
    let standard = found.replace('-', "+").replace('_', "/");
    EXEMPT.contains(&found) || is_genuine(Kind::FunctionCall, &signed(name, args), &standard)
}

/// What a signature is over: JSON that says the same in another order is the same.
fn signed(name: &str, args: &Value) -> String {
    format!("{name}\n{}", sorted(args))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let field = |name: &String| Some((name.clone(), sorted(fields.get(name)?)));
            Value::Object(names.into_iter().filter_map(field).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// The true usage in Google's shape, where the candidates' tokens are without the thoughts'.
fn usage(usage: Usage) -> Value {
    let candidates = usage.output.saturating_sub(usage.reasoning);
    let prompt = usage.total_input();
    let mut shown = json!({
        "promptTokenCount": prompt,
        "candidatesTokenCount": candidates,
        "totalTokenCount": usage.total(),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
    });
    if usage.cached > 0 {
        set(&mut shown, "cachedContentTokenCount", usage.cached);
    }
    if usage.reasoning > 0 {
        set(&mut shown, "thoughtsTokenCount", usage.reasoning);
    }
    shown
}
