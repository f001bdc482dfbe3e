//! The same question to each dialect: who watches its streams, who reads its answers, how does it
//! say that something went wrong.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::refusal::Refusal;
use memchr::memmem;

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

/// Whether a request brings thoughts back that another dialect's provider sealed. Its own provider
/// would refuse them, so such a request is written anew even where it could pass as it is.
#[must_use]
pub fn holds_foreign_seals(dialect: Dialect, body: &[u8]) -> bool {
    let marks: &[&[u8]] = match dialect {
        Dialect::Chat => &[],
        Dialect::Responses => {
            &[b"\"tollkeeper.seal.", b"\"tollkeeper.redacted.", b"\"tollkeeper.signature."]
        }
        Dialect::Messages => {
            &[b"\"signature\":\"gAAAA", b"\"signature\":\"gemini.", b"\"signature\":\"\""]
        }
        // `tollkeeper.seal` and `tollkeeper.redacted` in base64.
        Dialect::Gemini => &[b"\"dG9sbGtlZXBlci5"],
    };
    marks.iter().any(|mark| memmem::find(body, mark).is_some())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_seals_are_seen_and_own_ones_are_not() {
        let foreign = |dialect, body: &str| holds_foreign_seals(dialect, body.as_bytes());
        for (dialect, body) in [
            (Dialect::Responses, r#"{"encrypted_content":"tollkeeper.seal.v1:abc"}"#),
            (Dialect::Messages, r#"{"type":"thinking","thinking":"x","signature":"gAAAAB"}"#),
            (Dialect::Messages, r#"{"type":"thinking","thinking":"x","signature":""}"#),
            (Dialect::Gemini, r#"{"thoughtSignature":"dG9sbGtlZXBlci5zZWFsLnYxOg=="}"#),
        ] {
            assert!(foreign(dialect, body), "{body}");
        }
        for (dialect, body) in [
            (Dialect::Responses, r#"{"encrypted_content":"gAAAAB"}"#),
            (Dialect::Responses, r#"{"text":"what is tollkeeper.seal.v1?"}"#),
            (Dialect::Messages, r#"{"type":"thinking","thinking":"x","signature":"c2ln"}"#),
            (Dialect::Gemini, r#"{"thoughtSignature":"c2ln"}"#),
            (Dialect::Chat, r#"{"signature":""}"#),
        ] {
            assert!(!foreign(dialect, body), "{body}");
        }
    }
}
