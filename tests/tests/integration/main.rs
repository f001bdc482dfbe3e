//! The whole product from outside: the real binary, a simulated provider, and calls over HTTP.
//!
//! The tree mirrors the URLs and the verbs: a test of `POST /v1/chat/completions` is in
//! `v1/chat/completions/`, one of `tollkeeper verify` in `cli/verify.rs`; what all dialects have in
//! common is in `dialects/`. `stage.rs` sets the scene
//! that most tests begin with. Each test has a gateway of its own.

#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it lacks")]

#[path = "../../books/postgres.rs"]
mod postgres;
mod receivers;
mod stage;

mod api;
mod astray;
mod cli;
mod compressed;
mod dialects;
mod http2;
mod listener;
mod root;
mod tls;
mod v1;
mod v1beta;
