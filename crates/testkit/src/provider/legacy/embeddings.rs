//! Embeddings, as lists of numbers or in base64 (which OpenAI's own SDKs ask for).

use serde_json::{Value, json};

use super::vector;
use crate::provider::conversation::{self, Turn};
use crate::provider::node::{Checked, Node};
use crate::provider::plan::Asked;
use crate::provider::reading;
use crate::provider::reply::Reply;
use crate::provider::seal::base64;
use crate::provider::steps::Step;

const DIMENSIONS: u64 = 1_536;

/// Finds what is wrong with a request, if anything.
pub(in crate::provider) fn check(root: &Node<'_>) -> Checked {
    root.only(&["input", "model", "encoding_format", "dimensions", "user"])?;
    root.need("model")?.text()?;
    let input = root.need("input")?;
    if !input.value.is_string() && input.items()?.is_empty() {
        return Err(input.fault("Invalid 'input': input cannot be an empty array."));
    }
    root.each_if_there(&["encoding_format"], |it| it.one_of(&["float", "base64"]).map(drop))?;
    root.each_if_there(&["dimensions"], |it| it.whole_from(1).map(drop))
}

/// Reads a request's body.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(in crate::provider) fn read(body: Value) -> Result<Asked, String> {
    let model = body.get("model").and_then(Value::as_str).ok_or("you must provide a model")?;
    let turns: Vec<Turn> = texts(body.get("input")).into_iter().map(Turn::User).collect();
    Ok(Asked {
        dialect: "embeddings",
        model: model.to_owned(),
        prompt: conversation::prompt(&turns),
        prompt_tokens: conversation::tokens(&turns),
        call: reading::call(&body),
        body,
        ..Asked::default()
    })
}

/// The texts of an input: one, or a list of them; tokens stand for their numbers.
pub(super) fn texts(input: Option<&Value>) -> Vec<String> {
    let numbers =
        |tokens: &[Value]| tokens.iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
    match input {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) if items.first().is_some_and(Value::is_number) => {
            vec![numbers(items)]
        }
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => text.clone(),
                Value::Array(tokens) => numbers(tokens),
                other => other.to_string(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The answer's steps.
pub(in crate::provider) fn json_steps(reply: &Reply<'_>) -> Vec<Step> {
    let body = &reply.asked.body;
    let size = body.get("dimensions").and_then(Value::as_u64).unwrap_or(DIMENSIONS);
    let in_base64 = reading::text(body, "encoding_format") == "base64";
    let texts = texts(body.get("input"));
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let vector = vector(text, size);
            let embedding = if in_base64 {
                let bytes: Vec<u8> = vector.iter().flat_map(|it| it.to_le_bytes()).collect();
                json!(base64(&bytes))
            } else {
                json!(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let answer = json!({"object": "list", "data": data, "model": reply.asked.model});
    let prompt = reply.plan.counts.tokens.prompt;
    let reported = reply.reported(|| json!({"prompt_tokens": prompt, "total_tokens": prompt}));
    reply.document(&answer, reported.map(|reported| ("usage", reported)))
}
