//! The Anthropic Messages dialect (`POST /v1/messages`): what an answer or a stream says it used,
//! errors, counts and lists of models in this dialect's shape, and the way between it and
//! [`crate::canonical`].

mod frame;
mod usage;

pub mod response;
pub mod stream;

pub mod error;
pub mod models;

mod calls;
mod claude;
mod stop;

pub mod read_request;
pub mod write_request;

pub mod read_answer;
pub mod write_answer;

pub mod read_stream;
pub mod write_stream;

pub use usage::read_usage;
