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

/// An object, or `null` in its place, as it stands in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The whole value.
    pub span: Span,
    /// Whether it is `null` rather than an object.
    pub is_null: bool,
    /// Whether it is an object without members.
    pub is_empty: bool,
}

/// The names that are read in one object, each at most once.
pub(super) struct Known {
    names: &'static [&'static str],
    /// Whether `twoWords` may also be written `two_words`, as Google's APIs take it.
    either_case: bool,
    seen: u32,
}

impl Known {
    /// At most 32 names.
    pub(super) const fn new(names: &'static [&'static str]) -> Self {
        Self { names, either_case: false, seen: 0 }
    }

    /// At most 32 names in camel case, which may be written in snake case too.
    pub(super) const fn in_either_case(names: &'static [&'static str]) -> Self {
        Self { names, either_case: true, seen: 0 }
    }

    /// The known name that a key stands for; an error the second time.
    pub(super) fn take(&mut self, key: &Text<'_>) -> Result<Option<&'static str>, PeekError> {
        let name = key.name();
        let mut names = self.names.iter().enumerate();
        let same = |known: &str| {
            *known.as_bytes() == *name || (self.either_case && is_snake_case_of(&name, known))
        };
        let Some((index, known)) = names.find(|(_, known)| same(known)) else {
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

fn is_snake_case_of(name: &[u8], camel: &str) -> bool {
    let mut rest = name.iter();
    let same = camel.bytes().all(|byte| match byte.is_ascii_uppercase() {
        true => rest.next() == Some(&b'_') && rest.next() == Some(&byte.to_ascii_lowercase()),
        false => rest.next() == Some(&byte),
    });
    same && rest.next().is_none()
}

/// Walks an object, known members or not; `take` has to take each value.
pub(super) fn every_member<'a>(
    reader: &mut Reader<'a>,
    mut known: Known,
    mut take: impl FnMut(&mut Reader<'a>, Option<&'static str>) -> Result<(), PeekError>,
) -> Result<Section, PeekError> {
    reader.kind()?;
    let start = reader.position();
    let mut members = reader.object()?;
    let mut is_empty = true;
    while let Some(key) = members.next(reader)? {
        is_empty = false;
        let name = known.take(&key)?;
        take(reader, name)?;
    }
    Ok(Section { span: Span::new(start, reader.position()), is_null: false, is_empty })
}

/// Walks an object; `take` has to take the values of the known members.
pub(super) fn members<'a>(
    reader: &mut Reader<'a>,
    known: Known,
    mut take: impl FnMut(&mut Reader<'a>, &'static str) -> Result<(), PeekError>,
) -> Result<Section, PeekError> {
    every_member(reader, known, |reader, name| match name {
        Some(name) => take(reader, name),
        None => Ok(reader.skip().map(|_| ())?),
    })
}

/// Walks the next value if that is an object, and passes over anything else.
pub(super) fn members_or_skip<'a>(
    reader: &mut Reader<'a>,
    known: Known,
    take: impl FnMut(&mut Reader<'a>, &'static str) -> Result<(), PeekError>,
) -> Result<(), PeekError> {
    if reader.kind()? == Kind::Object {
        members(reader, known, take)?;
    } else {
        reader.skip()?;
    }
    Ok(())
}

/// The same for the value of `name`, which errors then name.
pub(super) fn members_if_any<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    known: Known,
    take: impl FnMut(&mut Reader<'a>, &'static str) -> Result<(), PeekError>,
) -> Result<(), PeekError> {
    members_or_skip(reader, known, take).map_err(|error| error.within(name))
}

/// Walks the value of `name`, which has to be an object or `null`.
pub(super) fn section<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    known: Known,
    take: impl FnMut(&mut Reader<'a>, &'static str) -> Result<(), PeekError>,
) -> Result<Section, PeekError> {
    match reader.kind()? {
        Kind::Object => members(reader, known, take).map_err(|error| error.within(name)),
        Kind::Null => Ok(Section { span: reader.skip()?, is_null: true, is_empty: false }),
        _ => Err(PeekError::at(name, "an object or null")),
    }
}

/// Walks an array; `take` has to take each element. Says how many there were.
pub(super) fn elements<'a>(
    reader: &mut Reader<'a>,
    mut take: impl FnMut(&mut Reader<'a>) -> Result<(), PeekError>,
) -> Result<u64, PeekError> {
    let mut elements = reader.array()?;
    let mut index = 0_u64;
    while elements.next(reader)? {
        take(reader).map_err(|error| error.within(&format!("[{index}]")))?;
        index += 1;
    }
    Ok(index)
}

