//! What a request's answer should be like: the vocabulary that tests write.
//!
//! Everything is optional; an empty script is a friendly answer with true usage. The most
//! specific script wins as a whole (they are not merged): the request's own, else the newest rule
//! that matches, else the provider's default.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::tool_use::ToolUse;
use super::usage::Usage;

/// One answer's script. As JSON, an unknown field is an error, so that a typing mistake in a test
/// cannot pass for a well-behaved provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Content chunks per choice, one token each; by default as many as the answer has words.
    pub output_tokens: Option<u64>,
    /// Reported instead of the count of the request's words.
    pub prompt_tokens: Option<u64>,
    /// Reported as the cached part of the prompt.
    pub cached_tokens: Option<u64>,
    /// Reported, and counted into the completion; by default as many as `thoughts` has words.
    pub reasoning_tokens: Option<u64>,
    /// The part of the prompt written to a cache for five minutes. Only Anthropic's usage says so.
    pub cache_write_tokens: Option<u64>,
    /// The part of the prompt written to a cache for an hour.
    pub cache_write_1h_tokens: Option<u64>,
    /// Counted and reported instead of all other counts, whatever is said.
    pub usage: Option<Usage>,
    /// The answer's text instead of the friendly one.
    pub answer: Option<String>,
    /// Thoughts before the answer, as far as the dialect and the request let them be shown.
    pub thoughts: Option<String>,
    /// Call tools, and repeat what they say.
    pub tool_use: Option<ToolUse>,
    /// Why the answer ends, instead of the true reason.
    pub finish: Option<Finish>,
    /// Whether to refuse what the real API would refuse, unknown fields included. By default the
    /// provider's own setting.
    pub strict: Option<bool>,
    /// Wait before the response's head.
    pub delay_ms: u64,
    /// Wait before each content chunk of a stream.
    pub chunk_delay_ms: u64,
    /// Break the connection off.
    pub cut: Option<Cut>,
    /// Leave the usage out, also where it was asked for.
    pub omit_usage: bool,
    /// Put verbatim on the wire as the usage, `null` and nonsense included.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub usage_override: Option<Value>,
    /// Say more than the request's maximum allows.
    pub ignore_max: bool,
    /// Answer with an error.
    pub error: Option<ErrorReply>,
    /// Break a stream off with an error event.
    pub error_event_mid_stream: Option<ErrorEvent>,
    /// Make each chunk this many bytes longer, as OpenAI's `obfuscation` field does.
    pub pad_bytes: usize,
    /// Answer 400 to a request that has `stream_options`.
    pub reject_include_usage: bool,
    /// Take the request and never answer.
    pub hang: bool,
    /// Let only the first so many requests fail (by `error`, `cut`, `error_event_mid_stream` or
    /// `hang`; by a plain 500 if none is set). Counted per rule, or per call for a request's own
    /// script.
    pub fail_times: Option<u32>,
    /// Send the body in HTTP chunks and TCP writes of at most this many bytes.
    pub split_bytes: Option<usize>,
    /// End a stream without its last event, where that carries nothing: `data: [DONE]`,
    /// Anthropic's `message_stop`.
    pub no_done: bool,
}

impl Script {
    /// The wait before the head.
    #[must_use]
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// The same script for a request that comes after [`Self::fail_times`] is used up.
    pub(super) fn without_failures(mut self) -> Self {
        self.error = None;
        self.cut = None;
        self.error_event_mid_stream = None;
        self.hang = false;
        self
    }

    /// The same script for a request that [`Self::fail_times`] says must fail.
    pub(super) fn failing(mut self) -> Self {
        let has_failure = self.error.is_some()
            || self.cut.is_some()
            || self.error_event_mid_stream.is_some()
            || self.hang;
        if !has_failure {
            self.error = Some(ErrorReply::status(500));
        }
        self
    }
}

/// Why an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// All is said.
    Stop,
    /// The maximum of output tokens is reached.
    Length,
    /// Tools are to be called.
    ToolCalls,
    /// The content is objected to.
    ContentFilter,
    /// The answer failed, with status 200. Only the Responses API knows this; elsewhere it is
    /// [`Self::Stop`].
    Failed,
}

/// Keeps `null` apart from a field that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Where and how a connection breaks off. A chunked body never gets its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The place in the answer.
    pub at: CutAt,
    /// For [`CutAt::MidStream`]: after so many content chunks; half of them by default.
    #[serde(default)]
    pub after_chunks: Option<u64>,
    /// How the connection ends.
    #[serde(default)]
    pub ending: Ending,
}

impl Cut {
    /// A cut at this place, by closing.
    #[must_use]
    pub fn at(at: CutAt) -> Self {
        Self { at, after_chunks: None, ending: Ending::Close }
    }

    /// A cut after so many content chunks, by closing.
    #[must_use]
    pub fn after_chunks(count: u64) -> Self {
        Self { after_chunks: Some(count), ..Self::at(CutAt::MidStream) }
    }
}

/// A place in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutAt {
    /// Before any byte of the answer.
    BeforeHead,
    /// After the head, before any byte of the body.
    AfterHead,
    /// Amid the content; half-way through it in a JSON answer.
    MidStream,
    /// After all content, before the usage.
    BeforeUsage,
    /// After the usage, before the end of the answer.
    AfterUsage,
}

/// How a connection that is cut ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The socket is closed amid the answer. What was written still arrives, so that both sides
    /// can say exactly what went over the wire.
    #[default]
    Close,
    /// The socket is reset; what the peer has not acknowledged may be lost.
    Reset,
}

/// A scripted error answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorReply {
    /// The HTTP status.
    pub status: u16,
    /// The body: a string goes out as it is, anything else as JSON; by default the dialect's own
    /// error shape.
    #[serde(default)]
    pub body: Option<Value>,
    /// The `Retry-After` header.
    #[serde(default)]
    pub retry_after: Option<String>,
    /// More headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

impl ErrorReply {
    /// This status in the dialect's own error shape.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, body: None, retry_after: None, headers: BTreeMap::new() }
    }
}

/// An error event inside a stream that began well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorEvent {
    /// After so many content chunks; half of them by default.
    pub after_chunks: Option<u64>,
    /// The error's message.
    pub message: Option<String>,
}

/// Which requests a script is for. An empty matcher means every request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matcher {
    /// The model that the request names.
    pub model: Option<String>,
    /// The call's name in the books (see [`super::Entry::call`]).
    pub call: Option<String>,
    /// The secret that the request came with.
    pub secret: Option<String>,
    /// Streams only, or JSON answers only.
    pub stream: Option<bool>,
    /// `chat`, `responses`, `messages`, `gemini`, `completions`, `embeddings` or
    /// `gemini-embeddings`.
    pub dialect: Option<String>,
    /// Words in the user's last message.
    pub text: Option<String>,
    /// Only requests that offer tools, or only those that offer none.
    pub tools: Option<bool>,
}

impl Matcher {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests for this model.
    #[must_use]
    pub fn model(model: impl Into<String>) -> Self {
        Self { model: Some(model.into()), ..Self::default() }
    }

    /// Requests of this call.
    #[must_use]
    pub fn call(call: impl Into<String>) -> Self {
        Self { call: Some(call.into()), ..Self::default() }
    }

    /// Requests that come with this secret.
    #[must_use]
    pub fn secret(secret: impl Into<String>) -> Self {
        Self { secret: Some(secret.into()), ..Self::default() }
    }

    /// Requests in this dialect.
    #[must_use]
    pub fn dialect(dialect: impl Into<String>) -> Self {
        Self { dialect: Some(dialect.into()), ..Self::default() }
    }
}
