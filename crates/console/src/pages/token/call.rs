//! A call as the API shows it, as far as short lists show it.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::format::moment;
use crate::language::Words;
use crate::ui;

/// A call.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) status: u16,
    pub(crate) charged: Nanos,
    #[serde(default)]
    pub(crate) usage: Tokens,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) started_at: UnixMillis,
    pub(crate) duration_ms: u32,
    #[serde(default)]
    pub(crate) client_ip: Option<String>,
    #[serde(default)]
    pub(crate) user_agent: Option<String>,
}

/// Its tokens by class.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) cached_input: u64,
    pub(crate) cache_write: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) output: u64,
}

impl Call {
    /// Whether its client got an answer.
    pub(crate) fn went_well(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Everything that the model read.
    pub(crate) const fn input(&self) -> u64 {
        let written = self.usage.cache_write.saturating_add(self.usage.cache_write_1h);
        self.usage.input.saturating_add(self.usage.cached_input).saturating_add(written)
    }

    /// Its status, green where it went well.
    pub(crate) fn badge(&self, _: &Words) -> ui::Html {
        let tone = match self.status {
            200..=299 => "good",
            400..=499 => "warn",
            _ => "bad",
        };
        ui::badge(tone, self.status.to_string())
    }

    /// The program that made it, without its system's details.
    pub(crate) fn client(&self) -> &str {
        self.user_agent.as_deref().and_then(|agent| agent.split([' ', '(']).next()).unwrap_or("—")
    }
}
