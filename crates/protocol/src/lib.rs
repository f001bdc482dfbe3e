//! Provider dialects without input or output: bytes in, bytes and usage out.
//!
//! A body is read in one pass and never turned into a tree ([`json`], [`peek`]); what it may cost is
//! told without a tokenizer ([`bound`]); what has to change in it is changed by span ([`edit`]); a
//! stream is split into events that keep their bytes ([`sse`]). Each dialect has a room of its own
//! that knows its requests, answers, usage and errors: [`openai_chat`], [`openai_responses`],
//! [`anthropic_messages`], [`gemini`]. Between two dialects a call passes through [`canonical`].

pub mod json;
pub mod peek;

pub mod bound;
pub mod edit;
pub mod estimate;
pub mod observe;
pub mod sse;

pub mod canonical;
pub mod speech;
pub mod translate;

pub mod anthropic_messages;
pub mod gemini;
pub mod openai_chat;
pub mod openai_responses;
