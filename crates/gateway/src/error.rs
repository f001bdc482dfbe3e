//! The one place where a refusal becomes an answer, in the caller's own dialect.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::refusal::{Refusal, RefusalCode};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use protocol::speech::error_body;

use crate::relay::RelayBody;

/// The header that every answer carries.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The same, where Anthropic's SDKs look for it.
const ANTHROPIC_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Puts the call's id into an answer's head.
pub(crate) fn mark(headers: &mut HeaderMap, dialect: Dialect, id: HeaderValue) {
    if dialect == Dialect::Messages {
        headers.insert(ANTHROPIC_REQUEST_ID, id.clone());
    }
    headers.insert(REQUEST_ID, id);
}

/// Tells the official SDKs not to try again.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// The answer that tells a caller why their call was refused.
///
/// Codex takes only 400 as final, so a permanent refusal to it is sent as 400 with the same code. But
/// for a WebSocket: 426 makes it use HTTP instead.
#[must_use]
pub fn response(
    dialect: Dialect,
    refusal: &Refusal,
    request_id: &str,
    to_codex: bool,
) -> Response<RelayBody> {
    let final_to_codex =
        refusal.code.is_permanent() && refusal.code != RefusalCode::WebsocketNotOffered;
    let status = if to_codex && final_to_codex { 400 } else { refusal.status() };
    let body: Bytes = error_body(dialect, refusal, request_id);
    let mut response = Response::new(RelayBody::full(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        mark(headers, dialect, id);
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.code.is_permanent() {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    response
}
