//! Reading JSON of strangers: numbers as texts, texts as numbers, nulls for nothing, and texts that
//! could move a terminal's cursor.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde_json::Value;

/// The longest text of a site's that is shown.
const LONGEST: usize = 300;

/// A text without characters that do anything to a terminal.
pub(super) fn clean(text: &str) -> String {
    let plain = |character: char| {
        let invisible = matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        !invisible
    };
    let spaced = text.chars().filter(|character| plain(*character));
    let spaced = spaced.map(|character| if character.is_control() { ' ' } else { character });
    let words: String = spaced.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= LONGEST {
        return words;
    }
    words.chars().take(LONGEST).chain(['…']).collect()
}

/// A member as text; numbers too. Empty is nothing.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    let text = match value.get(name)? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A member as a whole number; decimals are cut, texts are read.
pub(super) fn whole(value: &Value, name: &str) -> Option<i64> {
    integer(value.get(name)?)
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| from_float(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| from_float(text.parse().ok()?))
        }
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "casts from floating point saturate")]
fn from_float(number: f64) -> Option<i64> {
    number.is_finite().then_some(number as i64)
}

/// A member that is true, 1, or such a text.
pub(super) fn flag(value: &Value, name: &str) -> bool {
    match value.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => text == "true" || text == "1",
        _ => false,
    }
}

/// A member as dollars, read exactly from its digits where they fit.
pub(super) fn usd(value: &Value, name: &str) -> Option<Nanos> {
    let text = match value.get(name)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    Nanos::parse_usd(&text).ok().or_else(|| rounded_usd(text.parse().ok()?))
}

fn rounded_usd(dollars: f64) -> Option<Nanos> {
    from_float((dollars * 1e9).round()).map(Nanos::new)
}

/// A number of a site's units in dollars.
pub(super) fn dollars(units: i64, per_dollar: i64) -> Nanos {
    let nanos = i128::from(units) * i128::from(Nanos::PER_USD) / i128::from(per_dollar.max(1));
    let limit = i128::from(i64::MAX);
    Nanos::new(i64::try_from(nanos.clamp(-limit, limit)).unwrap_or_default())
}

/// A member in seconds since 1970, where -1 and 0 are never.
pub(super) fn seconds(value: &Value, name: &str) -> Option<UnixMillis> {
    let seconds = whole(value, name).filter(|seconds| *seconds > 0)?;
    Some(UnixMillis::new(seconds.saturating_mul(1_000)))
}

/// A member as an RFC 3339 time.
pub(super) fn time(value: &Value, name: &str) -> Option<UnixMillis> {
    UnixMillis::parse_rfc3339(value.get(name)?.as_str()?).ok()
}

/// A member as a list of names: an array, an object's names, or a text with commas.
pub(super) fn names(value: &Value, name: &str) -> Vec<String> {
    let names: Vec<String> = match value.get(name) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(clean).collect(),
        Some(Value::Object(members)) => members.keys().map(|name| clean(name)).collect(),
        Some(Value::String(text)) => text.split(',').map(clean).collect(),
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_cannot_move_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\r\n c\u{202e}d"), "a [2Jb cd");
        assert_eq!(clean(&"x".repeat(400)).chars().count(), 301);
    }

    #[test]
    fn numbers_come_in_many_spellings() {
        let value =
            json!({"a": 7, "b": "7", "c": 7.9, "d": "x", "e": null, "f": 1e300, "g": "7.9"});
        for name in ["a", "b", "c", "g"] {
            assert_eq!(whole(&value, name), Some(7), "{name}");
        }
        assert_eq!(
            (whole(&value, "d"), whole(&value, "e"), whole(&value, "z")),
            (None, None, None)
        );
        assert_eq!(whole(&value, "f"), Some(i64::MAX));
    }

    #[test]
    fn units_become_dollars_without_wrapping() {
        assert_eq!(dollars(5_000_000, 500_000), Nanos::from_usd(10));
        assert_eq!(dollars(1, 500_000), Nanos::new(2_000));
        assert_eq!(dollars(-500_000, 500_000), Nanos::from_usd(-1));
        assert_eq!(dollars(i64::MAX, 1), Nanos::MAX);
        assert_eq!(dollars(7, 0), Nanos::from_usd(7));
    }

    #[test]
    fn never_is_minus_one_or_nothing() {
        let value = json!({"never": -1, "zero": 0, "at": 1_750_000_000, "far": i64::MAX});
        assert_eq!(seconds(&value, "never"), None);
        assert_eq!(seconds(&value, "zero"), None);
        assert_eq!(seconds(&value, "at"), Some(UnixMillis::new(1_750_000_000_000)));
        assert!(seconds(&value, "far").is_some());
    }

    #[test]
    fn dollars_are_read_from_their_digits() {
        let value = json!({"a": 12.5, "b": "0.000000001", "c": 0.1234567891234, "d": "x"});
        assert_eq!(usd(&value, "a"), Some(Nanos::new(12_500_000_000)));
        assert_eq!(usd(&value, "b"), Some(Nanos::new(1)));
        assert_eq!(usd(&value, "c"), Some(Nanos::new(123_456_789)));
        assert_eq!(usd(&value, "d"), None);
    }

    #[test]
    fn lists_of_names_come_in_three_shapes() {
        let value = json!({"a": ["x", "y"], "b": {"x": true, "y": true}, "c": "x, y,", "d": null});
        for name in ["a", "b", "c"] {
            assert_eq!(names(&value, name), ["x", "y"], "{name}");
        }
        assert!(names(&value, "d").is_empty());
    }
}
