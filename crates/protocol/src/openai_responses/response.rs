//! An answer in one piece: its usage and its size, read without a tree.

use super::delivered::count_response;
use super::frame::{Response, text};
use super::read_usage;
use crate::json::{JsonError, Reader};
use crate::observe::{Delivered, WholeAnswer};

/// The id under which the provider keeps an answer.
#[must_use]
pub fn read_id(body: &[u8]) -> Option<String> {
    let mut reader = Reader::new(body).ok()?;
    text(Response::read(&mut reader).ok()??.id)
}

/// Reads what metering needs of an answer's body. An answer that failed can still have a usage.
///
/// # Errors
/// The body is not JSON.
pub fn read_whole(body: &[u8]) -> Result<WholeAnswer, JsonError> {
    let mut reader = Reader::new(body)?;
    let response = Response::read(&mut reader)?.unwrap_or_default();
    reader.finish()?;
    let mut delivered = Delivered::default();
    count_response(&mut delivered, &response)?;
    Ok(WholeAnswer {
        usage: response.usage.map_or(Ok(None), read_usage),
        delivered,
        is_error: response.error.is_some() || response.has_status(b"failed"),
    })
}
