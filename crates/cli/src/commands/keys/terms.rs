//! The flags of a key's terms: making, editing and templates share them.

use crate::commands::verb::Flag;

pub(super) const BILLING_METHOD: Flag = Flag::choice(
    "billing-method",
    &["usage_based", "pay_per_use", "by_model"],
    "How it is billed, for its whole life [default: usage_based]",
);

pub(super) const TERMS: &[Flag] = &[
    Flag::list("permissions", "full, inference, read_only, or several such as chat,models.read"),
    Flag::time("expires-at", "When it ends (RFC 3339), or never"),
    Flag::amount("quota", "USD for its whole life, or none"),
    Flag::amount("daily-amount", "USD a day, or none").at("daily_limit.amount"),
    Flag::number("daily-requests", "Calls a day, or none").at("daily_limit.requests"),
    Flag::amount("monthly-amount", "USD a month, or none").at("monthly_limit.amount"),
    Flag::number("monthly-requests", "Calls a month, or none").at("monthly_limit.requests"),
    Flag::choice("soft-window", &["day", "month", "total"], "The window of --soft-amount")
        .at("soft_limit.window"),
    Flag::amount("soft-amount", "USD in the window from which on there is an alert")
        .at("soft_limit.amount"),
    Flag::switch("no-soft-limit", "null", "No such alert").at("soft_limit"),
    Flag::number("max-tokens-per-request", "Output tokens of one call, or none"),
    Flag::number("requests-per-minute", "Or none").at("rate_limits.requests_per_minute"),
    Flag::number("tokens-per-minute", "Input and output together, or none")
        .at("rate_limits.tokens_per_minute"),
    Flag::number("parallel", "Calls at once, or none").at("rate_limits.parallel"),
    Flag::list("allowed-models", "Names and patterns such as gpt-5*, or none: all"),
    Flag::list("ip-allowlist", "Addresses and ranges such as 192.0.2.0/24, or none: all"),
    Flag::choice("when-short", &["lower", "refuse"], "Near a limit, lower the output or refuse"),
    Flag::list("groups", "The groups to route through, in order; auto: the owner's"),
    Flag::list("tags", "Labels, or none"),
    Flag::json("metadata", "File with a JSON object of your own"),
];
