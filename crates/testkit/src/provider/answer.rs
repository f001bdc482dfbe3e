//! Answers that are whole at once: JSON, refusals, scripted errors.

use std::io;

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde_json::Value;

use super::refusal::{Family, Refusal};
use super::script::ErrorReply;

pub(super) type Answer = Response<UnsyncBoxBody<Bytes, io::Error>>;

pub(super) fn json(status: u16, body: &Value) -> Answer {
    plain(status, body.to_string().into(), "application/json")
}

pub(super) fn refusal(refusal: &Refusal, family: Family) -> Answer {
    json(refusal.status, &refusal.body(family))
}

/// No body at all.
pub(super) fn empty(status: u16) -> Answer {
    plain(status, Bytes::new(), "text/plain")
}

/// An error by script, in the family's shape unless the script has a body.
pub(super) fn error(scripted: &ErrorReply, family: Family) -> Answer {
    let message = format!("Simulated error {}.", scripted.status);
    let shaped = || Refusal::new(scripted.status, message).body(family);
    let mut answer = match scripted.body.clone().unwrap_or_else(shaped) {
        Value::String(text) => plain(scripted.status, text.into(), "text/plain"),
        body => json(scripted.status, &body),
    };
    let retry_after = scripted.retry_after.iter().map(|value| (RETRY_AFTER.as_str(), value));
    let others = scripted.headers.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in retry_after.chain(others) {
        let name = http::HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::try_from(value.as_str())) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn plain(status: u16, body: Bytes, kind: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(body).map_err(|never| match never {}).boxed_unsync());
    *answer.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    answer
}
