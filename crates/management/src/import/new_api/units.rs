//! The site's figures in ours: quota units to USD, seconds to milliseconds, names to names.

use domain::bill::Multiplier;
use domain::money::{Nanos, parse_scaled};
use domain::time::UnixMillis;
use store::new_api::SiteRow;

/// How many units of quota are a dollar: in millionths, for a site may count with a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnitsPerUsd(i64);

/// Unless the site's options say otherwise.
pub(super) const UNITS_PER_USD: UnitsPerUsd = UnitsPerUsd(500_000 * MILLION);

const MILLION: i64 = 1_000_000;

/// The last second that has a date of four digits.
const LAST_SECOND: i64 = 253_402_300_799;

/// An amount of quota in USD, a fraction of a nano-dollar left off. None where the books cannot hold
/// it.
pub(super) fn usd(units: i64, units_per_usd: UnitsPerUsd) -> Option<Nanos> {
    let nanos = i128::from(units) * i128::from(Nanos::PER_USD) * i128::from(MILLION);
    i64::try_from(nanos.checked_div(i128::from(units_per_usd.0))?).ok().map(Nanos::new)
}

/// The units of a dollar in the site's own words; none where they cannot be read, for then no amount
/// of the site can be.
pub(super) fn units_per_usd(option: Option<&str>) -> Option<UnitsPerUsd> {
    let Some(text) = option else { return Some(UNITS_PER_USD) };
    parse_scaled(text.trim(), 6).ok().filter(|millionths| *millionths > 0).map(UnitsPerUsd)
}

/// The status of a user, key or channel: 1 is on, also where none is told; 0 where it cannot be read.
pub(super) fn status(row: &SiteRow) -> i64 {
    match row.number("status") {
        Some(status) => status,
        None if row.has("status") => 0,
        None => 1,
    }
}

/// When a key ends: −1 is never, and everything else a moment, which may have passed.
pub(super) fn expiry(seconds: Option<i64>) -> Option<UnixMillis> {
    let seconds = seconds.filter(|seconds| *seconds != -1 && *seconds <= LAST_SECOND)?;
    Some(UnixMillis::new(seconds.max(0).saturating_mul(1_000)))
}

/// A factor on prices, cut to six digits after the point, and whether something was cut off.
pub(super) fn multiplier(text: &str) -> Option<(Multiplier, bool)> {
    let cut = match text.split_once('.') {
        Some((whole, fraction)) if fraction.len() > 6 && !text.contains(['e', 'E']) => {
            Some(format!("{whole}.{}", fraction.get(..6)?))
        }
        _ => None,
    };
    let parts = parse_scaled(cut.as_deref().unwrap_or(text), 6).ok()?;
    Some((Multiplier::from_parts_per_million(parts)?, cut.is_some()))
}

/// A name as names are here: 1 to 100 characters, none of them a control character.
pub(super) fn name(text: &str, otherwise: impl FnOnce() -> String) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(100).collect();
    let plain = plain.trim();
    if plain.is_empty() { otherwise() } else { plain.to_owned() }
}

/// The parts of a list with commas, each once.
pub(super) fn list(text: &str) -> Vec<&str> {
    parts(text, &[','])
}

/// The parts of a list with these between them, each once.
pub(super) fn parts<'t>(text: &'t str, between: &[char]) -> Vec<&'t str> {
    let mut parts: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for part in text.split(between).map(str::trim).filter(|part| !part.is_empty()) {
        if seen.insert(part) {
            parts.push(part);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_million_units_are_a_dollar() {
        assert_eq!(usd(500_000, UNITS_PER_USD), Some(Nanos::from_usd(1)));
        assert_eq!(usd(1, UNITS_PER_USD), Some(Nanos::new(2_000)));
        assert_eq!(usd(-1, UNITS_PER_USD), Some(Nanos::new(-2_000)));
        assert_eq!(usd(i64::MAX, UnitsPerUsd(MILLION)), None);
        assert_eq!(usd(1, UnitsPerUsd(3 * MILLION)), Some(Nanos::new(333_333_333)));
        assert_eq!(usd(1, UnitsPerUsd(500_000)), Some(Nanos::from_usd(2)));
        for (option, millionths) in [
            (None, Some(500_000 * MILLION)),
            (Some("1000.0"), Some(1_000 * MILLION)),
            (Some(" 7.25 "), Some(7_250_000)),
            (Some("5e5"), Some(500_000 * MILLION)),
            (Some("0"), None),
            (Some("-1"), None),
            (Some("x"), None),
            (Some(""), None),
        ] {
            assert_eq!(units_per_usd(option), millionths.map(UnitsPerUsd), "{option:?}");
        }
    }

    #[test]
    fn an_end_that_has_passed_is_not_never() {
        assert_eq!(expiry(Some(-1)), None);
        assert_eq!(expiry(None), None);
        assert_eq!(expiry(Some(0)), Some(UnixMillis::new(0)));
        assert_eq!(expiry(Some(-5)), Some(UnixMillis::new(0)));
        assert_eq!(expiry(Some(7)), Some(UnixMillis::new(7_000)));
        assert_eq!(expiry(Some(i64::MAX)), None);
    }

    #[test]
    fn factors_are_cut_to_what_the_books_hold() {
        let parts = |text| multiplier(text).map(|(factor, cut)| (factor.get(), cut));
        assert_eq!(parts("0.8"), Some((800_000, false)));
        assert_eq!(parts("0.33333333333"), Some((333_333, true)));
        assert_eq!(parts("1e-1"), Some((100_000, false)));
        assert_eq!(parts("2"), Some((2_000_000, false)));
        for text in ["-1", "1001", "\"1\"", "null", "0.12345678e1"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn names_and_lists() {
        assert_eq!(name(" a\nb ", || "x".to_owned()), "a b");
        assert_eq!(name("\t", || "x".to_owned()), "x");
        assert_eq!(name(&"令".repeat(300), String::new).chars().count(), 100);
        assert_eq!(list(" a, b,,a ,c"), ["a", "b", "c"]);
    }
}
