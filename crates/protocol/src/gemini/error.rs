//! Errors in this dialect: `google.rpc.Status` in JSON, with an `ErrorInfo` that holds our code.

use bytes::Bytes;
use domain::refusal::Refusal;

use crate::json::push_string;

/// The name that Google gives a status (`google.rpc.Code` and its mapping to HTTP). A budget that is
/// used up (402) is a `FAILED_PRECONDITION`, because clients try again on `RESOURCE_EXHAUSTED`.
#[must_use]
pub const fn status_name(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 412 | 426 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 | 501 => "UNIMPLEMENTED",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        416 => "OUT_OF_RANGE",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        502 | 503 | 529 => "UNAVAILABLE",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

/// A refusal as a body: `{"error":{"code","message","status","details":[…]}}`, where `details` holds
/// our code in capitals as the `reason` of an `ErrorInfo`, and the field, if one is wrong.
#[must_use]
pub fn error_body(refusal: &Refusal) -> Bytes {
    let mut out = Vec::with_capacity(288 + refusal.message.len());
    push_error(&mut out, refusal);
    Bytes::from(out)
}

/// A failure in the middle of a stream, as an event that SDKs raise an error for. Nothing follows it.
#[must_use]
pub fn error_event(refusal: &Refusal) -> Bytes {
    let mut out = Vec::with_capacity(304 + refusal.message.len());
    out.extend_from_slice(b"data: ");
    push_error(&mut out, refusal);
    out.extend_from_slice(b"\n\n");
    Bytes::from(out)
}

fn push_error(out: &mut Vec<u8>, refusal: &Refusal) {
    out.extend_from_slice(b"{\"error\":{\"code\":");
    out.extend_from_slice(refusal.status().to_string().as_bytes());
    out.extend_from_slice(b",\"message\":");
    push_string(out, &refusal.message);
    out.extend_from_slice(b",\"status\":");
    push_string(out, status_name(refusal.status()));
    out.extend_from_slice(
        b",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":",
    );
    push_string(out, &refusal.code.as_str().to_ascii_uppercase());
    out.extend_from_slice(b",\"domain\":\"tollkeeper\"}");
    if let Some(field) = &refusal.field {
        out.extend_from_slice(
            b",{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\",\"fieldViolations\":[{\"field\":",
        );
        push_string(out, field);
        out.extend_from_slice(b",\"description\":");
        push_string(out, &refusal.message);
        out.extend_from_slice(b"}]}");
    }
    out.extend_from_slice(b"]}}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::refusal::RefusalCode;
    use serde_json::Value;

    #[test]
    fn a_refusal_has_googles_shape() {
        let refusal = Refusal::new(RefusalCode::BalanceExhausted, "say \"hi\"");
        insta::assert_snapshot!(
            std::str::from_utf8(&error_event(&refusal)).unwrap(),
            @r#"data: {"error":{"code":402,"message":"say \"hi\"","status":"FAILED_PRECONDITION","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"BALANCE_EXHAUSTED","domain":"tollkeeper"}]}}"#
        );
    }

    #[test]
    fn every_code_gives_a_body_that_parses() {
        for code in RefusalCode::ALL {
            let refusal = Refusal::new(*code, "x").at("contents");
            let value: Value = serde_json::from_slice(&error_body(&refusal)).unwrap();
            let reason = value["error"]["details"][0]["reason"].as_str().unwrap();
            assert_eq!(reason.to_ascii_lowercase(), code.as_str());
            assert_eq!(value["error"]["code"], code.status());
            let violation = &value["error"]["details"][1]["fieldViolations"][0];
            assert_eq!(violation["field"], "contents");
        }
    }
}
