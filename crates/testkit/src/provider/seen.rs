//! What came over the wire, kept for tests that assert what a gateway sends upstream.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

/// One request as it was received.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// All headers, credentials included.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl SeenRequest {
    /// A header's text; `None` if it is absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; `Value::Null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// For a test in another process: `{"method", "path", "headers", "body"}`; the body as JSON
    /// where it is some, else as text.
    pub(crate) fn shown(&self) -> Value {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&self.body)));
        let method = self.method.as_str();
        json!({"method": method, "path": self.path, "headers": headers, "body": body})
    }
}

/// The last requests, up to a fixed number.
#[derive(Debug)]
pub(crate) struct Memory {
    kept: VecDeque<SeenRequest>,
    capacity: usize,
}

impl Memory {
    pub(crate) fn of(capacity: usize) -> Self {
        Self { kept: VecDeque::new(), capacity }
    }

    pub(crate) fn keep(&mut self, request: SeenRequest) {
        if self.capacity == 0 {
            return;
        }
        while self.kept.len() >= self.capacity {
            self.kept.pop_front();
        }
        self.kept.push_back(request);
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }

    pub(crate) fn all(&self) -> Vec<SeenRequest> {
        self.kept.iter().cloned().collect()
    }
}