/// Walks the value of `name`, a non-empty array of objects.
pub(super) fn objects<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    mut take: impl FnMut(&mut Reader<'a>) -> Result<(), PeekError>,
) -> Result<u64, PeekError> {
    let wrong = || PeekError::at(name, "a non-empty array of objects");
    if reader.kind()? != Kind::Array {
        return Err(wrong());
    }
    let mut elements = reader.array()?;
    let mut index = 0_u64;
    while elements.next(reader)? {
        if reader.kind()? != Kind::Object {
            return Err(wrong());
        }
        take(reader).map_err(|error| error.within(&format!("{name}[{index}]")))?;
        index += 1;
    }
    if index == 0 { Err(wrong()) } else { Ok(index) }
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

/// How many bytes of text a string has as written, escapes and all.
pub(super) fn raw_bytes(text: &Text<'_>) -> u64 {
    text.raw().len() as u64
}

/// The same of the next value, 0 where it is no string.
pub(super) fn string_bytes(reader: &mut Reader<'_>) -> Result<u64, PeekError> {
    Ok(string_if_any(reader)?.as_ref().map_or(0, raw_bytes))
}

/// Where a value stands, unless it is `null` or `false`.
pub(super) fn is_set(reader: &mut Reader<'_>) -> Result<Option<Span>, PeekError> {
    let span = reader.skip()?;
    Ok(Some(span).filter(|span| !matches!(reader.bytes(*span), b"null" | b"false")))
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

/// Whether `true` is given.
pub(super) fn is_true(reader: &mut Reader<'_>, name: &str) -> Result<bool, PeekError> {
    Ok(boolean_or_null(reader, name)?.value == Some(true))
}

/// An integer of a range, or `null`.
pub(super) fn integer_or_null(
    reader: &mut Reader<'_>,
    name: &str,
    range: RangeInclusive<u64>,
) -> Result<Field<Option<u64>>, PeekError> {
    let kind = reader.kind()?;
    let span = reader.skip()?;
    let value = integer_of(kind, reader.bytes(span), name, range)?;
    Ok(Field { value, span })
}

/// The integer that a value of a kind stands for, or nothing for `null`.
pub(super) fn integer_of(
    kind: Kind,
    bytes: &[u8],
    name: &str,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>, PeekError> {
    let value = match kind {
        Kind::Null => return Ok(None),
        Kind::Number => integer(bytes).filter(|value| range.contains(value)),
        _ => None,
    };
    if value.is_none() {
        let (lowest, highest) = range.into_inner();
        let allowed = format!("an integer from {lowest} to {highest}, or null");
        return Err(PeekError::at(name, &allowed));
    }
    Ok(value)
}

fn integer(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The largest output maximum that is taken: 2^31.
const LARGEST_MAXIMUM: u64 = 1 << 31;
const MOST_CHOICES: u64 = 128;
const LONGEST_MODEL: usize = 256;

/// What a model's name has to be.
pub(super) const MODEL_ALLOWED: &str = "a string of 1 to 256 bytes without control characters";

/// A model's name.
pub(super) fn model<'a>(reader: &mut Reader<'a>) -> Result<Field<Cow<'a, str>>, PeekError> {
    let wrong = || PeekError::at("model", MODEL_ALLOWED);
    let text = string_if_any(reader)?.ok_or_else(wrong)?;
    let value = text.decode().map_err(|_| wrong())?;
    if value.is_empty() || value.len() > LONGEST_MODEL || value.contains(char::is_control) {
        return Err(wrong());
    }
    Ok(Field { value, span: text.span })
}

/// An output maximum of at least one token.
pub(super) fn maximum(
    reader: &mut Reader<'_>,
    name: &str,
) -> Result<Field<Option<u64>>, PeekError> {
    integer_or_null(reader, name, 1..=LARGEST_MAXIMUM)
}

/// An output maximum that may be none at all, for a call that only reads its input.
pub(super) fn maximum_or_zero(
    reader: &mut Reader<'_>,
    name: &str,
) -> Result<Field<Option<u64>>, PeekError> {
    integer_or_null(reader, name, 0..=LARGEST_MAXIMUM)
}

/// How many answers are asked for; 1 where that is `null`.
pub(super) fn choices(reader: &mut Reader<'_>, name: &str) -> Result<u64, PeekError> {
    let field = integer_or_null(reader, name, 1..=MOST_CHOICES)?;
    Ok(field.value.unwrap_or(1))
}
