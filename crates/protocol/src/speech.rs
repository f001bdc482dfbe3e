//! The same question to each dialect: who watches its streams, who reads its answers, how does it
//! say that something went wrong.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::refusal::Refusal;

use crate::anthropic_messages::{self, stream::MessagesStream};
use crate::gemini::{self, stream::GeminiStream};
use crate::json::JsonError;
use crate::observe::{StreamMeter, WholeAnswer};
use crate::openai_chat::{self, stream::ChatStream};
use crate::openai_responses::{self, stream::ResponsesStream};

/// Watches a stream of `choices` answers. `we_asked` says that the gateway, not the caller, asked
/// for the usage.
#[must_use]
pub fn stream_meter(dialect: Dialect, we_asked: bool, choices: u64) -> Box<dyn StreamMeter> {
    match dialect {
        Dialect::Chat => Box::new(ChatStream::new(we_asked, choices)),
        Dialect::Responses => Box::new(ResponsesStream::new()),
        Dialect::Messages => Box::new(MessagesStream::new()),
        Dialect::Gemini => Box::new(GeminiStream::new(choices)),
    }
}

/// Reads what metering needs of an answer in one piece.
///
/// # Errors
/// The body is not JSON.
pub fn read_whole(dialect: Dialect, body: &[u8]) -> Result<WholeAnswer, JsonError> {
    match dialect {
        Dialect::Chat => openai_chat::response::read_whole(body),
        Dialect::Responses => openai_responses::response::read_whole(body),
        Dialect::Messages => anthropic_messages::response::read_whole(body),
        Dialect::Gemini => gemini::response::read_whole(body),
    }
}

/// A refusal as a body.
#[must_use]
pub fn error_body(dialect: Dialect, refusal: &Refusal, request_id: &str) -> Bytes {
    match dialect {
        Dialect::Chat => openai_chat::error::error_body(refusal),
        Dialect::Responses => openai_responses::error::error_body(refusal),
        Dialect::Messages => anthropic_messages::error::error_body(refusal, request_id),
        Dialect::Gemini => gemini::error::error_body(refusal),
    }
}

/// Where in which stream a failure is told.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The call's id.
    pub call: &'a str,
    /// The time, in seconds since 1970.
    pub now: i64,
    /// The number of the next event, in the dialect that numbers them.
    pub sequence: u64,
}

/// A failure in the middle of a stream, as its last event.
#[must_use]
pub fn error_event(dialect: Dialect, refusal: &Refusal, place: Place<'_>) -> Bytes {
    match dialect {
        Dialect::Chat => openai_chat::error::error_event(refusal),
        Dialect::Responses => {
            openai_responses::error::error_event(refusal, place.call, place.now, place.sequence)
        }
        Dialect::Messages => anthropic_messages::error::error_event(refusal),
        Dialect::Gemini => gemini::error::error_event(refusal),
    }
}
