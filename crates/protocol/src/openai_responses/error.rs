//! Errors in this dialect: a refusal as a body, and a failure in the middle of a stream.
//!
//! A stream that fails ends with `response.failed`. What its readers make of it, by their sources:
//!
//! - Codex looks at `response.error.code` alone. `invalid_prompt` ends the turn and shows the
//!   message; `context_length_exceeded` ends it with words of its own; anything else is tried
//!   again, five times. It passes over `error` events and then finds the stream cut, which it tries
//!   again as well.
//! - OpenAI's SDKs raise an error for any event with an `error` at its top, show its message, and do
//!   not try again; a `response.failed` without one is handed to the program as an event.
//!
//! So there are both: `response.error` with a code that OpenAI documents, and `error` with ours.

use bytes::Bytes;
use domain::refusal::{Refusal, RefusalCode};

use super::envelope::{push_error, response_id};
use crate::canonical::UpstreamFailure;
use crate::json::push_string;
use crate::openai_chat::error::{error_body as chat_error_body, error_type};

/// A refusal as a body: `{"error":{"message","type","param","code"}}`, the same as in Chat.
#[must_use]
pub fn error_body(refusal: &Refusal) -> Bytes {
    chat_error_body(refusal)
}

/// A failure in the middle of a stream, as its last event. `call` is the call's id, `now` the time
/// in seconds since 1970, `sequence` the number of the event.
#[must_use]
pub fn error_event(refusal: &Refusal, call: &str, now: i64, sequence: u64) -> Bytes {
    let mut out = format!(
        "event: response.failed\ndata: {{\"type\":\"response.failed\",\"sequence_number\":{sequence},\
         \"response\":{{\"id\":\"{}\",\"object\":\"response\",\"created_at\":{now},\
         \"status\":\"failed\",\"model\":\"\",\"output\":[],\"parallel_tool_calls\":true,\
         \"tool_choice\":\"auto\",\"tools\":[],\"incomplete_details\":null,\"usage\":null,\"error\":",
        response_id(call)
    )
    .into_bytes();
    push_error(&mut out, documented_code(refusal), &refusal.message);
    out.extend_from_slice(b"},\"error\":{\"message\":");
    push_string(&mut out, &refusal.message);
    out.extend_from_slice(b",\"type\":");
    push_string(&mut out, error_type(refusal.status()));
    out.extend_from_slice(b",\"param\":null,\"code\":");
    push_string(&mut out, refusal.code.as_str());
    out.extend_from_slice(b"}}\n\n");
    Bytes::from(out)
}

/// The code of `response.error`: whether Codex stops or tries again hangs on it.
fn documented_code(refusal: &Refusal) -> &'static str {
    match refusal.code {
        RefusalCode::RateLimited | RefusalCode::UpstreamRateLimited => "rate_limit_exceeded",
        code if code.is_permanent() => "invalid_prompt",
        _ => "server_error",
    }
}

/// What `response.error.code` says for an upstream's failure.
pub(super) fn failure_code(failure: &UpstreamFailure) -> &'static str {
    let says = |word: &str| {
        [&failure.code, &failure.kind].into_iter().flatten().any(|text| text.contains(word))
    };
    if says("context_length") {
        "context_length_exceeded"
    } else if says("rate_limit") {
        "rate_limit_exceeded"
    } else if says("invalid") {
        "invalid_prompt"
    } else {
        "server_error"
    }
}

/// The sentence for an upstream's failure.
pub(super) fn failure_message(failure: &UpstreamFailure) -> &str {
    failure.message.as_deref().unwrap_or("The provider failed in the middle of its answer.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permanent_failure_ends_a_codex_turn() {
        let refusal = Refusal::new(RefusalCode::KeyQuotaExhausted, "the \"quota\" is used up");
        insta::assert_snapshot!(
            std::str::from_utf8(&error_event(&refusal, "call_7", 1_700_000_000, 12)).unwrap(),
            @r#"
        event: response.failed
        data: {"type":"response.failed","sequence_number":12,"response":{"id":"resp_7","object":"response","created_at":1700000000,"status":"failed","model":"","output":[],"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"incomplete_details":null,"usage":null,"error":{"code":"invalid_prompt","message":"the \"quota\" is used up"}},"error":{"message":"the \"quota\" is used up","type":"insufficient_quota","param":null,"code":"key_quota_exhausted"}}
        "#
        );
    }

    #[test]
    fn every_code_gives_an_event_that_parses() {
        for code in RefusalCode::ALL {
            let event = error_event(&Refusal::new(*code, "x\n"), "call_1", 0, 0);
            let text = std::str::from_utf8(&event).unwrap();
            let data = text.strip_prefix("event: response.failed\ndata: ").unwrap();
            let value: serde_json::Value = serde_json::from_str(data).unwrap();
            assert_eq!(value["error"]["code"], code.as_str());
            let stops = value["response"]["error"]["code"] == "invalid_prompt";
            assert_eq!(stops, code.is_permanent());
        }
    }
}
