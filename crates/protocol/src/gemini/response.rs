//! An answer in one piece: its usage and its size, read without a tree. A stream that was asked for
//! without `alt=sse` comes as one array of responses and is read alike.

use super::chunk::Chunk;
use crate::json::{JsonError, Reader};
use crate::observe::WholeAnswer;

/// Reads what metering needs of an answer's body.
///
/// # Errors
/// The body is not JSON.
pub fn read_whole(body: &[u8]) -> Result<WholeAnswer, JsonError> {
    let chunk = Chunk::read(&mut Reader::new(body)?)?;
    Ok(WholeAnswer { usage: chunk.usage(), delivered: chunk.delivered, is_error: chunk.is_error })
}
