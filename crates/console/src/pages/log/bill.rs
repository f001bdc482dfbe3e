//! A bill with every digit: lines, their sum, the group's factor, and what that came to.

use super::call::{Call, Line};
use crate::language::{Message, Words};

/// Digits after the point of a line's amount.
const SCALE: usize = 15;

/// The sum of a bill's lines, exactly; none where it has none.
pub(super) fn sum(call: &Call) -> Option<String> {
    let amounts: Option<Vec<i128>> =
        call.bill.iter().map(|line| digits(line.amount.get())).collect();
    let sum = amounts?.into_iter().try_fold(0_i128, i128::checked_add)?;
    (!call.bill.is_empty()).then(|| text(sum))
}

impl Line {
    /// What the line is about.
    pub(super) fn class_name(&self) -> Message {
        match self.class.as_str() {
            "input" => Message("log-class-input"),
            "cached_input" => Message("log-class-cached-input"),
            "cache_write" => Message("log-class-cache-write"),
            "cache_write_1h" => Message("log-class-cache-write-1h"),
            "output" => Message("log-class-output"),
            _ => Message("log-class-call"),
        }
    }

    /// Its price, and for how many that is.
    pub(super) fn price_text(&self, words: Words, price: &str) -> String {
        let per = match self.per.as_str() {
            "million_tokens" => Message("log-per-million"),
            _ => Message("log-per-call"),
        };
        words.t1(per.0, "price", format!("${price}"))
    }
}

/// A decimal number in units of 10^-15.
fn digits(number: &str) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.len() > SCALE || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<SCALE$}").parse().ok()
}

fn text(sum: i128) -> String {
    let unit = 10_i128.pow(15);
    let text = format!("{}.{:0SCALE$}", sum / unit, sum % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_every_digit() {
        assert_eq!(digits("0.00000105"), Some(1_050_000_000));
        assert_eq!(digits("12"), Some(12 * 10_i128.pow(15)));
        for odd in ["-1", "1e5", "0.1234567890123456", "x"] {
            assert_eq!(digits(odd), None, "{odd}");
        }
        let sum = digits("0.1").unwrap() + digits("0.000000000000001").unwrap();
        assert_eq!(text(sum), "0.100000000000001");
        assert_eq!(text(digits("10").unwrap()), "10");
    }
}
