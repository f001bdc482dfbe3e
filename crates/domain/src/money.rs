//! Amounts of money: whole nano-dollars in 64 bits, every operation checked.
//!
//! No floating-point number ever touches money. Texts and JSON numbers are read digit by digit.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// An amount in nano-USD (10⁻⁹ USD).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(i64);

impl Nanos {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that the books can hold.
    pub const MAX: Self = Self(i64::MAX);
    /// Nano-dollars in one dollar.
    pub const PER_USD: i64 = 1_000_000_000;

    /// An amount from nano-dollars.
    #[must_use]
    pub const fn new(nanos: i64) -> Self {
        Self(nanos)
    }

    /// An amount from whole dollars; saturates.
    #[must_use]
    pub const fn from_usd(usd: i64) -> Self {
        Self(usd.saturating_mul(Self::PER_USD))
    }

    /// The number of nano-dollars, for storage.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Sum, or nothing where it would overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Difference, or nothing where it would overflow.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// Reads a decimal number of dollars exactly: `10`, `"0.000000001"`, `1e-3`.
    ///
    /// # Errors
    /// When the text is not a number, is finer than a nano-dollar, or does not fit.
    pub fn parse_usd(text: &str) -> Result<Self, InvalidAmount> {
        parse_scaled(text, 9).map(Self)
    }
}

impl fmt::Display for Nanos {
    /// Dollars as a plain decimal number, without trailing zeros: `0.0015`, `12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / 1_000_000_000, magnitude % 1_000_000_000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:09}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl Serialize for Nanos {
    /// JSON: a number of dollars with every digit. Binary: the nano-dollars.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Nanos {
    /// JSON: a decimal number of dollars, or a string of one. Binary: the nano-dollars.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse_usd(unquote(raw.get())).map_err(serde::de::Error::custom)
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAmount {
    /// Not a decimal number at all (NaN and infinity are none).
    #[error("expected a decimal number of USD, or a string of one, such as 12.5")]
    NotANumber,
    /// More digits than the books can hold.
    #[error("finer than the smallest step of the books")]
    TooFine,
    /// Above what 64 bits of nano-dollars hold.
    #[error("larger than the books can hold")]
    TooLarge,
}

/// The inside of a JSON string without escapes; any other JSON text as it is.
#[must_use]
pub fn unquote(json: &str) -> &str {
    json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json)
}

/// Reads a decimal text as an integer of 10^-`scale` units, exactly.
///
/// # Errors
/// When it is not a number, has digits below the unit, or does not fit in 64 bits.
pub fn parse_scaled(text: &str, scale: i32) -> Result<i64, InvalidAmount> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_point = mantissa.contains('.');
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let misplaced_point = has_point && (whole.is_empty() || fraction.is_empty());
    if whole.is_empty() || misplaced_point || !digits_only(whole) || !digits_only(fraction) {
        return Err(InvalidAmount::NotANumber);
    }
    let digits: String = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let shift = i64::from(scale) + i64::from(exponent) - length(fraction) + length_of(trailing);
    if shift < 0 {
        return Err(InvalidAmount::TooFine);
    }
    let power = u32::try_from(shift).map_err(|_| InvalidAmount::TooLarge)?;
    let value: i64 = significant.parse().map_err(|_| InvalidAmount::TooLarge)?;
    let scaled = 10_i64
        .checked_pow(power)
        .and_then(|factor| value.checked_mul(factor))
        .ok_or(InvalidAmount::TooLarge)?;
    Ok(if negative { -scaled } else { scaled })
}

fn parse_exponent(text: &str) -> Result<i32, InvalidAmount> {
    let exponent: i32 =
        text.strip_prefix('+').unwrap_or(text).parse().map_err(|_| InvalidAmount::NotANumber)?;
    if exponent.abs() > 1_000 { Err(InvalidAmount::TooLarge) } else { Ok(exponent) }
}

fn length(text: &str) -> i64 {
    length_of(text.len())
}

fn length_of(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_digit_by_digit() {
        for (text, nanos) in [
            ("0", 0),
            ("10", 10_000_000_000),
            ("0.1", 100_000_000),
            ("0.000000001", 1),
            ("1e-9", 1),
            ("1.50", 1_500_000_000),
            ("-2.5", -2_500_000_000),
            ("12E2", 1_200_000_000_000),
            ("0.10e1", 1_000_000_000),
            ("9223372036.854775807", i64::MAX),
            ("0.0000000000", 0),
            ("100000000000e-9", 100_000_000_000),
        ] {
            assert_eq!(Nanos::parse_usd(text), Ok(Nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        use InvalidAmount::{NotANumber, TooFine, TooLarge};
        for (text, error) in [
            ("", NotANumber),
            ("NaN", NotANumber),
            ("inf", NotANumber),
            ("1,5", NotANumber),
            (".5", NotANumber),
            ("5.", NotANumber),
            ("--1", NotANumber),
            ("+1", NotANumber),
            (" 1", NotANumber),
            ("0x10", NotANumber),
            ("1e", NotANumber),
            ("null", NotANumber),
            ("0.0000000001", TooFine),
            ("1e-10", TooFine),
            ("9223372036.854775808", TooLarge),
            ("1e308", TooLarge),
            ("1e99999", TooLarge),
        ] {
            assert_eq!(Nanos::parse_usd(text), Err(error), "{text}");
        }
    }

    #[test]
    fn json_takes_strings_and_numbers_and_gives_numbers() {
        let read: Vec<Nanos> = serde_json::from_str(r#"[1.1, "0.3", 5]"#).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "[1.1,0.3,5]");
        assert!(serde_json::from_str::<Nanos>("true").is_err());
        assert!(serde_json::from_str::<Nanos>(r#""""#).is_err());
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_text(nanos in any::<i64>().prop_filter("the lowest has no positive", |n| *n > i64::MIN)) {
            prop_assert_eq!(Nanos::parse_usd(&Nanos(nanos).to_string()), Ok(Nanos(nanos)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = Nanos::parse_usd(&text);
        }
    }
}
