//! Amounts and prices, reckoned here once more and independently of the product: integers of
//! nano-USD, decimals read digit by digit.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use anyhow::{Context, ensure};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use testkit::provider::TokenCounts;

/// An amount in nano-USD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nanos(pub(crate) i128);

impl Nanos {
    pub(crate) const ZERO: Self = Self(0);

    /// Reads a decimal number of USD with at most nine digits after the point.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        ensure!(fraction.len() <= 9, "{text}: finer than a nano-USD");
        let nanos: i128 =
            format!("{whole}{fraction:0<9}").parse().with_context(|| format!("amount {text}"))?;
        Ok(Self(sign * nanos))
    }
}

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
    }
}

impl Add for Nanos {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Nanos {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Nanos {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl<'de> Deserialize<'de> for Nanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get().trim_matches('"')).map_err(serde::de::Error::custom)
    }
}

/// What a key's calls cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tariff {
    /// Nano-USD per million tokens.
    Tokens { input: i128, cached: i128, output: i128 },
    /// Nano-USD per call.
    Call(i128),
}

/// The default group's factor, in parts per million.
pub(crate) const FACTOR: i128 = 1_250_000;

impl Tariff {
    /// What these tokens cost: one exact sum, rounded up once.
    pub(crate) fn cost(self, tokens: TokenCounts) -> Nanos {
        let sum = match self {
            Self::Tokens { input, cached, output } => {
                i128::from(tokens.prompt - tokens.cached) * input
                    + i128::from(tokens.cached) * cached
                    + i128::from(tokens.completion) * output
            }
            Self::Call(amount) => amount * 1_000_000,
        };
        let (scaled, unit) = (sum * FACTOR, 1_000_000_000_000);
        Nanos((scaled + unit - 1) / unit)
    }
}

#[test]
fn amounts_and_costs_are_exact() {
    for (text, nanos) in
        [("0", 0), ("12.5", 12_500_000_000), ("-0.000000001", -1), ("7", 7_000_000_000)]
    {
        assert_eq!(Nanos::parse(text).unwrap(), Nanos(nanos), "{text}");
    }
    assert!(Nanos::parse("0.0000000001").is_err());
    let tariff = Tariff::Tokens { input: 150_000_007, cached: 75_000_001, output: 600_000_011 };
    let tokens = TokenCounts { prompt: 8, cached: 1, completion: 3, reasoning: 0 };
    // (7 × 150.000007 + 75.000001 + 3 × 600.000011) × 1.25 nano-USD, rounded up
    assert_eq!(tariff.cost(tokens), Nanos(3_657));
}
