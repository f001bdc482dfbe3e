//! What fields are called, and how their values are written.

use crate::language::{Language, Message, Words};
use crate::pages::user::entry::{role, tier};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Money,
    Count,
    Time,
    Role,
    Tier,
    Credit,
    Theme,
    Language,
}

impl Form {
    /// A value that has a name of its own in the visitor's language.
    pub(super) fn name(self, value: &str, words: Words) -> Option<String> {
        let message = match (self, value) {
            (Self::Role, "owner" | "admin" | "member") => role(value),
            (Self::Tier, "standard" | "professional" | "enterprise") => tier(value),
            (Self::Credit, "balance") => Message("user-credit-balance"),
            (Self::Credit, "unlimited") => Message("unlimited"),
            (Self::Theme, "light") => Message("theme-light"),
            (Self::Theme, "dark") => Message("theme-dark"),
            (Self::Theme, "auto") => Message("theme-auto"),
            (Self::Language, tag) => {
                let language = Language::ALL.iter().find(|language| language.tag() == tag)?;
                return Some(language.own_name().to_owned());
            }
            _ => return None,
        };
        Some(words.say(message).into_owned())
    }
}

/// What a field is called in the visitor's language, else as in the API, and how its values are
/// written.
pub(crate) fn of(name: &str, words: Words) -> (String, Form) {
    // A template's fields are a key's.
    let name = name.strip_prefix("fields.").unwrap_or(name);
    let known = |name: &str| FIELDS.iter().find(|(field, ..)| *field == name);
    if let Some((_, message, form)) = known(name) {
        return (words.say(message).into_owned(), *form);
    }
    // A part of a field that is known as a whole.
    let (whole, part) = name.split_once('.').unwrap_or((name, ""));
    match known(whole) {
        Some((_, message, form)) => (format!("{} · {part}", words.say(message)), *form),
        None => (name.to_owned(), Form::Plain),
    }
}

const FIELDS: &[(&str, Message, Form)] = &[
    ("name", Message("change-name"), Form::Plain),
    ("owner", Message("change-owner"), Form::Plain),
    ("billing_method", Message("change-billing-method"), Form::Plain),
    ("permissions", Message("change-permissions"), Form::Plain),
    ("expires_at", Message("change-expires-at"), Form::Time),
    ("quota", Message("change-quota"), Form::Money),
    ("daily_limit.requests", Message("change-daily-requests"), Form::Count),
    ("daily_limit.amount", Message("change-daily-amount"), Form::Money),
    ("monthly_limit.requests", Message("change-monthly-requests"), Form::Count),
    ("monthly_limit.amount", Message("change-monthly-amount"), Form::Money),
    ("soft_limit", Message("change-soft-limit"), Form::Plain),
    ("soft_limit.amount", Message("change-soft-limit"), Form::Money),
    ("max_tokens_per_request", Message("change-max-tokens"), Form::Count),
    ("rate_limits.requests_per_minute", Message("change-requests-per-minute"), Form::Count),
    ("rate_limits.tokens_per_minute", Message("change-tokens-per-minute"), Form::Count),
    ("rate_limits.parallel", Message("change-parallel"), Form::Count),
    ("allowed_models", Message("change-allowed-models"), Form::Plain),
    ("ip_allowlist", Message("change-ip-allowlist"), Form::Plain),
    ("when_short", Message("change-when-short"), Form::Plain),
    ("groups", Message("change-groups"), Form::Plain),
    ("tags", Message("change-tags"), Form::Plain),
    ("metadata", Message("change-metadata"), Form::Plain),
    ("disabled", Message("change-disabled"), Form::Plain),
    ("revoked", Message("change-revoked"), Form::Plain),
    ("value", Message("change-value"), Form::Plain),
    ("rotated_at", Message("change-rotated-at"), Form::Time),
    ("previous_ends_at", Message("change-previous-ends-at"), Form::Time),
    ("refunded", Message("change-refunded"), Form::Money),
    ("dismissed_finding", Message("change-dismissed-finding"), Form::Plain),
    ("expires_in_seconds", Message("change-expires-in"), Form::Count),
    ("email", Message("change-email"), Form::Plain),
    ("role", Message("change-role"), Form::Role),
    ("tier", Message("change-tier"), Form::Tier),
    ("credit", Message("change-credit"), Form::Credit),
    ("credited", Message("change-credited"), Form::Money),
    ("frozen_at", Message("change-frozen-at"), Form::Time),
    ("has_password", Message("change-has-password"), Form::Plain),
    ("password", Message("change-password"), Form::Plain),
    ("totp", Message("change-totp"), Form::Plain),
    ("recovery_codes", Message("change-recovery-codes"), Form::Plain),
    ("language", Message("change-language"), Form::Language),
    ("theme", Message("change-theme"), Form::Theme),
    ("provider", Message("change-provider"), Form::Plain),
    ("base_url", Message("change-base-url"), Form::Plain),
    ("secret", Message("change-secret"), Form::Plain),
    ("secret_count", Message("change-secret-count"), Form::Count),
    ("models", Message("change-models"), Form::Plain),
    ("model_map", Message("change-model-map"), Form::Plain),
    ("priority", Message("change-priority"), Form::Plain),
    ("weight", Message("change-weight"), Form::Plain),
    ("dialects", Message("change-dialects"), Form::Plain),
    ("proxy", Message("change-proxy"), Form::Plain),
    ("headers", Message("change-headers"), Form::Plain),
    ("timeouts", Message("change-timeouts"), Form::Count),
    ("ask_usage", Message("change-ask-usage"), Form::Plain),
    ("multiplier", Message("change-multiplier"), Form::Plain),
    ("key_limit", Message("change-key-limit"), Form::Count),
    ("input", Message("change-input"), Form::Money),
    ("output", Message("change-output"), Form::Money),
    ("cached_input", Message("change-cached-input"), Form::Money),
    ("cache_write", Message("change-cache-write"), Form::Money),
    ("cache_write_1h", Message("change-cache-write-1h"), Form::Money),
    ("image", Message("change-image"), Form::Money),
    ("audio_minute", Message("change-audio-minute"), Form::Money),
    ("per_request", Message("change-per-request"), Form::Money),
    ("context_window", Message("change-context-window"), Form::Count),
    ("max_output", Message("change-max-output"), Form::Count),
    ("tiers", Message("change-price-tiers"), Form::Plain),
    ("kind", Message("change-kind"), Form::Plain),
    ("threshold", Message("change-threshold"), Form::Plain),
    ("scope", Message("change-scope"), Form::Plain),
    ("destinations", Message("change-destinations"), Form::Plain),
    ("address", Message("change-address"), Form::Plain),
    ("scopes", Message("change-scopes"), Form::Plain),
    ("status", Message("change-status"), Form::Plain),
    ("amount", Message("change-amount"), Form::Money),
    ("note", Message("change-note"), Form::Plain),
    ("redeemed_by", Message("change-redeemed-by"), Form::Plain),
    ("redeemed_at", Message("change-redeemed-at"), Form::Time),
    ("transaction_id", Message("change-transaction"), Form::Plain),
    ("login", Message("change-login"), Form::Plain),
    ("model", Message("change-model"), Form::Plain),
    ("source", Message("change-source"), Form::Plain),
    ("dry_run", Message("change-dry-run"), Form::Plain),
    ("overwrite", Message("change-overwrite"), Form::Plain),
    ("data", Message("change-data"), Form::Plain),
    ("count", Message("change-count"), Form::Plain),
    ("reason", Message("change-reason"), Form::Plain),
    ("code", Message("change-code"), Form::Plain),
];
