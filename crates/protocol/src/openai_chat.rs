//! The OpenAI chat dialect (`POST /v1/chat/completions`), as OpenAI and the many compatible
//! vendors speak it: what a request may cost, what an answer or a stream says it used, and errors
//! and lists of models in this dialect's shape.

pub mod request;

mod chunk;
mod delivered;
mod usage;

pub mod response;
pub mod stream;

pub mod error;
pub mod models;

pub use chunk::FinishReason;
pub use usage::read_usage;
