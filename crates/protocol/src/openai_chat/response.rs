//! An answer in one piece: its usage and its size, read without a tree.

use domain::usage::Usage;

use super::chunk::Chunk;
use super::{AbsurdUsage, Delivered, FinishReason, read_usage};
use crate::json::{JsonError, Reader};

/// What metering needs of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatAnswer {
    /// The usage that the upstream reported; nothing where it reported none.
    pub usage: Result<Option<Usage>, AbsurdUsage>,
    /// What the answer holds.
    pub delivered: Delivered,
    /// Why the last answer ended.
    pub finish_reason: Option<FinishReason>,
    /// Whether the body is an error (some vendors send errors with status 200).
    pub is_error: bool,
}

impl ChatAnswer {
    /// Reads an answer's body.
    ///
    /// # Errors
    /// The body is not JSON.
    pub fn read(body: &[u8]) -> Result<Self, JsonError> {
        let chunk = Chunk::read(&mut Reader::new(body)?)?;
        Ok(Self {
            usage: chunk.usage.map_or(Ok(None), read_usage),
            delivered: chunk.delivered,
            finish_reason: chunk.finish_reason,
            is_error: chunk.error.is_some(),
        })
    }
}
