//! Settings of a request, as this dialect names them.

use serde_json::{Map, Value, json};

use crate::canonical::{Format, Losses, Request, Untranslatable};
use crate::edit::MaximumName;
use crate::openai_chat::effort;

/// The most characters of an end user's name that OpenAI takes.
const LONGEST_USER: usize = 64;
/// The most characters of a schema's name.
const LONGEST_SCHEMA_NAME: usize = 64;

/// Writes what is neither conversation nor tools.
pub(super) fn write_settings(
    request: &Request,
    maximum: MaximumName,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), Untranslatable> {
    let sampling = &request.sampling;
    if sampling.answers.is_some_and(|answers| answers > 1) {
        return Err(Untranslatable::new(
            "n",
            "Only one answer can be had from this model here. Send the request several times.",
        ));
    }
    if sampling.top_k.is_some() {
        losses.add("top_k");
    }
    let stop = (!sampling.stop.is_empty()).then(|| json!(sampling.stop));
    let user = request.end_user.as_deref();
    let user = user.map(|user| user.chars().take(LONGEST_USER).collect::<String>());
    let thinking = request.reasoning.as_ref().and_then(effort::closest_word);
    let settings = [
        (maximum.as_str(), request.max_output.map(|most| json!(most))),
        ("temperature", sampling.temperature.clone().map(Value::Number)),
        ("top_p", sampling.top_p.clone().map(Value::Number)),
        ("frequency_penalty", sampling.frequency_penalty.clone().map(Value::Number)),
        ("presence_penalty", sampling.presence_penalty.clone().map(Value::Number)),
        ("seed", sampling.seed.map(|seed| json!(seed))),
        ("stop", stop),
        ("response_format", request.format.as_ref().map(write_format)),
        ("reasoning_effort", thinking.map(|word| json!(word))),
        ("user", user.map(Value::String)),
    ];
    let given = settings.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    body.extend(given);
    Ok(())
}

fn write_format(format: &Format) -> Value {
    let Format::Schema { name, description, schema, strict } = format else {
        return json!({"type": "json_object"});
    };
    let mut inner = Map::new();
    inner.insert("name".to_owned(), json!(schema_name(name)));
    if let Some(description) = description {
        inner.insert("description".to_owned(), json!(description));
    }
    inner.insert("schema".to_owned(), schema.clone());
    if let Some(strict) = strict {
        inner.insert("strict".to_owned(), json!(strict));
    }
    json!({"type": "json_schema", "json_schema": inner})
}

/// A name of the characters that are allowed in one.
fn schema_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = name.chars().map(|c| if allowed(c) { c } else { '_' });
    let fits: String = fits.take(LONGEST_SCHEMA_NAME).collect();
    if fits.is_empty() { "answer".to_owned() } else { fits }
}
