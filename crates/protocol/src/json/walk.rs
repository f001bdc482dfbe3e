//! Steps of a walk that pass over what is not of the kind they expect.

use super::{JsonError, Kind, Reader, Text};

/// Walks an object and says whether it is one; passes over anything else.
pub(crate) fn object<'a>(
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

/// Walks an object; passes over anything else.
pub(crate) fn members<'a>(
    reader: &mut Reader<'a>,
    read: impl FnMut(&mut Reader<'a>, &[u8]) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    object(reader, read).map(|_| ())
}

/// Walks an array; passes over anything else.
pub(crate) fn each<'a>(
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
pub(crate) fn string<'a>(reader: &mut Reader<'a>) -> Result<Option<Text<'a>>, JsonError> {
    if reader.kind()? == Kind::String {
        return reader.string().map(Some);
    }
    reader.skip().map(|_| None)
}

/// A value as written; nothing for `null`.
pub(crate) fn unless_null<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, JsonError> {
    let kind = reader.kind()?;
    let span = reader.skip()?;
    Ok((kind != Kind::Null).then(|| reader.bytes(span)))
}
