//! A stream of server-sent events, read one by one.

use anyhow::Context;
use bytes::BytesMut;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The `event:` field; empty if there is none, as in OpenAI's Chat.
    pub name: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

impl Event {
    /// The data as JSON; `Value::Null` if it is none, like `[DONE]`.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_default()
    }

    fn parse(block: &str) -> Self {
        let mut event = Self::default();
        let mut data = Vec::new();
        for line in block.lines() {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => event.name = value.to_owned(),
                "data" => data.push(value),
                _ => {}
            }
        }
        event.data = data.join("\n");
        event
    }
}

/// An answer under way. Dropping it closes the connection.
#[derive(Debug)]
pub struct EventStream {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Every byte of the body so far, for tests that compare bytes.
    pub received: BytesMut,
    body: Incoming,
    parsed: usize,
}

impl EventStream {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Incoming) -> Self {
        Self { status, headers, received: BytesMut::new(), body, parsed: 0 }
    }

    /// The next event; `None` once the answer ended as it should.
    ///
    /// # Errors
    /// When the connection broke off.
    pub async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some(event) = self.take_parsed() {
                return Ok(Some(event));
            }
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            let frame = frame.context("the stream broke off")?;
            if let Some(data) = frame.data_ref() {
                self.received.extend_from_slice(data);
            }
        }
    }

    /// All events that are left.
    ///
    /// # Errors
    /// When the connection broke off before the end.
    pub async fn rest(&mut self) -> anyhow::Result<Vec<Event>> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await? {
            events.push(event);
        }
        Ok(events)
    }

    /// All events that came, and whether the answer ended as it should.
    pub async fn until_end_or_break(&mut self) -> (Vec<Event>, bool) {
        let mut events = Vec::new();
        loop {
            match self.next().await {
                Ok(Some(event)) => events.push(event),
                Ok(None) => return (events, true),
                Err(_) => return (events, false),
            }
        }
    }

    fn take_parsed(&mut self) -> Option<Event> {
        let unread = self.received.get(self.parsed..)?;
        let length = unread.windows(2).position(|pair| pair == b"\n\n")?;
        let event = Event::parse(&String::from_utf8_lossy(unread.get(..length)?));
        self.parsed += length + 2;
        Some(event)
    }
}
