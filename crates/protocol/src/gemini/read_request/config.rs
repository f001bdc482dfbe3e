//! `generationConfig`: how long, how random, in what shape, after how much thought.

use serde_json::{Number, Value};

use super::super::fields::{count, each, integer, members, text, wrong};
use super::super::schema::json_schema;
use super::super::thinking::read_thinking;
use crate::canonical::{Format, Losses, Request, Untranslatable};

/// Reads `generationConfig` into a request.
pub(super) fn read(
    config: &Value,
    request: &mut Request,
    losses: &mut Losses,
) -> Result<(), Untranslatable> {
    let mut shape = Shape::default();
    for (name, value) in members(config) {
        let field = format!("generationConfig.{name}");
        let sampling = &mut request.sampling;
        match &*name {
            "maxOutputTokens" => request.max_output = Some(count(value, &field)?),
            "temperature" => sampling.temperature = Some(number(value, &field)?),
            "topP" => sampling.top_p = Some(number(value, &field)?),
            "topK" => sampling.top_k = Some(count(value, &field)?),
            "candidateCount" => sampling.answers = Some(count(value, &field)?),
            "stopSequences" => {
                let texts = each(value).iter().map(|stop| text(stop, &field).map(str::to_owned));
                sampling.stop = texts.collect::<Result<_, _>>()?;
            }
            "seed" => {
                let seed = integer(value).ok_or_else(|| wrong(&field, "a whole number"))?;
                sampling.seed = Some(seed);
            }
            "presencePenalty" => sampling.presence_penalty = Some(number(value, &field)?),
            "frequencyPenalty" => sampling.frequency_penalty = Some(number(value, &field)?),
            "thinkingConfig" => request.reasoning = Some(read_thinking(value, losses)?),
            "responseMimeType" => shape.media_type = Some(text(value, &field)?),
            "responseSchema" => shape.schema = shape.schema.or_else(|| Some(json_schema(value))),
            "responseJsonSchema" | "_responseJsonSchema" => shape.schema = Some(value.clone()),
            "responseModalities" => only_text(value, &field)?,
            // Said outright, these are what every other dialect does anyway.
            "responseLogprobs" | "enableEnhancedCivicAnswers" | "audioTimestamp"
                if value == &Value::Bool(false) => {}
            _ => losses.add(field),
        }
    }
    request.format = shape.format()?;
    Ok(())
}

fn number(value: &Value, field: &str) -> Result<Number, Untranslatable> {
    value.as_number().cloned().ok_or_else(|| wrong(field, "a number"))
}

/// Pictures and speech are made by Google's own models only.
fn only_text(value: &Value, field: &str) -> Result<(), Untranslatable> {
    let is_text = |kind: &Value| {
        kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("text"))
            || kind == "MODALITY_UNSPECIFIED"
    };
    if each(value).iter().all(is_text) {
        return Ok(());
    }
    Err(Untranslatable::new(field, "This model answers in text only; ask for `TEXT` or nothing."))
}

/// What shape the text is to have, over the fields that say it.
#[derive(Default)]
struct Shape<'v> {
    media_type: Option<&'v str>,
    schema: Option<Value>,
}

impl Shape<'_> {
    fn format(self) -> Result<Option<Format>, Untranslatable> {
        match (self.media_type.unwrap_or_default(), self.schema) {
            ("application/json" | "", Some(schema)) => {
                let name = "response".to_owned();
                Ok(Some(Format::Schema { name, description: None, schema, strict: None }))
            }
            ("application/json", None) => Ok(Some(Format::Json)),
            ("text/plain" | "", _) => Ok(None),
            _ => Err(Untranslatable::new(
                "generationConfig.responseMimeType",
                "This model answers in `text/plain` or `application/json` only.",
            )),
        }
    }
}
