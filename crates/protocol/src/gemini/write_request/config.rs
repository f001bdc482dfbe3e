//! `generationConfig`: how long, how random, in what shape, after how much thought.

use serde_json::{Map, Value};

use super::super::thinking::write_thinking;
use crate::canonical::{Format, Losses, Request, Untranslatable};

/// Writes `generationConfig`; empty where nothing is said.
pub(super) fn write(
    request: &Request,
    losses: &mut Losses,
) -> Result<Map<String, Value>, Untranslatable> {
    let sampling = &request.sampling;
    if sampling.answers.is_some_and(|answers| answers > 1) {
        return Err(Untranslatable::new(
            "n",
            "Only one answer at a time can be had from this model; leave the field out.",
        ));
    }
    let mut config = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    let number = |number: &Option<serde_json::Number>| number.clone().map(Value::Number);
    put("maxOutputTokens", request.max_output.map(Value::from));
    put("temperature", number(&sampling.temperature));
    put("topP", number(&sampling.top_p));
    put("topK", sampling.top_k.map(Value::from));
    put("frequencyPenalty", number(&sampling.frequency_penalty));
    put("presencePenalty", number(&sampling.presence_penalty));
    put("seed", sampling.seed.map(|seed| Value::from(seed_of_32_bits(seed))));
    put("candidateCount", sampling.answers.map(Value::from));
    let stop = &sampling.stop;
    put("stopSequences", (!stop.is_empty()).then(|| Value::from(stop.clone())));
    match &request.format {
        Some(Format::Json) => put("responseMimeType", Some("application/json".into())),
        Some(Format::Schema { schema, .. }) => {
            put("responseMimeType", Some("application/json".into()));
            put("responseJsonSchema", Some(schema.clone()));
        }
        None => {}
    }
    let reasoning = request.reasoning.as_ref();
    let thinking =
        reasoning.and_then(|reasoning| write_thinking(reasoning, &request.model, losses));
    put("thinkingConfig", thinking);
    Ok(config)
}

/// Google's seeds have 32 bits: a longer one is cut, always to the same.
fn seed_of_32_bits(seed: i64) -> i64 {
    if i32::try_from(seed).is_ok() { seed } else { seed & i64::from(i32::MAX) }
}
