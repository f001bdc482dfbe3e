//! Google's Gemini dialect (`POST /v1beta/models/{model}:generateContent` and its siblings), as the
//! Gemini API speaks it and Vertex varies it: what an answer or a stream says it used, errors and
//! lists of models in this dialect's shape, and both directions of translation.
//!
//! The model and whether the answer streams stand in the path, not in the body. Google reads every
//! field in camel case and in snake case, and one object where a list is meant; so do the readers
//! here. Sources: "Generating content", "Function calling", "Gemini thinking" and "Thought
//! signatures" in the Gemini API's documentation.

mod chunk;
mod usage;

pub mod response;
pub mod stream;

pub mod error;
pub mod models;

pub mod read_request;
pub mod write_request;

pub mod read_answer;
pub mod write_answer;

pub mod read_stream;
pub mod write_stream;

mod base64;
mod candidate;
mod fields;
mod finish;
mod schema;
mod signature;
mod thinking;

pub use read_answer::read_answer;
pub use read_request::read_request;
pub use usage::read_usage;
pub use write_answer::write_answer;
pub use write_request::{tool_names, write_request};
