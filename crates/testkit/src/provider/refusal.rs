//! Refusals: an error's status and words, in the shape of the API that was called.

use serde_json::{Value, json};

use super::node::{Fault, Problem};

/// The three houses of APIs; each has one shape of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    OpenAi,
    Anthropic,
    Gemini,
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
    /// The field that is wrong, for OpenAI's `param`.
    pub(super) param: Option<String>,
    pub(super) code: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), param: None, code: None }
    }

    /// A fault in a family's own words.
    pub(super) fn of(fault: Fault, family: Family) -> Self {
        let message = match family {
            Family::OpenAi => openai_words(&fault),
            Family::Anthropic => anthropic_words(&fault),
            Family::Gemini => gemini_words(&fault),
        };
        let param = Some(fault.path).filter(|path| !path.is_empty());
        Self { status: 400, message, param, code: fault.code }
    }

    /// The body in a family's shape.
    pub(super) fn body(&self, family: Family) -> Value {
        match family {
            Family::OpenAi => self.openai_body(),
            Family::Anthropic => json!({
                "type": "error",
                "error": {"type": anthropic_type(self.status), "message": self.message},
                "request_id": "req_sim_refused",
            }),
            Family::Gemini => json!({"error": {
                "code": self.status,
                "message": self.message,
                "status": gemini_status(self.status),
            }}),
        }
    }

    fn openai_body(&self) -> Value {
        let (kind, code) = match self.status {
            401 => ("invalid_request_error", Some("invalid_api_key")),
            403 => ("invalid_request_error", Some("permission_denied")),
            404 => ("invalid_request_error", Some("not_found")),
            429 => ("rate_limit_error", Some("rate_limit_exceeded")),
            400..=499 => ("invalid_request_error", None),
            _ => ("server_error", None),
        };
        json!({"error": {
            "message": self.message,
            "type": kind,
            "param": self.param,
            "code": self.code.or(code),
        }})
    }
}

fn openai_words(fault: &Fault) -> String {
    let path = &fault.path;
    match &fault.problem {
        Problem::Missing => format!("Missing required parameter: '{path}'."),
        Problem::Unknown => format!("Unknown parameter: '{path}'."),
        Problem::WrongType { expected, got } => {
            format!("Invalid type for '{path}': expected {expected}, but got {got} instead.")
        }
        Problem::NotOneOf { got, allowed } => {
            let allowed: Vec<String> = allowed.iter().map(|value| format!("'{value}'")).collect();
            format!("Invalid value: '{got}'. Supported values are: {}.", allowed.join(", "))
        }
        Problem::Said(message) => message.clone(),
    }
}

fn anthropic_words(fault: &Fault) -> String {
    let path = fault.path.replace('[', ".").replace(']', "");
    match &fault.problem {
        Problem::Missing => format!("{path}: Field required"),
        Problem::Unknown => format!("{path}: Extra inputs are not permitted"),
        Problem::WrongType { expected, .. } => {
            let valid = match *expected {
                "an array" => "list",
                "an object" => "dictionary",
                other => other.trim_start_matches("an ").trim_start_matches("a "),
            };
            format!("{path}: Input should be a valid {valid}")
        }
        Problem::NotOneOf { allowed, .. } => {
            let allowed: Vec<String> = allowed.iter().map(|value| format!("'{value}'")).collect();
            format!("{path}: Input should be {}", allowed.join(" or "))
        }
        Problem::Said(message) if path.is_empty() => message.clone(),
        Problem::Said(message) => format!("{path}: {message}"),
    }
}

fn gemini_words(fault: &Fault) -> String {
    let path = &fault.path;
    match &fault.problem {
        Problem::Missing => format!("* GenerateContentRequest.{path}: required field is missing"),
        Problem::Unknown => {
            let (place, name) = path.rsplit_once('.').unwrap_or(("", path));
            let place = if place.is_empty() { String::new() } else { format!(" at '{place}'") };
            format!(
                "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
            )
        }
        Problem::WrongType { expected, got } => {
            format!("Invalid value at '{path}': expected {expected}, got {got}")
        }
        Problem::NotOneOf { got, .. } => format!("Invalid value at '{path}': \"{got}\""),
        Problem::Said(message) => message.clone(),
    }
}

pub(super) fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

fn gemini_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        400..=499 => "INVALID_ARGUMENT",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    }
}
