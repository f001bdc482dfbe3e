//! A JSON body: read whole, at most 1 MiB, strict about duplicates and unknown fields.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::fields::{Fields, duplicates};
use super::value::Value;
use crate::audit::{Note, summary};
use crate::endpoint::{Description, Part};
use crate::problem::{FieldError, Problem};
use crate::state::App;
use crate::wrong::Wrong;

/// The most bytes of a body that says nothing else.
const MOST_BYTES: usize = 1024 * 1024;

/// What a body is read as; its schema says the same to people.
pub(crate) trait ReadBody: ToSchema + Send + Sized {
    /// Whether the body may be left out altogether.
    const OPTIONAL: bool = false;
    /// The most bytes of the body.
    const MOST_BYTES: usize = MOST_BYTES;

    /// Reads the fields. None if a field is missing or wrong, which the fields then know.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// A request's body.
pub(crate) struct Body<T> {
    /// What was sent.
    pub(crate) value: T,
    /// The SHA-256 of the bytes, to tell a repeated request from another one.
    pub(crate) digest: [u8; 32],
}

impl<T: ReadBody> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = whole(body, T::MOST_BYTES).await?;
        let omitted = T::OPTIONAL && bytes.is_empty();
        if !omitted {
            check_content_type(&parts.headers)?;
        }
        let digest = Sha256::digest(&bytes).into();
        let bytes: &[u8] = if omitted { b"{}" } else { &bytes };
        let value = read(bytes)?;
        if let Some(note) = Note::of(&parts) {
            note.summary(summary::of(bytes));
        }
        Ok(Self { value, digest })
    }
}

/// Reads a body. One that is too large is read on for a while, and thrown away: a client that is
/// still writing when the connection closes would never see the answer.
pub(super) async fn whole(mut body: axum::body::Body, most: usize) -> Result<Vec<u8>, Problem> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken_off())?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= most {
            bytes.extend_from_slice(&data);
        } else if length > MOST_READ.max(most) {
            break;
        }
    }
    if length > most { Err(too_large(most)) } else { Ok(bytes) }
}

/// More is not read, not even to be thrown away.
const MOST_READ: usize = 8 << 20;

impl<T: ReadBody> Part for Body<T> {
    fn describe(description: &mut Description) {
        description.body::<T>();
    }
}

/// Reads a body's bytes.
pub(crate) fn read<T: ReadBody>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = |reason: String| {
        let detail = format!("The body is not JSON: {reason}.");
        Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
    };
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(error.to_string()))?;
    let twice = duplicates(text).map_err(|error| malformed(error.to_string()))?;
    if !twice.is_empty() {
        let error = |field| FieldError::new(field, "duplicate", &Wrong::GivenTwice);
        return Err(Problem::fields(twice.into_iter().map(error).collect()));
    }
    let object = Value::of(text).map_err(|invalid| malformed(invalid.wrong.to_string()))?;
    let mut fields = Fields::of(object).map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "malformed_json", "The body must be a JSON object.")
    })?;
    let value = T::read(&mut fields);
    let errors = fields.finish();
    match value {
        Some(value) if errors.is_empty() => Ok(value),
        _ => Err(Problem::fields(errors)),
    }
}

fn check_content_type(headers: &http::HeaderMap) -> Result<(), Problem> {
    let refuse = |detail| {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
    };
    if encoded(headers) {
        return refuse("Send the body without Content-Encoding.");
    }
    let essence = essence(headers);
    if essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
    {
        return Ok(());
    }
    refuse("Send the body as JSON, with \"Content-Type: application/json\".")
}

/// Whether the body is compressed or the like.
pub(super) fn encoded(headers: &http::HeaderMap) -> bool {
    let encoding = headers.get(CONTENT_ENCODING);
    encoding.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// What the body is, without parameters, in lower case.
pub(super) fn essence(headers: &http::HeaderMap) -> String {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn too_large(most: usize) -> Problem {
    let most = most >> 20;
    let detail = format!("The body is larger than {most} MiB, the largest that is taken here.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", detail)
}

fn broken_off() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The body broke off before its end.")
}
