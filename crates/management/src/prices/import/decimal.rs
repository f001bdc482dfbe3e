//! Decimal numbers of other people's files, multiplied exactly. No binary floating point.

use domain::money::unquote;
use domain::price::PerMillion;
use protocol::json::Kind;

use crate::request::Value;

/// `mantissa` × 10^`exponent`, 0 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: i128,
    exponent: i32,
}

/// A rate, and whether it had to be rounded to the books' step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) value: PerMillion,
    pub(super) rounded: bool,
}

impl Decimal {
    /// A JSON number, or a text of one. None: it is neither, or it is negative or out of all bounds.
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        match value.kind {
            Kind::Number | Kind::String => Self::parse(unquote(value.raw)),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i32>().ok()?)
            }
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self { mantissa: 0, exponent: 0 });
        }
        let trailing = digits.len() - digits.trim_end_matches('0').len();
        let shift = i32::try_from(trailing).ok()? - i32::try_from(fraction.len()).ok()?;
        let exponent = exponent.checked_add(shift)?;
        (significant.len() <= 30 && (-60..=60).contains(&exponent))
            .then(|| significant.parse().ok())
            .flatten()
            .map(|mantissa| Self { mantissa, exponent })
    }

    /// A whole number.
    pub(super) const fn whole(number: i128) -> Self {
        Self { mantissa: number, exponent: 0 }
    }

    /// Whether it is nothing.
    pub(super) const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The product; none where it has more digits than can be.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        let exponent = self.exponent.checked_add(other.exponent)?;
        Some(Self { mantissa, exponent })
    }

    /// USD per million tokens as a rate: exact, or rounded to the nearest billionth. None where it
    /// is above the highest rate.
    pub(super) fn usd_per_million(self) -> Option<Rate> {
        let exponent = self.exponent.checked_add(9)?;
        let power = 10_i128.checked_pow(exponent.unsigned_abs());
        let (nanos, rounded) = match (exponent >= 0, power) {
            _ if self.mantissa == 0 => (0, false),
            (true, power) => (self.mantissa.checked_mul(power?)?, false),
            (false, None) => (0, true),
            (false, Some(power)) => {
                let (whole, rest) = (self.mantissa / power, self.mantissa % power);
                (whole + i128::from(rest >= power - rest), rest != 0)
            }
        };
        let value = i64::try_from(nanos).ok().map(PerMillion::new)?;
        (value <= PerMillion::HIGHEST).then_some(Rate { value, rounded })
    }

    /// USD per token as a rate.
    pub(super) fn usd_per_token(self) -> Option<Rate> {
        self.times(Self { mantissa: 1, exponent: 6 })?.usd_per_million()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Decimal> {
        Decimal::read(Value::of(json).unwrap())
    }

    fn per_token(json: &str) -> Option<(i64, bool)> {
        read(json)?.usd_per_token().map(|rate| (rate.value.get(), rate.rounded))
    }

    #[test]
    fn prices_per_token_are_exact() {
        for (json, nanos) in [
            ("3e-06", 3_000_000_000),
            ("0.000003", 3_000_000_000),
            ("2.8e-9", 2_800_000),
            ("3.625e-09", 3_625_000),
            ("0.00018", 180_000_000_000),
            ("\"1.5E-7\"", 150_000_000),
            ("0", 0),
            ("0.0", 0),
            ("1.25e-06", 1_250_000_000),
        ] {
            assert_eq!(per_token(json), Some((nanos, false)), "{json}");
        }
    }

    #[test]
    fn what_is_finer_is_rounded_and_says_so() {
        assert_eq!(per_token("1.9999999999999998e-06"), Some((2_000_000_000, true)));
        assert_eq!(per_token("1.23456789012e-06"), Some((1_234_567_890, true)));
        assert_eq!(per_token("1e-60"), Some((0, true)));
        let third = read("0.33333333333333333333").unwrap();
        let rate = third.times(Decimal::whole(3)).unwrap().usd_per_million().unwrap();
        assert_eq!((rate.value.get(), rate.rounded), (1_000_000_000, true));
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for json in ["null", "true", "\"\"", "\"x\"", "-1", "1e999", "\"NaN\"", "[]", "\"1e\""] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(per_token("2"), None, "2,000,000 USD per million");
        assert_eq!(per_token("1"), Some((1_000_000_000_000_000, false)));
    }
}
