//! What of a channel is set seldom.

use domain::dialect::Dialect;
use std::collections::BTreeMap;
use store::channel::Timeouts;
use utoipa::ToSchema;

use crate::request::value::{checked_text, list, or_null, whole};
use crate::request::{Fields, Invalid, Value};
use crate::wrong::Wrong;

/// A day: longer than any call.
const LONGEST: i64 = 24 * 3_600_000;

/// Headers that the gateway sets itself, or that would change what the request means.
const OURS: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-goog-api-key",
];

/// How long a channel is waited for, in milliseconds; null follows the deployment.
#[derive(Debug, Clone, Copy, Default, ToSchema)]
#[schema(as = TimeoutsInput)]
pub(super) struct TimeoutFields {
    /// Until it is connected.
    connect_ms: Option<u64>,
    /// Until the first byte of the answer.
    first_byte_ms: Option<u64>,
    /// Between two bytes of the answer.
    idle_ms: Option<u64>,
    /// For the whole call.
    total_ms: Option<u64>,
}

impl TimeoutFields {
    pub(super) fn take(fields: &mut Fields<'_>) -> Option<Self> {
        fields.nested_or_null("timeouts", |fields| {
            let mut time = |name| fields.take(name, or_null(whole(1..=LONGEST))).flatten();
            Some(Self {
                connect_ms: time("connect_ms"),
                first_byte_ms: time("first_byte_ms"),
                idle_ms: time("idle_ms"),
                total_ms: time("total_ms"),
            })
        })
    }
}

impl From<TimeoutFields> for Timeouts {
    fn from(fields: TimeoutFields) -> Self {
        Self {
            connect_ms: fields.connect_ms,
            first_byte_ms: fields.first_byte_ms,
            idle_ms: fields.idle_ms,
            total_ms: fields.total_ms,
        }
    }
}

/// Header additions: none that the gateway sets itself.
pub(super) fn headers(value: Value<'_>) -> Result<BTreeMap<String, String>, Invalid> {
    if value.is_null() {
        return Ok(BTreeMap::new());
    }
    let mut headers = BTreeMap::new();
    for (name, value) in value.members()? {
        let shown: String = name.chars().take(100).collect();
        let (name, value) =
            header(&name, value).map_err(|invalid| invalid.within(&format!(".{shown}")))?;
        if headers.insert(name, value).is_some() || headers.len() > 50 {
            return Err(Invalid::new(Wrong::Headers).within(&format!(".{shown}")));
        }
    }
    Ok(headers)
}

fn header(name: &str, value: Value<'_>) -> Result<(String, String), Invalid> {
    let name = http::HeaderName::try_from(name).map_err(|_| Invalid::new(Wrong::HeaderName))?;
    if OURS.contains(&name.as_str()) {
        return Err(Invalid::new(Wrong::HeaderOurs));
    }
    let text = checked_text(&(0..=2_000), value.string()?)?;
    if http::HeaderValue::from_str(&text).is_err() || !text.is_ascii() {
        return Err(Invalid::new(Wrong::HeaderValue));
    }
    Ok((name.as_str().to_owned(), text))
}

/// The wire formats that a channel takes, the one that others are translated to first; null: the
/// provider's own.
pub(super) fn dialects(value: Value<'_>) -> Result<Option<Vec<Dialect>>, Invalid> {
    if value.is_null() {
        return Ok(None);
    }
    let found = list(4, dialect)(value)?;
    let repeated = found
        .iter()
        .enumerate()
        .find(|(at, dialect)| found.iter().take(*at).any(|earlier| earlier == *dialect));
    match repeated {
        Some((at, _)) => Err(Invalid::new(Wrong::ListedTwice).within(&format!("[{at}]"))),
        None if found.is_empty() => Err(Invalid::new(Wrong::NoDialect)),
        None => Ok(Some(found)),
    }
}

/// One wire format.
pub(super) fn dialect(value: Value<'_>) -> Result<Dialect, Invalid> {
    let name = value.string()?;
    let all = [Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini];
    all.into_iter()
        .find(|dialect| dialect.name() == name)
        .ok_or_else(|| Invalid::new(Wrong::Dialects))
}
