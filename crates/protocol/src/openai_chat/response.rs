//! An answer in one piece: its usage and its size, read without a tree.

use super::chunk::Chunk;
use super::read_usage;
use crate::json::{JsonError, Reader};
use crate::observe::WholeAnswer;

/// Reads what metering needs of an answer's body.
///
/// # Errors
/// The body is not JSON.
pub fn read_whole(body: &[u8]) -> Result<WholeAnswer, JsonError> {
    let chunk = Chunk::read(&mut Reader::new(body)?)?;
    Ok(WholeAnswer {
        usage: chunk.usage.map_or(Ok(None), read_usage),
        delivered: chunk.delivered,
        is_error: chunk.error.is_some(),
    })
}
