//! The routes of the data plane, and what a key's holder may read.

mod api_keys;
mod chat;
mod key;
mod models;
mod responses;
mod usage;
