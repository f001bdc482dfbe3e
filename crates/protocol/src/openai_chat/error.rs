//! Errors in this dialect: ours to the caller, and an upstream's read safely.

use bytes::Bytes;
use domain::refusal::Refusal;
use serde_json::Value;

use crate::json::push_string;

/// The error type that OpenAI uses for a status ("Error codes" in its API reference; for rate
/// limits the API itself says `requests` or `tokens`).
#[must_use]
pub const fn error_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "insufficient_quota",
        403 => "permission_error",
        429 => "requests",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// A refusal as a body: `{"error":{"message","type","param","code"}}`.
#[must_use]
pub fn error_body(refusal: &Refusal) -> Bytes {
    let mut out = Vec::with_capacity(160 + refusal.message.len());
    push_error(&mut out, refusal);
    Bytes::from(out)
}

/// A failure in the middle of a stream, as an event that SDKs raise an error for. Nothing follows
/// it, `[DONE]` neither.
#[must_use]
pub fn error_event(refusal: &Refusal) -> Bytes {
    let mut out = Vec::with_capacity(176 + refusal.message.len());
    out.extend_from_slice(b"data: ");
    push_error(&mut out, refusal);
    out.extend_from_slice(b"\n\n");
    Bytes::from(out)
}

fn push_error(out: &mut Vec<u8>, refusal: &Refusal) {
    out.extend_from_slice(b"{\"error\":{\"message\":");
    push_string(out, &refusal.message);
    out.extend_from_slice(b",\"type\":");
    push_string(out, error_type(refusal.status()));
    out.extend_from_slice(b",\"param\":");
    match &refusal.field {
        Some(field) => push_string(out, field),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"code\":");
    push_string(out, refusal.code.as_str());
    out.extend_from_slice(b"}}");
}

/// What an upstream said went wrong. Texts are bounded and free of control characters; secrets
/// are for the caller to take out, who knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamError {
    /// The message, 2 KB at most.
    pub message: Option<String>,
    /// The type, 128 bytes at most.
    pub kind: Option<String>,
    /// The code, 128 bytes at most; a number is given in digits.
    pub code: Option<String>,
    /// The field of the request, 128 bytes at most.
    pub param: Option<String>,
}

const LONGEST_BODY: usize = 64 << 10;
const LONGEST_MESSAGE: usize = 2 << 10;
const LONGEST_NAME: usize = 128;

/// Reads an upstream's error body: OpenAI's shape, the shapes that compatible vendors have
/// (`error` as a string, `message` or `detail` alone, the object inside of an array), or plain
/// text. Anything else, HTML among it, gives an empty answer.
#[must_use]
pub fn read_upstream_error(body: &[u8]) -> UpstreamError {
    let body = body.get(..LONGEST_BODY).unwrap_or(body);
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return plain_text(body);
    };
    let outer = value.get(0).unwrap_or(&value);
    let error = outer.get("error").filter(|error| !error.is_null());
    let error = error.unwrap_or(outer);
    let message = error.as_str().map(str::to_owned).or_else(|| {
        ["message", "detail", "error_message", "msg"]
            .into_iter()
            .find_map(|name| text_of(error.get(name)).or_else(|| text_of(outer.get(name))))
    });
    let name = |name: &str| Some(bounded(&text_of(error.get(name))?, LONGEST_NAME));
    UpstreamError {
        message: message.map(|message| bounded(&message, LONGEST_MESSAGE)),
        kind: name("type").or_else(|| name("status")),
        code: name("code"),
        param: name("param"),
    }
}

fn plain_text(body: &[u8]) -> UpstreamError {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let message = (!text.is_empty() && !text.starts_with(['<', '{', '[']))
        .then(|| bounded(text, LONGEST_MESSAGE));
    UpstreamError { message, ..UpstreamError::default() }
}

fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text without control characters (white space among them becomes a space), cut at a
/// character within `longest` bytes.
fn bounded(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for character in text.chars() {
        let kept = match character {
            '\n' | '\r' | '\t' => ' ',
            control if control.is_control() => continue,
            plain => plain,
        };
        if out.len() + kept.len_utf8() > longest {
            break;
        }
        out.push(kept);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::refusal::RefusalCode;

    #[test]
    fn a_refusal_has_openais_shape() {
        let refusal = Refusal::new(RefusalCode::InvalidRequest, "say \"hi\"").at("messages");
        insta::assert_snapshot!(
            std::str::from_utf8(&error_event(&refusal)).unwrap(),
            @r#"data: {"error":{"message":"say \"hi\"","type":"invalid_request_error","param":"messages","code":"invalid_request"}}"#
        );
    }

    #[test]
    fn every_code_gives_a_body_that_parses() {
        for code in RefusalCode::ALL {
            let value: Value =
                serde_json::from_slice(&error_body(&Refusal::new(*code, "x"))).unwrap();
            assert_eq!(value["error"]["code"], code.as_str());
            assert_eq!(value["error"]["param"], Value::Null);
        }
    }

    #[test]
    fn vendors_errors_are_read() {
        let message = |body: &str| read_upstream_error(body.as_bytes()).message;
        assert_eq!(
            read_upstream_error(
                br#"{"error":{"message":"bad","type":"t","code":400,"param":null}}"#
            ),
            UpstreamError {
                message: Some("bad".into()),
                kind: Some("t".into()),
                code: Some("400".into()),
                param: None,
            }
        );
        assert_eq!(message(r#"{"error":"bad"}"#), Some("bad".into()));
        assert_eq!(message(r#"{"detail":"bad"}"#), Some("bad".into()));
        assert_eq!(message(r#"[{"error":{"message":"bad"}}]"#), Some("bad".into()));
        assert_eq!(message("upstream\tis\u{1} away\n"), Some("upstream is away".into()));
        assert_eq!(message("<html>"), None);
        assert_eq!(message(""), None);
        let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(5_000));
        assert_eq!(message(&long).unwrap().len(), 2_048);
    }
}
