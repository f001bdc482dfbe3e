//! What of a channel is set seldom, kept as one JSON text.

use domain::dialect::Dialect;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::SealedSecret;

/// Settings with a default each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelSettings {
    /// The wire formats that it takes; none: the provider's own.
    pub dialects: Option<Vec<Dialect>>,
    /// Headers that are added to each call.
    pub headers: BTreeMap<String, String>,
    /// The proxy that calls go through: its address, without a login.
    pub proxy: Option<String>,
    /// The login at the proxy, sealed.
    pub proxy_login: Option<SealedSecret>,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// Whether the upstream is asked to report usage in streams.
    pub ask_usage: bool,
    /// Its operator's labels.
    pub tags: Vec<String>,
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            dialects: None,
            headers: BTreeMap::new(),
            proxy: None,
            proxy_login: None,
            timeouts: Timeouts::default(),
            ask_usage: true,
            tags: Vec::new(),
        }
    }
}

/// How long a channel is waited for, in milliseconds; what is none follows the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    /// Until it is connected.
    pub connect_ms: Option<u64>,
    /// Until the first byte of the answer.
    pub first_byte_ms: Option<u64>,
    /// Between two bytes of the answer.
    pub idle_ms: Option<u64>,
    /// For the whole call.
    pub total_ms: Option<u64>,
}
