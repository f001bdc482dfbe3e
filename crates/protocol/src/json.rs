//! A strict JSON reader over bytes that builds no tree and says where everything is.
//!
//! [`Reader`] walks a document once: the caller descends where it wants to know more and skips the
//! rest, and every byte is checked exactly once on the way. It takes what RFC 8259 takes, with a
//! cap on depth; it does not mind duplicate keys, which are for its callers to judge.

mod error;
mod reader;
mod scan;
mod span;
mod text;
pub(crate) mod walk;
mod write;

pub use error::JsonError;
pub use reader::{Elements, Kind, MAX_DEPTH, Members, Reader};
pub use span::Span;
pub use text::Text;
pub use write::push_string;

/// Checks a whole document: one value, valid UTF-8, nothing after it.
///
/// # Errors
/// The first thing that is wrong, with its byte offset.
pub fn validate(bytes: &[u8]) -> Result<(), JsonError> {
    let mut reader = Reader::new(bytes)?;
    reader.skip()?;
    reader.finish()
}
