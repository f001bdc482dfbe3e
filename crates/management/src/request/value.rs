//! Readers for one value: each checks the raw JSON text and says what is allowed.
//!
//! Numbers are read from their digits, never through a floating-point number.

use domain::money::{Nanos, parse_scaled, unquote};
use domain::time::UnixMillis;
use protocol::json::{Kind, Reader};
use std::ops::RangeInclusive;

use crate::wrong::Wrong;

/// A value of the body as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    /// The JSON text.
    pub(crate) raw: &'a str,
    /// What kind of value it is.
    pub(crate) kind: Kind,
}

/// Why a value is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// Where in the value: empty, or such as `[2]` or `.amount`.
    pub(crate) at: String,
    /// What is allowed.
    pub(crate) wrong: Wrong,
}

impl Invalid {
    /// The whole value is wrong.
    pub(crate) fn new(wrong: impl Into<Wrong>) -> Self {
        Self { at: String::new(), wrong: wrong.into() }
    }

    /// A part of it is.
    pub(crate) fn within(mut self, at: &str) -> Self {
        self.at.insert_str(0, at);
        self
    }
}

impl<'a> Value<'a> {
    /// A value from its text.
    pub(crate) fn of(raw: &'a str) -> Result<Self, Invalid> {
        let kind = Reader::without_utf8_check(raw.as_bytes()).kind().map_err(Invalid::new)?;
        Ok(Self { raw: raw.trim(), kind })
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(self) -> bool {
        self.kind == Kind::Null
    }

    /// The text of a string.
    pub(crate) fn string(self) -> Result<String, Invalid> {
        if self.kind != Kind::String {
            return Err(Invalid::new(Wrong::Text));
        }
        serde_json::from_str(self.raw).map_err(|_| Invalid::new(Wrong::HalfACharacter))
    }

    /// The elements of an array.
    pub(crate) fn elements(self) -> Result<Vec<Value<'a>>, Invalid> {
        if self.kind != Kind::Array {
            return Err(Invalid::new(Wrong::List));
        }
        let mut reader = Reader::without_utf8_check(self.raw.as_bytes());
        let mut elements = reader.array().map_err(Invalid::new)?;
        let mut found = Vec::new();
        while elements.next(&mut reader).map_err(Invalid::new)? {
            let span = reader.skip().map_err(Invalid::new)?;
            found.push(Self::of(self.raw.get(span.range()).unwrap_or_default())?);
        }
        Ok(found)
    }

    /// The members of an object, in order.
    pub(crate) fn members(self) -> Result<Vec<(String, Value<'a>)>, Invalid> {
        if self.kind != Kind::Object {
            return Err(Invalid::new(Wrong::Object));
        }
        let mut reader = Reader::without_utf8_check(self.raw.as_bytes());
        let mut members = reader.object().map_err(Invalid::new)?;
        let mut found = Vec::new();
        while let Some(name) = members.next(&mut reader).map_err(Invalid::new)? {
            let name = name.decode().map_err(Invalid::new)?.into_owned();
            let span = reader.skip().map_err(Invalid::new)?;
            found.push((name, Self::of(self.raw.get(span.range()).unwrap_or_default())?));
        }
        Ok(found)
    }
}

/// A text of so many characters, not blank and without control characters.
pub(crate) fn text(length: RangeInclusive<usize>) -> impl Fn(Value<'_>) -> Result<String, Invalid> {
    move |value| {
        let text = value.string()?;
        checked_text(&length, text)
    }
}

/// The same for a text that came by itself.
pub(crate) fn checked_text(
    length: &RangeInclusive<usize>,
    text: String,
) -> Result<String, Invalid> {
    let (least, most) = (*length.start(), *length.end());
    if !length.contains(&text.chars().count()) || (least > 0 && text.trim().is_empty()) {
        return Err(Invalid::new(Wrong::Length { least, most }));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(Wrong::ControlCharacters));
    }
    Ok(text)
}

/// `true` or `false`.
pub(crate) fn boolean(value: Value<'_>) -> Result<bool, Invalid> {
    match value.raw {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Invalid::new(Wrong::TrueOrFalse)),
    }
}

/// A whole number within bounds.
pub(crate) fn integer(range: RangeInclusive<i64>) -> impl Fn(Value<'_>) -> Result<i64, Invalid> {
    move |value| {
        let number =
            (value.kind == Kind::Number).then(|| parse_scaled(value.raw, 0).ok()).flatten();
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            Invalid::new(Wrong::WholeNumber { least: *range.start(), most: *range.end() })
        })
    }
}

/// The same as another type of number.
pub(crate) fn whole<T: TryFrom<i64>>(
    range: RangeInclusive<i64>,
) -> impl Fn(Value<'_>) -> Result<T, Invalid> {
    let integer = integer(range);
    move |value| {
        integer(value)
            .and_then(|number| T::try_from(number).map_err(|_| Invalid::new(Wrong::NumberTooLarge)))
    }
}

/// An amount of USD, 0 or more.
pub(crate) fn amount(value: Value<'_>) -> Result<Nanos, Invalid> {
    let amount = signed_amount(value)?;
    if amount.is_negative() {
        return Err(Invalid::new(Wrong::NegativeAmount));
    }
    Ok(amount)
}

