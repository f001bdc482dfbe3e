//! An answer in one piece: its usage and its size, read without a tree.

use super::frame::Piece;
use super::read_usage;
use crate::json::walk::{members, string, unless_null};
use crate::json::{JsonError, Kind, Reader};
use crate::observe::{Delivered, WholeAnswer};

/// Reads what metering needs of an answer's body.
///
/// # Errors
/// The body is not JSON.
pub fn read_whole(body: &[u8]) -> Result<WholeAnswer, JsonError> {
    let mut reader = Reader::new(body)?;
    let mut delivered = Delivered::default();
    let mut usage = None;
    let mut is_error = false;
    members(&mut reader, |reader, key| {
        match key {
            b"content" => read_content(reader, &mut delivered)?,
            b"usage" => usage = unless_null(reader)?,
            b"type" => is_error |= string(reader)?.is_some_and(|name| name.is("error")),
            b"error" => is_error |= unless_null(reader)?.is_some(),
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    reader.finish()?;
    Ok(WholeAnswer { usage: usage.map_or(Ok(None), read_usage), delivered, is_error })
}

fn read_content(reader: &mut Reader<'_>, delivered: &mut Delivered) -> Result<(), JsonError> {
    if reader.kind()? != Kind::Array {
        return reader.skip().map(|_| ());
    }
    let mut elements = reader.array()?;
    while elements.next(reader)? {
        let mut piece = Piece::default();
        piece.read(reader)?;
        delivered.add(&piece.delivered());
    }
    Ok(())
}
