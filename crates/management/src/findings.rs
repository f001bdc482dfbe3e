//! Findings: what an audit of the keys would object to, computed for you, with a fix for each.
//!
//! `facts.rs` reads what is known of a page of keys, `judge.rs` draws findings from it, a pure
//! function; `words.rs` holds every sentence.

pub(crate) mod dismiss;
mod facts;
pub(crate) mod fix;
mod id;
mod judge;
mod kind;
pub(crate) mod list;
mod period;
mod view;
mod words;
