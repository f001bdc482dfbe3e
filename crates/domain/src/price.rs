//! What a model costs: nano-USD per million tokens of each class, or per call.

use serde::{Deserialize, Serialize};

use crate::money::{InvalidAmount, parse_scaled, unquote};
use crate::usage::Usage;

/// Nano-USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct PerMillion(i64);

impl PerMillion {
    /// The highest price that is taken: 1,000,000 USD per million tokens.
    pub const HIGHEST: Self = Self(1_000_000 * 1_000_000_000);

    /// A price from nano-USD per million tokens.
    #[must_use]
    pub const fn new(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nano-USD per million tokens.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads USD per million tokens.
    ///
    /// # Errors
    /// When the text is not a number from 0 to 1,000,000 in steps of a nano-dollar.
    pub fn parse_usd(text: &str) -> Result<Self, InvalidPrice> {
        match parse_scaled(text, 9) {
            Ok(nanos) if (0..=Self::HIGHEST.0).contains(&nanos) => Ok(Self(nanos)),
            Ok(_) | Err(InvalidAmount::TooLarge) => Err(InvalidPrice::OutOfRange),
            Err(error) => Err(InvalidPrice::NotAnAmount(error)),
        }
    }
}

impl Serialize for PerMillion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::money::Nanos::new(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PerMillion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Self::parse_usd(unquote(raw.get())).map_err(serde::de::Error::custom)
    }
}

/// Why rates are no price together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncoherentPrice {
    /// Of input and output one is missing.
    #[error("input and output are set together: a missing price is not 0")]
    Half {
        /// Which.
        missing: &'static str,
    },
    /// Nothing is set.
    #[error("set input and output (USD per million tokens), per_request (USD per call), or both")]
    None,
    /// Tiers out of order.
    #[error("list the tiers in rising order of above_input_tokens, each threshold once")]
    Tiers,
    /// A model that takes or gives nothing.
    #[error("context_window and max_output are at least 1, or null where unknown")]
    Windows,
}

impl IncoherentPrice {
    /// The field to put right.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Half { missing } => missing,
            Self::None => "input",
            Self::Tiers => "tiers",
            Self::Windows => "max_output",
        }
    }
}

/// Why a text is not a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrice {
    /// Not a decimal amount, or finer than a nano-dollar.
    #[error(transparent)]
    NotAnAmount(InvalidAmount),
    /// Negative or above the highest price.
    #[error("expected USD from 0 to 1000000")]
    OutOfRange,
}

/// A model's prices, as an operator sets them. A missing price is *not* 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Uncached input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<PerMillion>,
    /// Input read from a prompt cache; the input price where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<PerMillion>,
    /// Input written to a prompt cache; the input price where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<PerMillion>,
    /// Input written to a one-hour cache; the `cache_write` price where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<PerMillion>,
    /// Output, reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PerMillion>,
    /// One generated image, in USD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<PerMillion>,
    /// One minute of audio, in USD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_minute: Option<PerMillion>,
    /// One successful call, in USD, for keys that are billed per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request: Option<PerMillion>,
    /// The most tokens that the model reads and writes in one call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// The most tokens that the model writes in one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Other prices for long inputs, in rising order of their threshold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
}

/// Prices that replace the base ones when the whole input is longer than a threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The tier holds for calls with more input tokens than this.
    pub above_input_tokens: u64,
    /// Uncached input; the base price where it is missing. The other classes alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<PerMillion>,
    /// Input read from a prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<PerMillion>,
    /// Input written to a prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<PerMillion>,
    /// Input written to a one-hour cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<PerMillion>,
    /// Output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PerMillion>,
}

/// The five rates that one call is billed at, all defaults filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Uncached input.
    pub input: PerMillion,
    /// Input read from a prompt cache.
    pub cached_input: PerMillion,
    /// Input written to a prompt cache.
    pub cache_write: PerMillion,
    /// Input written to a one-hour cache.
    pub cache_write_1h: PerMillion,
    /// Output.
    pub output: PerMillion,
}

