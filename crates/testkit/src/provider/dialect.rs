//! The dialects that the provider speaks: the one place that lists them.
//!
//! A new dialect is a file like `chat.rs`, a variant here, and its arms.

use bytes::Bytes;
use http::Method;

use super::chat::{self, Stamp};
use super::plan::{Asked, Plan};
use super::script::Script;
use super::steps::Step;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Chat,
}

impl Dialect {
    /// The dialect that a route belongs to.
    pub(super) fn of_route(method: &Method, path: &str) -> Option<Self> {
        match path {
            "/v1/chat/completions" if method == Method::POST => Some(Self::Chat),
            _ => None,
        }
    }

    pub(super) fn read(self, body: &[u8]) -> Result<Asked, String> {
        match self {
            Self::Chat => chat::read(body),
        }
    }

    pub(super) fn steps(
        self,
        asked: &Asked,
        plan: &Plan,
        script: &Script,
        stamp: &Stamp,
    ) -> Vec<Step> {
        match (self, asked.stream) {
            (Self::Chat, false) => chat::json_steps(asked, plan, script, stamp),
            (Self::Chat, true) => chat::stream_steps(asked, plan, script, stamp),
        }
    }

    pub(super) fn error_event(self, message: &str) -> Bytes {
        match self {
            Self::Chat => chat::error_event(message),
        }
    }
}
