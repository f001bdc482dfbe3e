//! The routes of the data plane, and what a key's holder may read.

mod api_keys;
mod chat;
mod completions;
mod embeddings;
mod key;
mod messages;
mod models;
mod responses;
mod usage;
