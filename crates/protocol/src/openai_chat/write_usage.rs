//! Usage in this dialect's shape.

use domain::usage::Usage;
use serde_json::{Value, json};

/// The usage object: `prompt_tokens` counts all input, `completion_tokens` all output. Tokens
/// written to a cache are told under OpenRouter's name, where there are any.
pub(super) fn write_usage(usage: &Usage) -> Value {
    let prompt = usage.total_input();
    let mut details = json!({ "cached_tokens": usage.cached_input });
    let written = usage.cache_write.saturating_add(usage.cache_write_1h);
    if let (Some(details), true) = (details.as_object_mut(), written > 0) {
        details.insert("cache_write_tokens".to_owned(), json!(written));
    }
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": usage.output,
        "total_tokens": prompt.saturating_add(usage.output),
        "prompt_tokens_details": details,
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning },
    })
}
