//! How much a model is to think: `thinkingConfig`, read and written.
//!
//! Gemini 2.5 counts tokens (`thinkingBudget`: −1 as many as it likes, 0 none; Flash up to 24,576,
//! Pro 128 to 32,768), Gemini 3 takes a word (`thinkingLevel`; Pro knows no `minimal`, its first
//! version no `medium` either) and refuses both at once. Older models and Gemma refuse the whole
//! field. ("Gemini thinking": levels and budgets.)

use serde_json::{Map, Value};

use super::fields::{integer, members, wrong};
use crate::canonical::{Effort, Losses, Reasoning, Untranslatable};

const FIELD: &str = "generationConfig.thinkingConfig";
const MOST_FLASH: u64 = 24_576;
const MOST_PRO: u64 = 32_768;
const LEAST_PRO: u64 = 128;
const LEAST_LITE: u64 = 512;

/// Whether a model is of the third generation, by its name.
pub(super) fn is_gemini_3(model: &str) -> bool {
    model.contains("gemini-3")
}

/// Reads a `thinkingConfig`.
pub(super) fn read_thinking(
    config: &Value,
    losses: &mut Losses,
) -> Result<Reasoning, Untranslatable> {
    let mut reasoning = Reasoning::default();
    for (name, value) in members(config) {
        match &*name {
            "thinkingBudget" => match integer(value) {
                Some(-1) => reasoning.adaptive = true,
                Some(tokens @ 0..) => reasoning.budget = u64::try_from(tokens).ok(),
                _ => return Err(wrong(&format!("{FIELD}.thinkingBudget"), "-1, 0 or more")),
            },
            "includeThoughts" => reasoning.show = value.as_bool(),
            "thinkingLevel" => {
                let level = value.as_str().unwrap_or_default().to_ascii_lowercase();
                reasoning.effort = match level.as_str() {
                    "minimal" => Some(Effort::Minimal),
                    "low" => Some(Effort::Low),
                    "medium" => Some(Effort::Medium),
                    "high" => Some(Effort::High),
                    "thinking_level_unspecified" => None,
                    _ => {
                        let field = format!("{FIELD}.thinkingLevel");
                        return Err(wrong(&field, "minimal, low, medium or high"));
                    }
                }
            }
            other => losses.add(format!("{FIELD}.{other}")),
        }
    }
    Ok(reasoning)
}

/// Writes a `thinkingConfig` for a model; nothing where there is nothing to say.
pub(super) fn write_thinking(
    reasoning: &Reasoning,
    model: &str,
    losses: &mut Losses,
) -> Option<Value> {
    let nothing = reasoning.budget.unwrap_or(0) == 0
        && reasoning.effort.is_none_or(|effort| effort == Effort::None)
        && !reasoning.adaptive;
    if ["gemini-1", "gemini-2.0", "gemma"].iter().any(|old| model.contains(old)) {
        if !nothing {
            losses.add("reasoning");
        }
        return None;
    }
    let mut config = Map::new();
    if is_gemini_3(model) {
        let of_budget = reasoning.budget.map(Effort::of_budget);
        if let Some(effort) = reasoning.effort.or(of_budget) {
            config.insert("thinkingLevel".into(), level(effort, model).into());
        }
    } else if let Some(tokens) = reasoning.budget {
        config.insert("thinkingBudget".into(), budget(tokens, model).into());
    } else if reasoning.adaptive {
        config.insert("thinkingBudget".into(), Value::from(-1));
    } else if let Some(effort) = reasoning.effort {
        config.insert("thinkingBudget".into(), budget(effort.budget(), model).into());
    }
    if let Some(show) = reasoning.show {
        config.insert("includeThoughts".into(), show.into());
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

fn level(effort: Effort, model: &str) -> &'static str {
    let flash = model.contains("flash");
    match effort {
        Effort::None | Effort::Minimal if flash => "minimal",
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium if !model.contains("gemini-3-pro") => "medium",
        Effort::Medium | Effort::High | Effort::Max => "high",
    }
}

/// A number of tokens that the model takes.
fn budget(tokens: u64, model: &str) -> u64 {
    if model.contains("flash-lite") {
        if tokens == 0 { 0 } else { tokens.clamp(LEAST_LITE, MOST_FLASH) }
    } else if model.contains("2.5-flash") {
        tokens.min(MOST_FLASH)
    } else if model.contains("2.5-pro") {
        tokens.clamp(LEAST_PRO, MOST_PRO)
    } else {
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(reasoning: &Reasoning, model: &str) -> Value {
        write_thinking(reasoning, model, &mut Losses::default()).unwrap_or_default()
    }

    #[test]
    fn each_generation_gets_what_it_takes() {
        let effort = |effort| Reasoning { effort: Some(effort), ..Reasoning::default() };
        let cases = [
            (effort(Effort::Medium), "gemini-2.5-flash", json!({"thinkingBudget": 8192})),
            (effort(Effort::Max), "gemini-2.5-flash", json!({"thinkingBudget": 24576})),
            (effort(Effort::None), "gemini-2.5-pro", json!({"thinkingBudget": 128})),
            (effort(Effort::None), "gemini-2.5-flash-lite", json!({"thinkingBudget": 0})),
            (effort(Effort::None), "gemini-3-flash-preview", json!({"thinkingLevel": "minimal"})),
            (effort(Effort::Medium), "gemini-3-pro-preview", json!({"thinkingLevel": "high"})),
            (effort(Effort::Medium), "gemini-3.1-pro", json!({"thinkingLevel": "medium"})),
            (effort(Effort::Minimal), "gemini-3.1-pro", json!({"thinkingLevel": "low"})),
            (effort(Effort::High), "gemini-2.0-flash", Value::Null),
        ];
        for (reasoning, model, wanted) in cases {
            assert_eq!(written(&reasoning, model), wanted, "{model}");
        }
        let adaptive = Reasoning { adaptive: true, show: Some(true), ..Reasoning::default() };
        assert_eq!(
            written(&adaptive, "gemini-2.5-pro"),
            json!({"thinkingBudget": -1, "includeThoughts": true})
        );
        assert_eq!(written(&adaptive, "gemini-3.1-pro"), json!({"includeThoughts": true}));
    }
}
