//! How the answer is to be made: its length, randomness, shape, and thought.

use serde_json::{Map, Number, Value};

use super::{array, object, text};
use crate::canonical::{Effort, Format, Losses, Reasoning, Request, Untranslatable};

/// The name of a schema where the dialect gives none and others want one.
const SCHEMA_NAME: &str = "answer";

/// Fields that only steer Anthropic's service.
const SILENT: [&str; 5] =
    ["service_tier", "anthropic_version", "anthropic_beta", "betas", "diagnostics"];

/// Takes what it knows out of the fields.
pub(super) fn read(
    fields: &mut Map<String, Value>,
    request: &mut Request,
    losses: &mut Losses,
) -> Result<(), Untranslatable> {
    if let Some(most) = fields.remove("max_tokens") {
        let most = most.as_u64().filter(|most| *most > 0);
        request.max_output = Some(most.ok_or_else(|| {
            Untranslatable::new("max_tokens", "A whole number above 0 is expected here.")
        })?);
    }
    let sampling = &mut request.sampling;
    sampling.temperature = number(fields, "temperature")?;
    sampling.top_p = number(fields, "top_p")?;
    sampling.top_k = number(fields, "top_k")?.and_then(|likeliest| likeliest.as_u64());
    if let Some(stops) = fields.remove("stop_sequences") {
        for (place, stop) in array(stops, "stop_sequences")?.into_iter().enumerate() {
            sampling.stop.extend(text(Some(stop), &format!("stop_sequences[{place}]"))?);
        }
    }
    if let Some(metadata) = fields.remove("metadata") {
        let mut metadata = object(metadata, "metadata")?;
        request.end_user = text(metadata.remove("user_id"), "metadata.user_id")?;
    }
    read_output(fields, request)?;
    for name in SILENT {
        fields.remove(name);
    }
    let unsaid = |value: &Value| match value {
        Value::Array(elements) => elements.is_empty(),
        other => other == "standard",
    };
    for name in ["mcp_servers", "speed"] {
        if let Some(value) = fields.remove(name).filter(|value| !unsaid(value)) {
            drop(value);
            losses.add(name);
        }
    }
    Ok(())
}

/// `thinking`, `output_config` and its forerunner `output_format`.
fn read_output(
    fields: &mut Map<String, Value>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    let mut config = match fields.remove("output_config") {
        Some(config) => object(config, "output_config")?,
        None => Map::new(),
    };
    let format = config.remove("format").filter(|format| !format.is_null());
    request.format = match format.or_else(|| fields.remove("output_format")) {
        Some(format) => Some(read_format(format)?),
        None => None,
    };
    let effort = text(config.remove("effort"), "output_config.effort")?;
    let effort = effort.map(|word| match word.as_str() {
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "xhigh" | "max" => Effort::Max,
        _ => Effort::High,
    });
    let Some(thinking) = fields.remove("thinking") else {
        request.reasoning =
            effort.map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() });
        return Ok(());
    };
    let thinking = object(thinking, "thinking")?;
    let show = match thinking.get("display").and_then(Value::as_str) {
        Some("summarized") => Some(true),
        Some("omitted") => Some(false),
        _ => None,
    };
    request.reasoning = Some(match thinking.get("type").and_then(Value::as_str) {
        Some("adaptive") => Reasoning { effort, adaptive: true, show, ..Reasoning::default() },
        Some("enabled") => {
            let budget = thinking.get("budget_tokens").and_then(Value::as_u64);
            let budget = budget.filter(|budget| *budget > 0).ok_or_else(|| {
                Untranslatable::new(
                    "thinking.budget_tokens",
                    "A whole number above 0 is expected here.",
                )
            })?;
            // With a budget, thoughts are shown unless asked otherwise.
            let show = show.or(Some(true));
            Reasoning { effort, budget: Some(budget), show, adaptive: false }
        }
        Some("disabled") => {
            Reasoning { effort: Some(Effort::None), budget: Some(0), ..Reasoning::default() }
        }
        _ => {
            return Err(Untranslatable::new(
                "thinking.type",
                "The type must be `adaptive`, `enabled` or `disabled`.",
            ));
        }
    });
    Ok(())
}

fn read_format(format: Value) -> Result<Format, Untranslatable> {
    let mut format = object(format, "output_config.format")?;
    let schema = format.remove("schema");
    match (format.get("type").and_then(Value::as_str), schema) {
        (Some("json_schema"), Some(schema)) => Ok(Format::Schema {
            name: SCHEMA_NAME.to_owned(),
            description: None,
            schema,
            strict: Some(true),
        }),
        _ => Err(Untranslatable::new(
            "output_config.format",
            "The format must be `{\"type\":\"json_schema\",\"schema\":{…}}`.",
        )),
    }
}

fn number(fields: &mut Map<String, Value>, name: &str) -> Result<Option<Number>, Untranslatable> {
    match fields.remove(name) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number)),
        Some(_) => Err(Untranslatable::new(name, "A number is expected here.")),
    }
}
