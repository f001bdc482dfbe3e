//! `tollkeeper usage`: what was used, in sums or by day, hour, model or key.

use super::verb::{FILTERS_OF_TIME, Flag, Verb};

const FILTERS: &[Flag] = &[
    Flag::choice("by", &["day", "hour", "model", "key"], "A line for each of these"),
    Flag::text("key", "Only this key's (key_…)").at("key_id"),
    Flag::text("user", "Only this user's (usr_…)").at("user_id"),
];

pub(super) const VERB: Verb =
    Verb::get("usage", "/v1/usage", "Show what was used, on a running gateway")
        .flags(&[FILTERS, FILTERS_OF_TIME])
        .rows(&[
            "starts_at",
            "model",
            "key_id",
            "requests",
            "tokens.input",
            "tokens.cached_input",
            "tokens.cache_write",
            "tokens.output",
            "cost",
        ])
        .csv();
