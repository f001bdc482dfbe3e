//! Errors in this dialect, as the caller sees them.

use bytes::Bytes;
use domain::refusal::Refusal;

use crate::json::push_string;

/// The error type that Anthropic uses for a status ("Errors" in its API reference).
#[must_use]
pub const fn error_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

/// The type that a client of this dialect knows for an upstream's word for its failure.
pub(super) fn known_error_type(kind: Option<&str>) -> &'static str {
    const KNOWN: [&str; 10] = [
        "invalid_request_error",
        "authentication_error",
        "billing_error",
        "permission_error",
        "not_found_error",
        "request_too_large",
        "rate_limit_error",
        "timeout_error",
        "overloaded_error",
        "api_error",
    ];
    KNOWN.into_iter().find(|known| kind == Some(*known)).unwrap_or("api_error")
}

/// A refusal as a body: `{"type":"error","error":{"type","message","code"},"request_id"}`.
#[must_use]
pub fn error_body(refusal: &Refusal, request_id: &str) -> Bytes {
    let mut out = Vec::with_capacity(192 + refusal.message.len());
    push_refusal(&mut out, refusal);
    out.extend_from_slice(b",\"request_id\":");
    push_string(&mut out, request_id);
    out.push(b'}');
    Bytes::from(out)
}

/// A failure in the middle of a stream, as an event that SDKs raise an error for. Nothing follows
/// it, `message_stop` neither.
#[must_use]
pub fn error_event(refusal: &Refusal) -> Bytes {
    let mut out = Vec::with_capacity(192 + refusal.message.len());
    out.extend_from_slice(b"event: error\ndata: ");
    push_refusal(&mut out, refusal);
    out.extend_from_slice(b"}\n\n");
    Bytes::from(out)
}

/// The body without its last brace.
fn push_refusal(out: &mut Vec<u8>, refusal: &Refusal) {
    let kind = error_type(refusal.status());
    push_error(out, kind, &refusal.message, Some(refusal.code.as_str()));
}

/// An error's body without its last brace.
pub(super) fn push_error(out: &mut Vec<u8>, kind: &str, message: &str, code: Option<&str>) {
    out.extend_from_slice(b"{\"type\":\"error\",\"error\":{\"type\":");
    push_string(out, kind);
    out.extend_from_slice(b",\"message\":");
    push_string(out, message);
    if let Some(code) = code {
        out.extend_from_slice(b",\"code\":");
        push_string(out, code);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use domain::refusal::RefusalCode;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_refusal_has_anthropics_shape() {
        let refusal = Refusal::new(RefusalCode::BalanceExhausted, "say \"hi\"");
        insta::assert_snapshot!(
            std::str::from_utf8(&error_body(&refusal, "req_1")).unwrap(),
            @r#"{"type":"error","error":{"type":"billing_error","message":"say \"hi\"","code":"balance_exhausted"},"request_id":"req_1"}"#
        );
        insta::assert_snapshot!(
            std::str::from_utf8(&error_event(&refusal)).unwrap(),
            @r#"
        event: error
        data: {"type":"error","error":{"type":"billing_error","message":"say \"hi\"","code":"balance_exhausted"}}
        "#
        );
    }

    #[test]
    fn every_code_gives_a_body_that_parses() {
        for code in RefusalCode::ALL {
            let body = error_body(&Refusal::new(*code, "x"), "r");
            let value: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(value["error"]["code"], code.as_str());
            assert_eq!(value["error"]["type"], error_type(code.status()));
        }
    }
}
