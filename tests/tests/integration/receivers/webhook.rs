//! A webhook's receiver as the Standard Webhooks specification wants it: it checks signature and
//! time, knows repetitions by their id, and answers as the test says.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::stage::eventually;

/// Older messages are refused, as the specification's libraries do.
const TOLERANCE: i64 = 300;

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// With this status.
    Status(u16),
    /// With a redirect to itself.
    Redirect,
    /// Not at all.
    Hang,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) message: Value,
}

impl Received {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        });
        line.unwrap_or_default()
    }

    /// Checks the message as a receiver must; `now` in seconds.
    pub(crate) fn verify(&self, secret: &str, now: i64) -> anyhow::Result<()> {
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let sent: i64 = time.parse().context("no webhook-timestamp")?;
        ensure!((now - sent).abs() <= TOLERANCE, "sent at {sent}, it is {now}: a replay");
        let key = STANDARD.decode(secret.strip_prefix("whsec_").context("no whsec_")?)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
        mac.update(format!("{id}.{time}.{}", self.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signed = self.header("webhook-signature");
        ensure!(signed.split(' ').any(|it| it == expected), "{signed} is not {expected}");
        Ok(())
    }
}

/// A receiver on a port of its own.
pub(crate) struct Webhook {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Webhook {
    /// A receiver that answers with these, and then with 204.
    pub(crate) async fn start(replies: &[Reply]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook?from=tollkeeper", listener.local_addr()?);
        let received = Arc::new(Mutex::new(Vec::new()));
        let replies = Arc::new(Mutex::new(replies.iter().copied().collect::<VecDeque<_>>()));
        let (seen, location) = (Arc::clone(&received), url.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, replies, location) =
                    (Arc::clone(&seen), Arc::clone(&replies), location.clone());
                tokio::spawn(async move { converse(stream, &seen, &replies, &location).await });
            }
        });
        Ok(Self { url, received })
    }

    /// Everything that came.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many messages of a type came; gives them all.
    pub(crate) async fn wait_for(&self, kind: &str, count: usize) -> anyhow::Result<Vec<Received>> {
        let of_kind = || -> Vec<Received> {
            self.received().into_iter().filter(|it| it.message["type"] == kind).collect()
        };
        eventually(&format!("{count} {kind} came"), async || Ok(of_kind().len() >= count)).await?;
        Ok(of_kind())
    }

    /// How many different messages came.
    pub(crate) fn different(&self) -> usize {
        let received = self.received();
        received.iter().map(|it| it.header("webhook-id")).collect::<HashSet<_>>().len()
    }
}

async fn converse(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Received>>,
    replies: &Mutex<VecDeque<Reply>>,
    location: &str,
) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let Some(request) = next_request(&mut stream, &mut bytes).await? else { return Ok(()) };
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let reply = replies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
            .unwrap_or(Reply::Status(204));
        let head = match reply {
            Reply::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
            Reply::Redirect => {
                format!("HTTP/1.1 307 X\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
            }
            Reply::Hang => {
                // Until the sender gives up.
                let mut rest = [0; 64];
                while stream.read(&mut rest).await? > 0 {}
                return Ok(());
            }
        };
        stream.write_all(head.as_bytes()).await?;
    }
}

async fn next_request(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
) -> anyhow::Result<Option<Received>> {
    loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec())?;
            let received = Received { head, body: String::new(), message: Value::Null };
            let length: usize = received.header("content-length").parse()?;
            if bytes.len() >= end + 4 + length {
                let body = String::from_utf8(bytes[end + 4..end + 4 + length].to_vec())?;
                bytes.drain(..end + 4 + length);
                let message = serde_json::from_str(&body)?;
                return Ok(Some(Received { body, message, ..received }));
            }
        }
        if stream.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
    }
}
