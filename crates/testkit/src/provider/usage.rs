//! Tokens by class: the one form in which the books can compare calls of all dialects.

use serde::{Deserialize, Serialize};

use super::books::TokenCounts;

/// Tokens by class. The classes of the input do not overlap; `reasoning` is a part of `output`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// Input that was neither read from nor written to a prompt cache.
    pub input: u64,
    /// Input read from a prompt cache.
    pub cached: u64,
    /// Input written to a prompt cache for five minutes.
    pub cache_write: u64,
    /// Input written to a prompt cache for an hour.
    pub cache_write_1h: u64,
    /// Output of all choices, reasoning included; before the usage was sent, what went out so far.
    pub output: u64,
    /// The reasoning part of the output.
    pub reasoning: u64,
}

impl Usage {
    /// All input.
    #[must_use]
    pub fn total_input(&self) -> u64 {
        self.input
            .saturating_add(self.cached)
            .saturating_add(self.cache_write)
            .saturating_add(self.cache_write_1h)
    }

    /// All input and output.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total_input().saturating_add(self.output)
    }

    /// Adds another call's tokens.
    pub(super) fn add(&mut self, other: &Self) {
        self.input += other.input;
        self.cached += other.cached;
        self.cache_write += other.cache_write;
        self.cache_write_1h += other.cache_write_1h;
        self.output += other.output;
        self.reasoning += other.reasoning;
    }
}

impl From<Usage> for TokenCounts {
    fn from(usage: Usage) -> Self {
        Self {
            prompt: usage.total_input(),
            cached: usage.cached,
            completion: usage.output,
            reasoning: usage.reasoning,
        }
    }
}
