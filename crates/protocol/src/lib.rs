//! Provider dialects without input or output: bytes in, bytes and usage out.
//!
//! A body is read in one pass and never turned into a tree ([`json`], [`peek`]); what has to
//! change in it is changed by span ([`edit`]); a stream is split into events that keep their bytes
//! ([`sse`]). Each dialect has a room of its own that knows its requests, answers, usage and
//! errors: [`openai_chat`] so far. Between two dialects a call passes through [`canonical`].

pub mod json;
pub mod peek;

pub mod edit;
pub mod estimate;
pub mod observe;
pub mod sse;

pub mod canonical;

pub mod openai_chat;