impl Rates {
    /// The dearest way to read a token.
    #[must_use]
    pub fn dearest_input(&self) -> PerMillion {
        self.input.max(self.cached_input).max(self.cache_write).max(self.cache_write_1h)
    }
}

impl Price {
    /// The rates for a call with this many input tokens; none if the model is not priced by usage.
    #[must_use]
    pub fn rates(&self, total_input: u64) -> Option<Rates> {
        let tier = self
            .tiers
            .iter()
            .filter(|tier| total_input > tier.above_input_tokens)
            .max_by_key(|t| t.above_input_tokens);
        let (base_input, base_output) = (self.input?, self.output?);
        let input = tier.and_then(|t| t.input).unwrap_or(base_input);
        let over = |own: Option<PerMillion>, base: Option<PerMillion>, fallback: PerMillion| {
            own.or(base).unwrap_or(fallback)
        };
        let cache_write = over(tier.and_then(|t| t.cache_write), self.cache_write, input);
        Some(Rates {
            input,
            cached_input: over(tier.and_then(|t| t.cached_input), self.cached_input, input),
            cache_write,
            cache_write_1h: over(
                tier.and_then(|t| t.cache_write_1h),
                self.cache_write_1h,
                cache_write,
            ),
            output: tier.and_then(|t| t.output).unwrap_or(base_output),
        })
    }

    /// The rates for what a call used.
    #[must_use]
    pub fn rates_for(&self, usage: &Usage) -> Option<Rates> {
        self.rates(usage.total_input())
    }

    /// What is wrong with these prices as a whole, if anything.
    ///
    /// # Errors
    /// What does not go together.
    pub fn check(&self) -> Result<(), IncoherentPrice> {
        if self.input.is_some() != self.output.is_some() {
            let missing = if self.input.is_some() { "output" } else { "input" };
            return Err(IncoherentPrice::Half { missing });
        }
        if self.input.is_none() && self.per_request.is_none() {
            return Err(IncoherentPrice::None);
        }
        if !self
            .tiers
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a.above_input_tokens < b.above_input_tokens))
        {
            return Err(IncoherentPrice::Tiers);
        }
        if self.max_output == Some(0) || self.context_window == Some(0) {
            return Err(IncoherentPrice::Windows);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(json: &str) -> Price {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn missing_cache_prices_follow_the_input_price() {
        let rates = price(r#"{"input":3,"output":"15","cache_write":3.75}"#).rates(0).unwrap();
        assert_eq!(rates.cached_input, PerMillion::new(3_000_000_000));
        assert_eq!(rates.cache_write_1h, PerMillion::new(3_750_000_000));
    }

    #[test]
    fn a_tier_holds_above_its_threshold_only() {
        let price = price(
            r#"{"input":1,"output":2,"tiers":[{"above_input_tokens":200000,"input":2,"output":4}]}"#,
        );
        assert_eq!(price.rates(200_000).unwrap().input.get(), 1_000_000_000);
        assert_eq!(price.rates(200_001).unwrap().output.get(), 4_000_000_000);
    }

    #[test]
    fn an_explicit_zero_is_a_price_and_a_missing_one_is_not() {
        assert!(price(r#"{"input":0,"output":0}"#).rates(1).is_some());
        assert!(price(r#"{"per_request":0.1}"#).rates(1).is_none());
        assert!(price(r#"{"input":1}"#).check().is_err());
    }

    #[test]
    fn prices_out_of_range_are_refused() {
        for text in ["-1", "1000000.1", "0.0000000001", "1e308"] {
            assert!(PerMillion::parse_usd(text).is_err(), "{text}");
        }
        assert_eq!(PerMillion::parse_usd("1000000"), Ok(PerMillion::HIGHEST));
    }
}
