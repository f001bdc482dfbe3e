//! From a price and a usage to an amount: computed once in 128 bits, rounded up once.

use serde::{Deserialize, Serialize};

use crate::money::Nanos;
use crate::price::{PerMillion, Price, Rates};
use crate::usage::Usage;

/// A group's factor on prices, in parts per million (1,000,000 = the list price).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Multiplier(i64);

impl Multiplier {
    /// The list price.
    pub const ONE: Self = Self(1_000_000);
    /// The largest factor that is taken: 1,000.
    pub const HIGHEST: Self = Self(1_000_000_000);

    /// A factor from parts per million; none if it is negative or above the highest.
    #[must_use]
    pub const fn from_parts_per_million(parts: i64) -> Option<Self> {
        if parts < 0 || parts > Self::HIGHEST.0 { None } else { Some(Self(parts)) }
    }

    /// Parts per million.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// How a key is charged, fixed when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingMethod {
    /// Per token, by class.
    UsageBased,
    /// A fixed price per successful call.
    #[serde(alias = "pay_per_request")]
    PayPerUse,
    /// Whichever price the model has; the price per call where it has both.
    ByModel,
}

impl BillingMethod {
    /// The name in the API and in the books.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsageBased => "usage_based",
            Self::PayPerUse => "pay_per_use",
            Self::ByModel => "by_model",
        }
    }

    /// The method behind a name of the API, aliases included.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "usage_based" => Some(Self::UsageBased),
            "pay_per_use" | "pay_per_request" => Some(Self::PayPerUse),
            "by_model" => Some(Self::ByModel),
            _ => None,
        }
    }
}

/// What one call is charged by: decided at admission, never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tariff {
    /// Per token.
    Tokens(Price),
    /// Per successful call.
    Call(Nanos),
}

impl Tariff {
    /// The tariff of a price under a billing method; none if the price lacks that kind.
    #[must_use]
    pub fn of(price: &Price, method: BillingMethod) -> Option<Self> {
        let call = || price.per_request.map(|amount| Self::Call(Nanos::new(amount.get())));
        let tokens = || price.rates(0).map(|_| Self::Tokens(price.clone()));
        match method {
            BillingMethod::UsageBased => tokens(),
            BillingMethod::PayPerUse => call(),
            BillingMethod::ByModel => call().or_else(tokens),
        }
    }

    /// What a usage costs.
    ///
    /// # Errors
    /// When the amount does not fit in the books.
    pub fn cost(&self, usage: &Usage, multiplier: Multiplier) -> Result<Nanos, Overflow> {
        match self {
            Self::Tokens(price) => {
                let total_input = usage.checked_total_input().ok_or(Overflow)?;
                let rates = price.rates(total_input);
                rates
                    .map_or(Ok(Nanos::ZERO), |rates| total(&token_lines(&rates, usage), multiplier))
            }
            Self::Call(amount) => scale(i128::from(amount.get()) * MILLION, multiplier),
        }
    }

    /// The most that a call can cost which reads and writes at most this much.
    ///
    /// # Errors
    /// When the amount does not fit in the books.
    pub fn bound(
        &self,
        most_input: u64,
        most_output: u64,
        multiplier: Multiplier,
    ) -> Result<Nanos, Overflow> {
        let price = match self {
            Self::Tokens(price) => price,
            Self::Call(_) => return self.cost(&Usage::default(), multiplier),
        };
        let thresholds =
            price.tiers.iter().map(|tier| tier.above_input_tokens).filter(|at| *at < most_input);
        let mut worst = Nanos::ZERO;
        for tokens in thresholds.chain([most_input]) {
            // Just below and just above each threshold, and the longest input: the dearest of them
            // bounds every shorter one, because within a tier the cost only rises.
            for input in [tokens, tokens.saturating_add(1).min(most_input)] {
                let Some(rates) = price.rates(input) else {
                    continue;
                };
                let lines = [
                    Line::new(Class::Input, input, rates.dearest_input()),
                    Line::new(Class::Output, most_output, rates.output),
                ];
                worst = worst.max(total(&lines, multiplier)?);
            }
        }
        Ok(worst)
    }

    /// The most output tokens that an amount pays for beside the input; none if not even the input fits.
    #[must_use]
    pub fn affordable_output(
        &self,
        most_input: u64,
        amount: Nanos,
        multiplier: Multiplier,
        wanted: u64,
    ) -> Option<u64> {
        let fits = |output: u64| {
            self.bound(most_input, output, multiplier).is_ok_and(|bound| bound <= amount)
        };
        if !fits(0) {
            return None;
        }
        let (mut fitting, mut beyond) = (0, wanted.saturating_add(1));
        while beyond - fitting > 1 {
            let middle = fitting + (beyond - fitting) / 2;
            if fits(middle) { fitting = middle } else { beyond = middle }
        }
        Some(fitting)
    }

    /// The bill, line by line, for people to check.
    #[must_use]
    pub fn lines(&self, usage: &Usage) -> Vec<Line> {
        match self {
            Self::Tokens(price) => {
                let lines = price.rates_for(usage).map(|rates| token_lines(&rates, usage));
                lines.into_iter().flatten().filter(|line| line.quantity > 0).collect()
            }
            Self::Call(amount) => {
                // A price per call is written as a million times itself per million, so that every
                // line has the same arithmetic.
                vec![Line {
                    class: Class::Call,
                    quantity: 1,
                    per_million: i128::from(amount.get()) * MILLION,
                }]
            }
        }
    }
}

/// One class of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// What was used.
    pub class: Class,
    /// How many tokens, or calls.
    pub quantity: u64,
    /// Nano-USD per million of it.
    pub per_million: i128,
}

