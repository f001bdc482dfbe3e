//! The shape of the answer, and how its tokens are chosen.

use serde_json::{Map, Number, Value, json};

use super::block::Block;
use super::thinking::Thinking;
use crate::anthropic_messages::claude::Claude;
use crate::canonical::{Format, Losses, Request};

const ONLY_JSON: &str = "Answer with one JSON value and nothing else: no words around it, no code \
                         fence.";

/// Puts the wished shape in: as a schema that is enforced, or as an instruction where the model
/// enforces none, or where the caller asks for no more.
pub(super) fn put_format(
    request: &Request,
    claude: Claude,
    system: &mut Vec<Value>,
    body: &mut Map<String, Value>,
) {
    let instruction = match &request.format {
        None => return,
        Some(Format::Json) => ONLY_JSON.to_owned(),
        Some(Format::Schema { schema, strict, .. })
            if claude.enforces_schemas() && *strict != Some(false) =>
        {
            let format = json!({ "type": "json_schema", "schema": closed(schema) });
            body.insert("output_config".to_owned(), json!({ "format": format }));
            return;
        }
        Some(Format::Schema { description, schema, .. }) => {
            let description = description.as_deref().unwrap_or_default();
            format!("{ONLY_JSON} It must keep to this JSON schema. {description}\n{schema}")
        }
    };
    system.push(Block::text(&instruction, false).value);
}

/// The schema without room for members that it does not name: Anthropic enforces no other. What
/// keeps to it keeps to the original too.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut fields: Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), closed(value))).collect();
            if fields.get("properties").is_some_and(Value::is_object)
                && fields.get("type").and_then(Value::as_str) == Some("object")
                && !fields.contains_key("additionalProperties")
            {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            Value::Object(fields)
        }
        Value::Array(elements) => elements.iter().map(closed).collect(),
        other => other.clone(),
    }
}

/// Puts in how the next token is chosen, as far as the model lets one choose.
pub(super) fn put_sampling(
    request: &Request,
    claude: Claude,
    thinking: &Thinking,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) {
    let sampling = &request.sampling;
    let fixed = claude.only_adapts();
    if let Some(temperature) = &sampling.temperature {
        let asked = temperature.as_f64().unwrap_or(1.0);
        let is_default = (asked - 1.0).abs() < f64::EPSILON;
        if !is_default && (fixed || thinking.is_on() || asked > 1.0) {
            losses.add("temperature");
        }
        if !fixed && !thinking.is_on() {
            let kept = if asked > 1.0 { Number::from(1) } else { temperature.clone() };
            body.insert("temperature".to_owned(), Value::Number(kept));
        }
    }
    if let Some(top_p) = &sampling.top_p {
        let asked = top_p.as_f64().unwrap_or(1.0);
        let beside = claude.takes_one_randomness() && body.contains_key("temperature");
        if !(fixed || beside || thinking.is_on() && asked < 0.95) {
            body.insert("top_p".to_owned(), Value::Number(top_p.clone()));
        } else if asked < 1.0 {
            losses.add("top_p");
        }
    }
    if let Some(top_k) = sampling.top_k {
        if fixed || thinking.is_on() {
            losses.add("top_k");
        } else {
            body.insert("top_k".to_owned(), json!(top_k));
        }
    }
    let (stops, blank): (Vec<&String>, Vec<&String>) =
        sampling.stop.iter().partition(|stop| !stop.trim().is_empty());
    if !blank.is_empty() {
        losses.add("stop");
    }
    if !stops.is_empty() {
        body.insert("stop_sequences".to_owned(), json!(stops));
    }
    let zero = |number: &Number| number.as_f64() == Some(0.0);
    for (name, penalty) in [
        ("frequency_penalty", &sampling.frequency_penalty),
        ("presence_penalty", &sampling.presence_penalty),
    ] {
        if penalty.as_ref().is_some_and(|penalty| !zero(penalty)) {
            losses.add(name);
        }
    }
    if sampling.seed.is_some() {
        losses.add("seed");
    }
}