/// An amount of USD above zero.
pub(crate) fn positive_amount(value: Value<'_>) -> Result<Nanos, Invalid> {
    let amount = signed_amount(value)?;
    if amount <= Nanos::ZERO {
        return Err(Invalid::new(Wrong::NoAmount));
    }
    Ok(amount)
}

/// An amount of USD of either sign.
pub(crate) fn signed_amount(value: Value<'_>) -> Result<Nanos, Invalid> {
    if !matches!(value.kind, Kind::Number | Kind::String) {
        return Err(Invalid::new(Wrong::Amount));
    }
    Nanos::parse_usd(unquote(value.raw)).map_err(Invalid::new)
}

/// A date and time; `null`, -1 and the empty text: never.
pub(crate) fn time_or_never(value: Value<'_>) -> Result<Option<UnixMillis>, Invalid> {
    if value.is_null() || (value.kind == Kind::Number && parse_scaled(value.raw, 0) == Ok(-1)) {
        return Ok(None);
    }
    let text = value.string().unwrap_or_else(|_| "?".to_owned());
    if text.is_empty() {
        return Ok(None);
    }
    UnixMillis::parse_rfc3339(&text).map(Some).map_err(|_| Invalid::new(Wrong::TimeOrNever))
}

/// A date and time.
pub(crate) fn time(value: Value<'_>) -> Result<UnixMillis, Invalid> {
    let text = value.string().unwrap_or_default();
    UnixMillis::parse_rfc3339(&text).map_err(|_| Invalid::new(Wrong::Time))
}

/// One of some names.
pub(crate) fn choice<T>(
    from_name: impl Fn(&str) -> Option<T>,
    names: &'static str,
) -> impl Fn(Value<'_>) -> Result<T, Invalid> {
    move |value| {
        let found = value.string().ok().and_then(|name| from_name(&name));
        found.ok_or_else(|| Invalid::new(Wrong::one_of([names])))
    }
}

/// What parses from a text.
pub(crate) fn parsed<T: std::str::FromStr>(value: Value<'_>) -> Result<T, Invalid>
where
    T::Err: Into<Wrong>,
{
    value.string()?.parse().map_err(|error: T::Err| Invalid::new(error))
}

/// A list of at most so many values.
pub(crate) fn list<T>(
    most: usize,
    item: impl Fn(Value<'_>) -> Result<T, Invalid>,
) -> impl Fn(Value<'_>) -> Result<Vec<T>, Invalid> {
    move |value| {
        let elements = value.elements()?;
        if elements.len() > most {
            return Err(Invalid::new(Wrong::AtMostEntries { most }));
        }
        let read = |(index, element)| {
            item(element).map_err(|invalid| invalid.within(&format!("[{index}]")))
        };
        elements.into_iter().enumerate().map(read).collect()
    }
}

/// The same, where `null` is the empty list.
pub(crate) fn list_or_null<T>(
    most: usize,
    item: impl Fn(Value<'_>) -> Result<T, Invalid>,
) -> impl Fn(Value<'_>) -> Result<Vec<T>, Invalid> {
    let list = list(most, item);
    move |value| if value.is_null() { Ok(Vec::new()) } else { list(value) }
}

/// A value or `null`.
pub(crate) fn or_null<T>(
    read: impl Fn(Value<'_>) -> Result<T, Invalid>,
) -> impl Fn(Value<'_>) -> Result<Option<T>, Invalid> {
    move |value| if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(raw: &str) -> Value<'_> {
        Value::of(raw).unwrap()
    }

    #[test]
    fn amounts_are_read_from_their_digits() {
        for (raw, nanos) in
            [("0.000000001", 1), ("\"12.5\"", 12_500_000_000), ("1e-3", 1_000_000), ("0", 0)]
        {
            assert_eq!(amount(value(raw)), Ok(Nanos::new(nanos)), "{raw}");
        }
        for raw in [
            "-1",
            "1e308",
            "\"NaN\"",
            "\"\"",
            "0.0000000001",
            "true",
            "null",
            "[]",
            "9223372036854775808",
        ] {
            assert!(amount(value(raw)).is_err(), "{raw}");
        }
    }

    #[test]
    fn never_has_three_spellings() {
        for raw in ["null", "-1", "\"\"", "-1.0"] {
            assert_eq!(time_or_never(value(raw)), Ok(None), "{raw}");
        }
        for raw in ["0", "\"soon\"", "-2", "\"2026-13-01T00:00:00Z\"", "true"] {
            assert!(time_or_never(value(raw)).is_err(), "{raw}");
        }
    }

    #[test]
    fn a_wrong_element_is_named() {
        let ranges = list(10, parsed::<domain::network::AddressRange>);
        assert_eq!(ranges(value(r#"["10.0.0.0/8","10.0.0.1/8"]"#)).unwrap_err().at, "[1]");
    }

    #[test]
    fn texts_have_a_length_and_no_control_characters() {
        let name = text(1..=3);
        assert_eq!(name(value(r#""äöü""#)).as_deref(), Ok("äöü"));
        for raw in [r#""""#, r#""abcd""#, r#""a\nb""#, r#""\u0000""#, r#""  ""#, "1", r#""\ud800""#]
        {
            assert!(name(value(raw)).is_err(), "{raw}");
        }
    }
}
