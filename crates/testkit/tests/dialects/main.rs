//! The simulated provider in every dialect: shapes, strictness, scripts, tools, books.

#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it lacks")]
#![expect(clippy::unwrap_used, reason = "the steps that tests share are tests too")]

mod books;
mod chat;
mod controls;
mod gemini;
mod legacy;
mod messages;
mod responses;
mod scripts;
mod stage;
mod tools;
