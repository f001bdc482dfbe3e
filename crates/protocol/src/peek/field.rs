//! Reading single fields: once each, of the right type, with their places.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::PeekError;
use crate::json::{Kind, Reader, Span, Text};

/// A value that was read, and where it stands (quotes included).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<T> {
    /// The value.
    pub value: T,
    /// Its place in the body.
    pub span: Span,
}

/// The names that are read in one object, each at most once.
pub(super) struct Known {
    names: &'static [&'static str],
    seen: u32,
}

impl Known {
    /// At most 32 names.
    pub(super) const fn new(names: &'static [&'static str]) -> Self {
        Self { names, seen: 0 }
    }

    /// The known name that a key stands for; an error the second time.
    pub(super) fn take(&mut self, key: &Text<'_>) -> Result<Option<&'static str>, PeekError> {
        let name = key.name();
        let mut names = self.names.iter().enumerate();
        let Some((index, known)) = names.find(|(_, known)| *known.as_bytes() == *name) else {
            return Ok(None);
        };
        let bit = 1_u32.checked_shl(u32::try_from(index).unwrap_or(u32::MAX));
        let bit = bit.unwrap_or_default();
        if self.seen & bit != 0 {
            return Err(PeekError::duplicate(known));
        }
        self.seen |= bit;
        Ok(Some(known))
    }
}

/// A string, or nothing for anything else.
pub(super) fn string_if_any<'a>(reader: &mut Reader<'a>) -> Result<Option<Text<'a>>, PeekError> {
    if reader.kind()? == Kind::String {
        return Ok(Some(reader.string()?));
    }
    reader.skip()?;
    Ok(None)
}

/// A string with its escapes resolved, or nothing for anything else.
pub(super) fn decoded_if_any<'a>(
    reader: &mut Reader<'a>,
) -> Result<Option<Cow<'a, str>>, PeekError> {
    let text = string_if_any(reader)?;
    Ok(text.and_then(|text| text.decode().ok()))
}

/// `true`, `false` or `null`.
pub(super) fn boolean_or_null(
    reader: &mut Reader<'_>,
    name: &str,
) -> Result<Field<Option<bool>>, PeekError> {
    let kind = reader.kind()?;
    if !matches!(kind, Kind::Boolean | Kind::Null) {
        return Err(PeekError::at(name, "true, false or null"));
    }
    let span = reader.skip()?;
    let value = (kind == Kind::Boolean).then(|| reader.bytes(span) == b"true");
    Ok(Field { value, span })
}

/// An integer of a range, or `null`.
pub(super) fn integer_or_null(
    reader: &mut Reader<'_>,
    name: &str,
    range: RangeInclusive<u64>,
) -> Result<Field<Option<u64>>, PeekError> {
    let kind = reader.kind()?;
    let span = reader.skip()?;
    let value = match kind {
        Kind::Null => None,
        Kind::Number => integer(reader.bytes(span)).filter(|value| range.contains(value)),
        _ => None,
    };
    if value.is_none() && kind != Kind::Null {
        let (lowest, highest) = range.into_inner();
        let allowed = format!("an integer from {lowest} to {highest}, or null");
        return Err(PeekError::at(name, &allowed));
    }
    Ok(Field { value, span })
}

fn integer(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
