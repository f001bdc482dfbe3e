//! The OpenAI Responses dialect (`POST /v1/responses`), which Codex speaks and nothing else: what
//! an answer or a stream says it used, errors in this dialect's shape, and the way from it to the
//! one form between the dialects and back.
//!
//! Calls that stay in this dialect are only metered ([`stream`], [`response`]). Calls that cross
//! over are read and written: requests, whole answers, and streams, each way in a file of its own.

mod delivered;
mod frame;
mod usage;

pub mod response;
pub mod stream;

pub mod error;

mod free;
mod media;
mod seal;

pub mod read_request;
pub mod write_request;

mod envelope;
mod item;

pub mod read_answer;
pub mod write_answer;

pub mod read_stream;
pub mod write_stream;

pub use usage::read_usage;
