//! The pieces of a response that both writers make: parts, usage, and what stands around them.

use domain::usage::Usage;

use super::finish::reason_of;
use super::signature;
use crate::canonical::Stop;
use crate::json::{push_string, validate};

/// Starts a response, up to its first part.
pub(super) const OPENING: &[u8] = b"{\"candidates\":[{\"content\":{\"parts\":[";

/// What one call says.
pub(super) struct CallText<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) arguments: &'a str,
    pub(super) seal: Option<&'a str>,
}

/// `{"text":…}`
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"{\"text\":");
    push_string(out, text);
    out.push(b'}');
}

/// `{"text":…,"thought":true}`
pub(super) fn push_thought(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"{\"text\":");
    push_string(out, text);
    out.extend_from_slice(b",\"thought\":true}");
}

/// A thought with its seal; one of Gemini's own without words is the signature of a text.
pub(super) fn push_sealed(out: &mut Vec<u8>, text: &str, seal: &str, redacted: bool) {
    out.extend_from_slice(b"{\"text\":");
    push_string(out, text);
    if !(redacted && signature::to_upstream(seal).is_some()) {
        out.extend_from_slice(b",\"thought\":true");
    }
    push_signature(out, seal, redacted);
    out.push(b'}');
}

/// `{"functionCall":{"id":…,"name":…,"args":…}}`
pub(super) fn push_call(out: &mut Vec<u8>, call: &CallText<'_>) {
    out.extend_from_slice(b"{\"functionCall\":{\"id\":");
    push_string(out, call.id);
    out.extend_from_slice(b",\"name\":");
    push_string(out, call.name);
    out.extend_from_slice(b",\"args\":");
    push_arguments(out, call.arguments);
    out.push(b'}');
    if let Some(seal) = call.seal {
        push_signature(out, seal, false);
    }
    out.push(b'}');
}

/// Arguments are an object; what is none stands under `input`.
fn push_arguments(out: &mut Vec<u8>, arguments: &str) {
    let arguments = arguments.trim_ascii();
    if arguments.is_empty() {
        out.extend_from_slice(b"{}");
    } else if arguments.starts_with('{') && validate(arguments.as_bytes()).is_ok() {
        // A line feed between tokens would end a line of the stream.
        out.extend(arguments.bytes().map(|byte| if byte < b' ' { b' ' } else { byte }));
    } else {
        out.extend_from_slice(b"{\"input\":");
        push_string(out, arguments);
        out.push(b'}');
    }
}

fn push_signature(out: &mut Vec<u8>, seal: &str, redacted: bool) {
    out.extend_from_slice(b",\"thoughtSignature\":");
    push_string(out, &signature::to_client(seal, redacted));
}

/// Ends a candidate and its list, from its last part on.
pub(super) fn push_candidate_end(out: &mut Vec<u8>, stop: Option<&Stop>) {
    out.extend_from_slice(b"],\"role\":\"model\"}");
    if let Some(stop) = stop {
        out.extend_from_slice(b",\"finishReason\":\"");
        out.extend_from_slice(reason_of(stop).as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(b",\"index\":0}]");
}

/// `,"usageMetadata":{…}`: all input counts as prompt, thoughts stand beside the candidates.
pub(super) fn push_usage(out: &mut Vec<u8>, usage: &Usage) {
    let mut put = |name: &[u8], count: u64| {
        out.extend_from_slice(name);
        out.extend_from_slice(count.to_string().as_bytes());
    };
    put(b",\"usageMetadata\":{\"promptTokenCount\":", usage.total_input());
    put(b",\"candidatesTokenCount\":", usage.output.saturating_sub(usage.reasoning));
    put(b",\"totalTokenCount\":", usage.total());
    if usage.cached_input > 0 {
        put(b",\"cachedContentTokenCount\":", usage.cached_input);
    }
    if usage.reasoning > 0 {
        put(b",\"thoughtsTokenCount\":", usage.reasoning.min(usage.output));
    }
    out.push(b'}');
}

/// `,"modelVersion":…,"responseId":…}`: ends a response.
pub(super) fn push_ending(out: &mut Vec<u8>, model: &str, id: &str) {
    out.extend_from_slice(b",\"modelVersion\":");
    push_string(out, model);
    out.extend_from_slice(b",\"responseId\":");
    push_string(out, id);
    out.push(b'}');
}

/// Whether the caller asked to see thoughts (`includeThoughts`), which it does not by default.
pub(super) fn shows_thoughts(request: &crate::canonical::Request) -> bool {
    request.reasoning.as_ref().and_then(|reasoning| reasoning.show).unwrap_or(false)
}
