//! What a call used, by class of token, and how well that is known.

use serde::{Deserialize, Serialize};

/// Tokens by class. The classes do not overlap: their sum is everything the model read and wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input tokens that were not served from or written to a prompt cache.
    pub input: u64,
    /// Input tokens read from a prompt cache.
    pub cached_input: u64,
    /// Input tokens written to a prompt cache (five minutes).
    pub cache_write: u64,
    /// Input tokens written to a prompt cache for an hour.
    pub cache_write_1h: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// How many of the output tokens were reasoning. Shown, not billed on top.
    pub reasoning: u64,
}

impl Usage {
    /// All input tokens; nothing where the sum overflows.
    #[must_use]
    pub fn checked_total_input(&self) -> Option<u64> {
        self.input
            .checked_add(self.cached_input)?
            .checked_add(self.cache_write)?
            .checked_add(self.cache_write_1h)
    }

    /// All input tokens, saturating.
    #[must_use]
    pub fn total_input(&self) -> u64 {
        self.checked_total_input().unwrap_or(u64::MAX)
    }

    /// All tokens, saturating.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total_input().saturating_add(self.output)
    }
}

/// Where the figures of a charge come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The upstream's own final count.
    UpstreamFinal,
    /// The upstream's running count; the answer broke off before its final one.
    UpstreamPartial,
    /// The last checkpoint before a crash.
    Checkpoint,
    /// Counted here, because the upstream sent no usable count.
    Estimated,
    /// The reserved upper bound.
    Bound,
    /// Nothing was used or nothing is charged.
    None,
}

impl UsageSource {
    /// The name in the API and in the books.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpstreamFinal => "upstream_final",
            Self::UpstreamPartial => "upstream_partial",
            Self::Checkpoint => "checkpoint",
            Self::Estimated => "estimated",
            Self::Bound => "bound",
            Self::None => "none",
        }
    }

    /// The source behind a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::UpstreamFinal,
            Self::UpstreamPartial,
            Self::Checkpoint,
            Self::Estimated,
            Self::Bound,
            Self::None,
        ]
        .into_iter()
        .find(|source| source.name() == name)
    }
}
