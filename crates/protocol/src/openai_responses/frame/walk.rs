//! Steps of a walk that pass over what is not of the kind they expect.

use std::borrow::Cow;

use crate::json::{JsonError, Reader, Text};

/// The text with its escapes resolved; nothing where it holds half a character.
pub(in crate::openai_responses) fn text(text: Option<Text<'_>>) -> Option<String> {
    text?.decode().ok().map(Cow::into_owned)
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
