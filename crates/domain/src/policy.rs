//! The rules that a key carries: what its holder may call, from where, until when and how much.

use serde::{Deserialize, Serialize};

use crate::bill::BillingMethod;
use crate::money::Nanos;
use crate::network::AddressRange;
use crate::pattern::ModelPattern;
use crate::permission::Permissions;
use crate::time::UnixMillis;

/// A cap on one calendar window; a missing part does not limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
#[serde(deny_unknown_fields)]
pub struct WindowLimit {
    /// Forwarded calls.
    #[serde(default)]
    pub requests: Option<i64>,
    /// USD.
    #[serde(default)]
    pub amount: Option<Nanos>,
}

/// A threshold that alerts and never refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftLimit {
    /// The window that is watched.
    pub window: SoftWindow,
    /// USD.
    pub amount: Nanos,
}

/// The windows that a soft limit can watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SoftWindow {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
    /// The key's whole life.
    Total,
}

/// Rates and parallelism; a missing part does not limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
#[serde(deny_unknown_fields)]
pub struct RateLimits {
    /// Requests a minute; as many may come at once.
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, input and output together.
    #[serde(default)]
    pub tokens_per_minute: Option<u64>,
    /// Calls under way at once.
    #[serde(default)]
    pub parallel: Option<u32>,
}

impl RateLimits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What happens when a hard limit is too short for the requested maximum of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
#[serde(rename_all = "lowercase")]
pub enum WhenShort {
    /// The maximum is lowered to what is affordable.
    #[default]
    Lower,
    /// The call is refused.
    Refuse,
}

/// Everything that is checked when a key is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyPolicy {
    /// Switched off by its owner.
    pub disabled: bool,
    /// Ended for ever.
    pub revoked: bool,
    /// When the key ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// What its holder may do.
    pub permissions: Permissions,
    /// How it is charged.
    pub billing_method: BillingMethod,
    /// The cap on its whole life.
    pub quota: Option<Nanos>,
    /// The cap on a day.
    pub daily: WindowLimit,
    /// The cap on a month.
    pub monthly: WindowLimit,
    /// Rates and parallelism.
    pub rates: RateLimits,
    /// The most output tokens of one call.
    pub max_tokens_per_request: Option<u64>,
    /// Lower or refuse when a limit is short.
    pub when_short: WhenShort,
    /// Models that may be called; empty: all.
    pub allowed_models: Box<[ModelPattern]>,
    /// Addresses that may call; empty: all.
    pub ip_allowlist: Box<[AddressRange]>,
    /// Groups to route through, in order; empty: the owner's.
    pub groups: Box<[Box<str>]>,
}

impl KeyPolicy {
    /// Whether the key may call a model of this name.
    #[must_use]
    pub fn allows_model(&self, model: &str) -> bool {
        self.allowed_models.is_empty()
            || self.allowed_models.iter().any(|pattern| pattern.matches(model))
    }

    /// Whether the key has ended by itself.
    #[must_use]
    pub fn expired(&self, now: UnixMillis) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
