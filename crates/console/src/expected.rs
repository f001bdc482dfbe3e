//! What an input expects, in the visitor's language.
//!
//! The API says it in English, and more exactly; so there its own words stand. For other languages
//! there is a sentence for each kind of field, and the API's words where none fits.

use crate::language::{Language, Message, Words};

/// The sentence for a field of the API's, such as `daily_limit.amount` or `ip_allowlist[2]`.
pub(crate) fn expected(words: Words, field: &str) -> Option<String> {
    if words.language() == Language::English {
        return None;
    }
    let last = field.rsplit('.').next().unwrap_or(field);
    let name = last.split('[').next().unwrap_or(last);
    let message = match name {
        "name" | "env" | "project" | "purpose" | "model" => Message("expected-name"),
        "email" => Message("expected-email"),
        "password" => Message("expected-password"),
        "amount" | "quota" | "input" | "output" | "cached_input" | "cache_write"
        | "cache_write_1h" | "image" | "audio_minute" | "per_request" => Message("expected-amount"),
        "requests"
        | "requests_per_minute"
        | "tokens_per_minute"
        | "parallel"
        | "priority"
        | "weight"
        | "count"
        | "key_limit"
        | "context_window"
        | "max_output"
        | "above_input_tokens"
        | "max_tokens_per_request"
        | "grace_seconds" => Message("expected-number"),
        "multiplier" | "threshold" => Message("expected-decimal"),
        "expires_at" | "since" | "until" => Message("expected-time"),
        "ip_allowlist" | "client_ip" => Message("expected-addresses"),
        "allowed_models" | "models" => Message("expected-models"),
        "model_map" => Message("expected-model-map"),
        "groups" | "group" => Message("expected-groups"),
        "base_url" | "address" | "proxy" => Message("expected-url"),
        "secret" | "secrets" => Message("expected-secret"),
        "tags" | "tag" => Message("expected-tags"),
        "metadata" => Message("expected-object"),
        "passphrase" => Message("expected-passphrase"),
        _ => return None,
    };
    Some(words.say(message).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_explained_in_the_language_of_the_page() {
        let chinese = Words::of(Language::Chinese);
        for field in ["daily_limit.amount", "quota", "tiers[1].input"] {
            assert!(expected(chinese, field).unwrap().contains("美元"), "{field}");
        }
        assert!(expected(chinese, "ip_allowlist[2]").unwrap().contains("IP"));
        assert_eq!(expected(chinese, "something_new"), None);
        assert_eq!(expected(Words::of(Language::English), "quota"), None);
    }
}