impl Line {
    fn new(class: Class, quantity: u64, rate: PerMillion) -> Self {
        Self { class, quantity, per_million: i128::from(rate.get()) }
    }

    /// Millionths of a nano-dollar; none on overflow.
    fn micronanos(&self) -> Option<i128> {
        i128::from(self.quantity).checked_mul(self.per_million)
    }
}

/// What a line of a bill is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Uncached input tokens.
    Input,
    /// Input tokens from a prompt cache.
    CachedInput,
    /// Input tokens written to a prompt cache.
    CacheWrite,
    /// Input tokens written to a one-hour prompt cache.
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
    /// Output tokens.
    Output,
    /// One call.
    Call,
}

impl Class {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CachedInput => "cached_input",
            Self::CacheWrite => "cache_write",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Output => "output",
            Self::Call => "call",
        }
    }
}

/// An amount does not fit in 64 bits of nano-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is larger than the books can hold")]
pub struct Overflow;

const MILLION: i128 = 1_000_000;

fn token_lines(rates: &Rates, usage: &Usage) -> [Line; 5] {
    [
        Line::new(Class::Input, usage.input, rates.input),
        Line::new(Class::CachedInput, usage.cached_input, rates.cached_input),
        Line::new(Class::CacheWrite, usage.cache_write, rates.cache_write),
        Line::new(Class::CacheWrite1h, usage.cache_write_1h, rates.cache_write_1h),
        Line::new(Class::Output, usage.output, rates.output),
    ]
}

fn total(lines: &[Line], multiplier: Multiplier) -> Result<Nanos, Overflow> {
    let sum = lines
        .iter()
        .try_fold(0_i128, |sum, line| line.micronanos().and_then(|part| sum.checked_add(part)));
    scale(sum.ok_or(Overflow)?, multiplier)
}

/// Applies the group's factor and rounds up to a nano-dollar: the only rounding of a charge.
fn scale(micronanos: i128, multiplier: Multiplier) -> Result<Nanos, Overflow> {
    let scaled = micronanos.checked_mul(i128::from(multiplier.get())).ok_or(Overflow)?;
    let divisor = MILLION * MILLION;
    let nanos = scaled.checked_add(divisor - 1).ok_or(Overflow)? / divisor;
    i64::try_from(nanos).map(Nanos::new).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(json: &str) -> Tariff {
        Tariff::Tokens(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_call_costs_the_sum_of_its_classes_rounded_up_once() {
        let tariff = tokens(r#"{"input":0.15,"cached_input":0.075,"output":0.6}"#);
        let usage = Usage { input: 7, cached_input: 1, output: 3, ..Usage::default() };
        // 7 × 150 + 1 × 75 + 3 × 600 nano-dollars, exactly
        assert_eq!(tariff.cost(&usage, Multiplier::ONE), Ok(Nanos::new(2_925)));
        let fine = tokens(r#"{"input":0.0001,"output":0}"#);
        assert_eq!(
            fine.cost(&Usage { input: 1, ..Usage::default() }, Multiplier::ONE),
            Ok(Nanos::new(1))
        );
    }

    #[test]
    fn the_group_factor_applies_before_rounding() {
        let half = Multiplier::from_parts_per_million(500_000).unwrap();
        assert_eq!(Tariff::Call(Nanos::new(3)).cost(&Usage::default(), half), Ok(Nanos::new(2)));
    }

    #[test]
    fn by_model_prefers_the_price_per_call() {
        let price: Price =
            serde_json::from_str(r#"{"input":1,"output":1,"per_request":0.5}"#).unwrap();
        assert_eq!(
            Tariff::of(&price, BillingMethod::ByModel),
            Some(Tariff::Call(Nanos::new(500_000_000)))
        );
        assert!(matches!(Tariff::of(&price, BillingMethod::UsageBased), Some(Tariff::Tokens(_))));
    }

    #[test]
    fn absurd_usage_overflows_instead_of_wrapping() {
        let tariff = tokens(r#"{"input":1000000,"output":1000000}"#);
        let usage = Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() };
        assert_eq!(tariff.cost(&usage, Multiplier::HIGHEST), Err(Overflow));
    }

    #[test]
    fn affordable_output_is_the_last_that_fits() {
        let tariff = tokens(r#"{"input":1,"output":2}"#);
        let amount = Nanos::new(10_000 + 999);
        assert_eq!(tariff.affordable_output(10, amount, Multiplier::ONE, 5_000), Some(0));
        assert_eq!(
            tariff.affordable_output(10, Nanos::new(10_000 + 2_000), Multiplier::ONE, 5_000),
            Some(1)
        );
        assert_eq!(tariff.affordable_output(10, Nanos::new(9_999), Multiplier::ONE, 5_000), None);
    }

    proptest! {
        #[test]
        fn no_usage_within_its_bound_costs_more(
            split in prop::array::uniform4(0_u64..300_000), output in 0_u64..100_000,
            slack_in in 0_u64..1_000, slack_out in 0_u64..1_000, ppm in 0_i64..3_000_000,
        ) {
            let tariff = tokens(r#"{"input":1.25,"cached_input":0.125,"cache_write":2.1,"output":10,
                "tiers":[{"above_input_tokens":200000,"input":0.5,"cached_input":0.25,"output":3},{"above_input_tokens":400000,"input":5,"output":15}]}"#);
            let [input, cached_input, cache_write, cache_write_1h] = split;
            let usage = Usage { input, cached_input, cache_write, cache_write_1h, output, reasoning: 0 };
            let multiplier = Multiplier::from_parts_per_million(ppm).unwrap();
            let bound = tariff.bound(usage.total_input() + slack_in, output + slack_out, multiplier).unwrap();
            prop_assert!(tariff.cost(&usage, multiplier).unwrap() <= bound);
        }
    }
}
