//! The OpenAI chat dialect (`POST /v1/chat/completions`), as OpenAI and the many compatible
//! vendors speak it: what an answer or a stream says it used, and errors and lists of models in this
//! dialect's shape. Between this dialect and another one, requests,
//! answers and streams are read into the form between the dialects and written from it.

mod chunk;
mod delivered;
mod usage;

pub mod response;
pub mod stream;

pub mod error;
pub mod models;

mod effort;
mod finish;
mod media;
mod place;
mod read_answer;
mod read_request;
mod read_stream;
mod signature;
mod write_answer;
mod write_request;
mod write_stream;
mod write_usage;

pub use chunk::FinishReason;
pub use read_answer::read_answer;
pub use read_request::read_request;
pub use read_stream::StreamReader;
pub use usage::read_usage;
pub use write_answer::write_answer;
pub use write_request::{tool_names, write_request};
pub use write_stream::StreamWriter;
