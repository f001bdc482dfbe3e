//! Steps of a walk that pass over what is not of the kind they expect.

use std::borrow::Cow;

use crate::json::{JsonError, Kind, Reader, Text};

/// The text with its escapes resolved; nothing where it holds half a character.
pub(in crate::openai_responses) fn text(text: Option<Text<'_>>) -> Option<String> {
    text?.decode().ok().map(Cow::into_owned)
}

/// Walks an object and says whether it is one; passes over anything else.
pub(super) fn object<'a>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>, &[u8]) -> Result<(), JsonError>,
) -> Result<bool, JsonError> {
    if reader.kind()? != Kind::Object {
        return reader.skip().map(|_| false);
    }
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        read(reader, &key.name())?;
    }
    Ok(true)
}

/// Walks an array; passes over anything else.
pub(super) fn each<'a>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    if reader.kind()? != Kind::Array {
        return reader.skip().map(|_| ());
    }
    let mut elements = reader.array()?;
    while elements.next(reader)? {
        read(reader)?;
    }
    Ok(())
}

/// A string, or nothing for anything else.
pub(super) fn string<'a>(reader: &mut Reader<'a>) -> Result<Option<Text<'a>>, JsonError> {
    if reader.kind()? == Kind::String {
        return reader.string().map(Some);
    }
    reader.skip().map(|_| None)
}

/// A whole number that is not negative.
pub(super) fn number(reader: &mut Reader<'_>) -> Result<Option<u64>, JsonError> {
    let span = reader.skip()?;
    Ok(std::str::from_utf8(reader.bytes(span)).ok().and_then(|digits| digits.parse().ok()))
}

/// A time; some vendors give fractions of a second.
pub(super) fn seconds(reader: &mut Reader<'_>) -> Result<Option<i64>, JsonError> {
    let span = reader.skip()?;
    let text = std::str::from_utf8(reader.bytes(span)).unwrap_or_default();
    Ok(text.split('.').next().and_then(|digits| digits.parse().ok()))
}

/// A value as written; nothing for `null`.
pub(super) fn unless_null<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, JsonError> {
    let kind = reader.kind()?;
    let span = reader.skip()?;
    Ok((kind != Kind::Null).then(|| reader.bytes(span)))
}
