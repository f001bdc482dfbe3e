//! The dialects that the provider speaks: the one place that lists them.
//!
//! A new dialect is a folder like `chat/`, a variant here, and its arms.

use bytes::Bytes;
use serde_json::Value;

use super::node::{Checked, Node};
use super::plan::{Asked, Plan};
use super::refusal::Family;
use super::reply::Reply;
use super::route::Gemini;
use super::script::Script;
use super::steps::Step;
use super::{chat, gemini, legacy, messages, responses};

/// A dialect of calls to a model, with what the request's path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dialect {
    Chat,
    Responses,
    Messages,
    Gemini(Gemini),
    GeminiEmbeddings { model: String, batch: bool },
    Completions,
    Embeddings,
}

impl Dialect {
    pub(super) fn family(&self) -> Family {
        match self {
            Self::Chat | Self::Responses | Self::Completions | Self::Embeddings => Family::OpenAi,
            Self::Messages => Family::Anthropic,
            Self::Gemini(_) | Self::GeminiEmbeddings { .. } => Family::Gemini,
        }
    }

    /// Whether it refuses what the real API would, if nobody says. Chat does not: requests of its
    /// own dialect, which a gateway must carry untouched, may hold fields that nobody knows.
    pub(super) fn is_strict(&self) -> bool {
        *self != Self::Chat
    }

    /// Finds what the real API would refuse.
    pub(super) fn check(
        &self,
        root: &Node<'_>,
        head: &messages::Head<'_>,
        history: &[Value],
    ) -> Checked {
        match self {
            Self::Chat => chat::check(root),
            Self::Responses => responses::check(root, history),
            Self::Messages => messages::check(root, head),
            Self::Gemini(call) => gemini::check(root, &call.model),
            Self::GeminiEmbeddings { batch, .. } => gemini::check_embed(root, *batch),
            Self::Completions => legacy::check_completion(root),
            Self::Embeddings => legacy::check_embeddings(root),
        }
    }

    /// Reads a body, right or wrong.
    ///
    /// # Errors
    /// A sentence, if it cannot be answered at all.
    pub(super) fn read(&self, body: Value, history: Vec<Value>) -> Result<Asked, String> {
        match self {
            Self::Chat => chat::read(body),
            Self::Responses => responses::read(body, history),
            Self::Messages => messages::read(body),
            Self::Gemini(call) => gemini::read(body, call),
            Self::GeminiEmbeddings { model, .. } => Ok(gemini::read_embed(body, model)),
            Self::Completions => legacy::read_completion(body),
            Self::Embeddings => legacy::read_embeddings(body),
        }
    }

    pub(super) fn plan(&self, asked: &Asked, script: &Script) -> Plan {
        match self {
            Self::Embeddings | Self::GeminiEmbeddings { .. } => Plan::without_output(asked, script),
            _ => Plan::new(asked, script),
        }
    }

    pub(super) fn steps(&self, reply: &Reply<'_>) -> Vec<Step> {
        match (self, reply.asked.stream) {
            (Self::Chat, false) => chat::json_steps(reply),
            (Self::Chat, true) => chat::stream_steps(reply),
            (Self::Responses, false) => responses::json_steps(reply),
            (Self::Responses, true) => responses::stream_steps(reply),
            (Self::Messages, false) => messages::json_steps(reply),
            (Self::Messages, true) => messages::stream_steps(reply),
            (Self::Gemini(_), false) => gemini::json_steps(reply),
            (Self::Gemini(_), true) => gemini::stream_steps(reply),
            (Self::GeminiEmbeddings { .. }, _) => gemini::embed_steps(reply),
            (Self::Completions, false) => legacy::completion_steps(reply),
            (Self::Completions, true) => legacy::completion_stream(reply),
            (Self::Embeddings, _) => legacy::embeddings_steps(reply),
        }
    }

    /// An error inside a stream, after so many events.
    pub(super) fn error_event(&self, reply: &Reply<'_>, message: &str, events: u64) -> Bytes {
        match self {
            Self::Responses => responses::error_event(reply, message, events),
            Self::Messages => messages::error_event(message),
            Self::Gemini(_) => gemini::error_event(reply, message, events),
            _ => chat::error_event(message),
        }
    }
}
