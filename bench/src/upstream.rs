//! The mock upstream: prebuilt answers, written as fast as the machine can.
//!
//! A JSON answer is about 700 bytes with usage; a stream has 32 events of content, each in a write
//! of its own, then the usage and `[DONE]`. The request's model says how fast a stream goes.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use memchr::memmem;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::framing::Connection;

mod messages;

/// Events of content in a stream.
pub(crate) const EVENTS: usize = 32;

struct Answers {
    json: Bytes,
    /// The same in Anthropic's dialect.
    messages_json: Bytes,
    head: Bytes,
    events: Vec<Bytes>,
    /// The usage, `[DONE]`, and the end of the chunked body.
    end: Bytes,
    /// The same in Anthropic's dialect.
    messages: messages::Stream,
}

/// Serves until the process is killed.
pub(crate) async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    let answers = Arc::new(Answers::build());
    loop {
        let (stream, _) = listener.accept().await?;
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            // A connection ends when its client closes it, at whatever point.
            let _closed = serve_connection(stream, &answers).await;
        });
    }
}

async fn serve_connection(stream: TcpStream, answers: &Answers) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream);
    let mut start = BytesMut::new();
    while let Some(head) = connection.head().await? {
        start.clear();
        connection
            .body(head.framing, |piece| {
                // The model stands at the start of our own requests.
                let room = 512_usize.saturating_sub(start.len());
                start.extend_from_slice(piece.get(..room).unwrap_or(piece));
            })
            .await?;
        if memmem::find(&start, b"bench-translated-json").is_some() {
            connection.stream.write_all(&answers.messages_json).await?;
            continue;
        }
        if memmem::find(&start, b"bench-translated-sse").is_some() {
            connection.stream.write_all(&answers.head).await?;
            answers.messages.send(&mut connection.stream).await?;
            continue;
        }
        match pace(&start) {
            None => connection.stream.write_all(&answers.json).await?,
            Some(pace) => answers.stream(&mut connection.stream, pace).await?,
        }
    }
    Ok(())
}

/// The wait between two events; `None` for a JSON answer.
fn pace(body: &[u8]) -> Option<Duration> {
    let of_model = [
        (&b"bench-sse"[..], Duration::ZERO),
        (b"bench-paced", Duration::from_millis(10)),
        (b"bench-hold", Duration::from_secs(1)),
    ];
    of_model.into_iter().find(|(model, _)| memmem::find(body, model).is_some()).map(|(_, it)| it)
}

impl Answers {
    fn build() -> Self {
        let usage = json!({
            "prompt_tokens": 40, "completion_tokens": EVENTS, "total_tokens": 40 + EVENTS,
            "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        });
        let message = json!({"role": "assistant", "content": "word ".repeat(EVENTS)});
        let body = json!({
            "id": "chatcmpl-bench", "object": "chat.completion", "created": 1_735_689_600,
            "model": "bench", "usage": usage, "system_fingerprint": "fp_bench",
            "service_tier": "default",
            "choices": [{"index": 0, "message": message, "logprobs": null,
                "finish_reason": "stop"}],
        })
        .to_string();
        let length = body.len();
        let json = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\
             \r\n\r\n{body}"
        );
        let chunk = |choices: serde_json::Value, usage: serde_json::Value| {
            http_chunk(&format!(
                "data: {}\n\n",
                json!({
                    "id": "chatcmpl-bench", "object": "chat.completion.chunk",
                    "created": 1_735_689_600, "model": "bench", "choices": choices,
                    "usage": usage,
                })
            ))
        };
        let content = json!([{"index": 0, "delta": {"content": "word "}, "finish_reason": null}]);
        let stop = json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]);
        let mut events = vec![chunk(content, serde_json::Value::Null); EVENTS - 1];
        events.push(chunk(stop, serde_json::Value::Null));
        let usage = chunk(json!([]), usage);
        Self {
            json: json.into(),
            messages_json: messages::json(),
            messages: messages::Stream::build(),
            head: Bytes::from_static(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                  transfer-encoding: chunked\r\n\r\n",
            ),
            events: events.into_iter().map(Bytes::from).collect(),
            end: format!("{usage}{}0\r\n\r\n", http_chunk("data: [DONE]\n\n")).into(),
        }
    }

    async fn stream(&self, stream: &mut TcpStream, pace: Duration) -> anyhow::Result<()> {
        stream.write_all(&self.head).await?;
        for event in &self.events {
            stream.write_all(event).await?;
            if !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
        }
        stream.write_all(&self.end).await?;
        Ok(())
    }
}

pub(super) fn http_chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}
