//! What came over the wire, kept for tests that assert what a gateway sends upstream.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

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
}

/// The last requests, up to a fixed number.
#[derive(Debug)]
pub(super) struct Memory {
    kept: VecDeque<SeenRequest>,
    capacity: usize,
}

impl Memory {
    pub(super) fn of(capacity: usize) -> Self {
        Self { kept: VecDeque::new(), capacity }
    }

    pub(super) fn keep(&mut self, request: SeenRequest) {
        if self.capacity == 0 {
            return;
        }
        while self.kept.len() >= self.capacity {
            self.kept.pop_front();
        }
        self.kept.push_back(request);
    }

    pub(super) fn all(&self) -> Vec<SeenRequest> {
        self.kept.iter().cloned().collect()
    }
}
