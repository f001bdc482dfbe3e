//! Stage 1: what came in, before anything is believed.

use bytes::{Bytes, BytesMut};
use domain::dialect::Dialect;
use domain::id::CallId;
use domain::network::client_address;
use domain::refusal::{Refusal, RefusalCode};
use domain::time::UnixMillis;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, HeaderName, USER_AGENT};
use http_body_util::BodyExt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use crate::decode::decode;
use crate::gateway::Gateway;
use crate::relay::by;

/// The other end of the socket.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the connection is encrypted by us. Behind a proxy it can be so without our help.
    pub is_tls: bool,
}

/// A call whose head was read.
#[derive(Debug)]
pub struct Received {
    /// The call's id, also the answer's `x-request-id`.
    pub id: CallId,
    /// When it came, by the books' clock.
    pub at: UnixMillis,
    /// When it came, for durations.
    pub started: Instant,
    /// The caller's wire format.
    pub dialect: Dialect,
    /// The caller's address.
    pub client: IpAddr,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The credential in the query (`?key=`), as Gemini's clients send it.
    pub query_key: Option<String>,
}

impl Received {
    /// Reads a request's head.
    #[must_use]
    pub fn new(
        gateway: &Gateway,
        headers: HeaderMap,
        query: Option<&str>,
        peer: IpAddr,
        dialect: Dialect,
    ) -> Self {
        let at = gateway.ledger.now();
        let id = CallId::new(at, rand::random());
        let client = address(gateway, &headers, peer);
        let pairs = query.unwrap_or_default().split('&');
        let query_key =
            pairs.filter_map(|pair| pair.strip_prefix("key=")).map(str::to_owned).next();
        Self { id, at, started: Instant::now(), dialect, client, headers, query_key }
    }

    /// Whether the caller is Codex, which takes only 400 as final.
    #[must_use]
    pub fn is_codex(&self) -> bool {
        self.headers.get(ORIGINATOR).is_some_and(|value| value.as_bytes().starts_with(b"codex"))
    }

    /// The caller's program, at most 256 characters.
    #[must_use]
    pub fn user_agent(&self) -> Arc<str> {
        user_agent(&self.headers)
    }
}

/// The program that sent these headers, at most 256 characters.
pub(crate) fn user_agent(headers: &HeaderMap) -> Arc<str> {
    let Some(value) = headers.get(USER_AGENT) else { return "".into() };
    match value.to_str() {
        Ok(plain) => plain.get(..plain.len().min(LONGEST_AGENT)).unwrap_or_default().into(),
        Err(_) => {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect::<String>().into()
        }
    }
}

const LONGEST_AGENT: usize = 256;
const ORIGINATOR: HeaderName = HeaderName::from_static("originator");

/// The caller's address, proxies considered.
#[must_use]
pub fn address(gateway: &Gateway, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let trusted = &gateway.options.trusted_proxies;
    if trusted.is_empty() {
        return peer.to_canonical();
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().unwrap_or("?"))
        .collect();
    client_address(peer, trusted, forwarded.into_iter())
}

/// How slowly a body may come: after ten seconds, at least 1 KB a second.
const PATIENCE: Duration = Duration::from_secs(10);
const SLOWEST: u64 = 1_024;

/// Reads a whole body within the limits of size and pace.
///
/// # Errors
/// When it is too large, too slow, breaks off, or is encoded in a way that is not read.
pub async fn body<B>(gateway: &Gateway, headers: &HeaderMap, body: B) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let most = gateway.options.max_body;
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) {
        return Err(too_large(most));
    }
    let mut body = body;
    let mut started = None;
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut length = 0_usize;
    loop {
        let allowed = PATIENCE + Duration::from_secs(length as u64 / SLOWEST);
        // Most bodies are there already, and no clock is looked at.
        let limit = || *started.get_or_insert_with(Instant::now) + allowed;
        let frame = match by(limit, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                let message = format!("The body broke off: {error}.");
                return Err(Refusal::new(RefusalCode::InvalidRequest, message));
            }
            Ok(None) => break,
            Err(_) => {
                let message = "The body came too slowly: send at least 1 KB a second.";
                return Err(Refusal::new(RefusalCode::RequestTimeout, message));
            }
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > most {
            return Err(too_large(most));
        }
        // Most bodies come in one piece, which is then passed on as it is.
        match &first {
            None => first = Some(data),
            Some(head) => {
                if rest.is_empty() {
                    let expected =
                        announced.and_then(|n| usize::try_from(n).ok()).unwrap_or(length);
                    rest.reserve(expected.max(length).min(most));
                    rest.extend_from_slice(head);
                }
                rest.extend_from_slice(&data);
            }
        }
    }
    let body = if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() };
    decode(headers, body, most)
}

fn too_large(most: usize) -> Refusal {
    let message =
        format!("The body is larger than {most} bytes, the largest that this gateway takes.");
    Refusal::new(RefusalCode::RequestTooLarge, message)
}
