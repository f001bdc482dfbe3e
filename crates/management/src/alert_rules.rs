//! Rules of alerts: by which thresholds, about what, and where to.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
mod fields;
pub(crate) mod list;
pub(crate) mod view;

/// Every kind of alert, for sentences.
pub(crate) const KINDS: &str =
    "soft_limit, usage_threshold, balance_low, key_expiring, anomaly, channel_down, call_suspect";
