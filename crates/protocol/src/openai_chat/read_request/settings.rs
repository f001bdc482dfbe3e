//! Settings of a request: how the next token is chosen, how much is thought, what shape is wanted.

use serde_json::{Value, json};

use super::field::{
    Object, boolean, count, given, integer, number, object, string, the_object, within, wrong,
};
use crate::canonical::{Effort, Format, Reasoning, Sampling, Untranslatable};
use crate::openai_chat::effort;

/// `max_completion_tokens`, else the older `max_tokens`.
pub(super) fn read_max_output(body: &Object) -> Result<Option<u64>, Untranslatable> {
    let older = count(body, "max_tokens")?;
    Ok(count(body, "max_completion_tokens")?.or(older))
}

/// `safety_identifier`, else the older `user`.
pub(super) fn read_end_user(body: &Object) -> Result<Option<String>, Untranslatable> {
    let older = string(body, "user")?;
    Ok(string(body, "safety_identifier")?.or(older).map(str::to_owned))
}

pub(super) fn read_sampling(body: &Object) -> Result<Sampling, Untranslatable> {
    Ok(Sampling {
        temperature: number(body, "temperature")?,
        top_p: number(body, "top_p")?,
        top_k: count(body, "top_k")?,
        frequency_penalty: number(body, "frequency_penalty")?,
        presence_penalty: number(body, "presence_penalty")?,
        seed: integer(body, "seed")?,
        stop: read_stop(body)?,
        answers: count(body, "n")?,
    })
}

fn read_stop(body: &Object) -> Result<Vec<String>, Untranslatable> {
    let wrong = || wrong("stop", "a string, an array of strings, or null");
    match given(body, "stop") {
        None => Ok(Vec::new()),
        Some(Value::String(stop)) => Ok(vec![stop.clone()]),
        Some(Value::Array(stops)) => {
            stops.iter().map(|stop| stop.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

pub(super) fn read_format(body: &Object) -> Result<Option<Format>, Untranslatable> {
    let Some(format) = object(body, "response_format")? else { return Ok(None) };
    let inside = || within("response_format".to_owned());
    match string(format, "type").map_err(inside())? {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Format::Json)),
        Some("json_schema") => read_schema(format).map(Some).map_err(inside()),
        _ => Err(wrong("response_format.type", "one of text, json_object or json_schema")),
    }
}

fn read_schema(format: &Object) -> Result<Format, Untranslatable> {
    let inner = the_object(format, "json_schema")?;
    let inside = || within("json_schema".to_owned());
    Ok(Format::Schema {
        name: string(inner, "name").map_err(inside())?.unwrap_or("answer").to_owned(),
        description: string(inner, "description").map_err(inside())?.map(str::to_owned),
        schema: given(inner, "schema").cloned().unwrap_or_else(|| json!({})),
        strict: boolean(inner, "strict").map_err(inside())?,
    })
}

/// `reasoning_effort`, and what vendors call it: `reasoning` (OpenRouter), `thinking` (Anthropic's
/// form, also at GLM and Kimi), `enable_thinking` and `thinking_budget` (Qwen).
pub(super) fn read_reasoning(body: &Object) -> Result<Option<Reasoning>, Untranslatable> {
    let mut reasoning = Reasoning {
        effort: read_effort(body, "reasoning_effort")?,
        budget: count(body, "thinking_budget")?,
        ..Reasoning::default()
    };
    if let Some(thinking) = body.get("thinking").and_then(Value::as_object) {
        read_thinking(&mut reasoning, thinking).map_err(within("thinking".to_owned()))?;
    }
    if let Some(inner) = body.get("reasoning").and_then(Value::as_object) {
        read_inner(&mut reasoning, inner).map_err(within("reasoning".to_owned()))?;
    }
    if let Some(enabled) = boolean(body, "enable_thinking")? {
        enable(&mut reasoning, enabled);
    }
    Ok((reasoning != Reasoning::default()).then_some(reasoning))
}

fn read_effort(object: &Object, name: &str) -> Result<Option<Effort>, Untranslatable> {
    let word = string(object, name)?;
    word.map(|word| effort::from_word(word).ok_or_else(|| wrong(name, effort::WORDS))).transpose()
}

fn read_thinking(reasoning: &mut Reasoning, thinking: &Object) -> Result<(), Untranslatable> {
    reasoning.budget = count(thinking, "budget_tokens")?.or(reasoning.budget);
    match string(thinking, "type")? {
        Some("disabled") => enable(reasoning, false),
        Some(_) => enable(reasoning, true),
        None => {}
    }
    Ok(())
}

fn read_inner(reasoning: &mut Reasoning, inner: &Object) -> Result<(), Untranslatable> {
    reasoning.effort = reasoning.effort.or(read_effort(inner, "effort")?);
    reasoning.budget = reasoning.budget.or(count(inner, "max_tokens")?);
    reasoning.show = boolean(inner, "exclude")?.map(|hidden| !hidden);
    if let Some(enabled) = boolean(inner, "enabled")? {
        enable(reasoning, enabled);
    }
    Ok(())
}

/// Thinking on or off; a word or a number that is given says more than on.
fn enable(reasoning: &mut Reasoning, enabled: bool) {
    if !enabled {
        let show = reasoning.show;
        *reasoning = Reasoning { effort: Some(Effort::None), show, ..Reasoning::default() };
    } else if reasoning.effort.is_none() && reasoning.budget.is_none() {
        reasoning.adaptive = true;
    }
}
