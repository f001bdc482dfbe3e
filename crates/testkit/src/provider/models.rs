//! The list of models, in each family's shape.

use serde_json::{Value, json};

use super::gemini::bare_name;
use super::refusal::{Family, Refusal};

/// All models.
pub(super) fn list(models: &[String], family: Family) -> Value {
    let data: Vec<Value> = models.iter().map(|model| entry(model, family)).collect();
    match family {
        Family::OpenAi => json!({"object": "list", "data": data}),
        Family::Anthropic => json!({
            "data": data,
            "has_more": false,
            "first_id": models.first(),
            "last_id": models.last(),
        }),
        Family::Gemini => json!({"models": data}),
    }
}

/// One model.
///
/// # Errors
/// When it is none of the list.
pub(super) fn one(models: &[String], name: &str, family: Family) -> Result<Value, Refusal> {
    let found = models.iter().find(|model| *model == bare_name(name));
    let missing = || Refusal {
        code: Some("model_not_found"),
        ..Refusal::new(404, format!("The model '{name}' does not exist"))
    };
    Ok(entry(found.ok_or_else(missing)?, family))
}

fn entry(model: &str, family: Family) -> Value {
    match family {
        Family::OpenAi => json!({
            "id": model,
            "object": "model",
            "created": 1_735_689_600,
            "owned_by": "simulated",
        }),
        Family::Anthropic => json!({
            "type": "model",
            "id": model,
            "display_name": model,
            "created_at": "2025-01-01T00:00:00Z",
        }),
        Family::Gemini => json!({
            "name": format!("models/{model}"),
            "version": "001",
            "displayName": model,
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens", "embedContent"],
        }),
    }
}
