//! The same answers in Anthropic's dialect, for calls that are translated.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{EVENTS, http_chunk};

fn usage(output: usize) -> Value {
    json!({"input_tokens": 32, "cache_read_input_tokens": 8, "cache_creation_input_tokens": 0,
        "output_tokens": output})
}

/// A whole answer, head included.
pub(super) fn json() -> Bytes {
    let body = json!({
        "id": "msg_bench", "type": "message", "role": "assistant", "model": "bench",
        "content": [{"type": "text", "text": "word ".repeat(EVENTS)}],
        "stop_reason": "end_turn", "stop_sequence": null, "usage": usage(EVENTS),
    })
    .to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into()
}

/// A stream: as many pieces of text as the one in chat has, each in a write of its own.
pub(super) struct Stream {
    events: Vec<Bytes>,
    end: Bytes,
}

impl Stream {
    pub(super) fn build() -> Self {
        let event = |value: Value| {
            let name = value.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
            http_chunk(&format!("event: {name}\ndata: {value}\n\n"))
        };
        let start = event(json!({"type": "message_start", "message": {
            "id": "msg_bench", "type": "message", "role": "assistant", "model": "bench",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage(1)}}));
        let open = event(json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}));
        let text = event(json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": "word "}}));
        let mut events = vec![Bytes::from(format!("{start}{open}"))];
        events.extend(std::iter::repeat_n(Bytes::from(text), EVENTS - 1));
        let end = [
            event(json!({"type": "content_block_stop", "index": 0})),
            event(json!({"type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": null},
                "usage": usage(EVENTS)})),
            event(json!({"type": "message_stop"})),
            "0\r\n\r\n".to_owned(),
        ];
        Self { events, end: end.concat().into() }
    }

    pub(super) async fn send(&self, stream: &mut TcpStream) -> anyhow::Result<()> {
        for event in &self.events {
            stream.write_all(event).await?;
        }
        stream.write_all(&self.end).await?;
        Ok(())
    }
}
