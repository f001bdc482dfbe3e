//! What is wrong with a JSON text, and where.

/// A text that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset}")]
pub struct JsonError {
    /// Where the reader stood, in bytes from the start.
    pub offset: usize,
    /// What is wrong, as the start of a sentence.
    pub message: &'static str,
}

impl JsonError {
    pub(crate) const fn new(offset: usize, message: &'static str) -> Self {
        Self { offset, message }
    }
}
