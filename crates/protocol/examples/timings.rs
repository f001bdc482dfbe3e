//! Prints how long the hot path takes on bodies and events of the usual sizes.
//!
//! Run it in release: `cargo run --release -p tollkeeper-protocol --example timings`. Paths of
//! files with bodies can be given to time those as well.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::edit::Edits;
use protocol::json::validate;
use protocol::observe::StreamMeter;
use protocol::openai_chat::stream::ChatStream;
use protocol::peek::{Peek, Shape};
use protocol::sse::Splitter;

const BODY_BYTES: usize = 91_000;
const ROUNDS: usize = 2_000;

/// A body as a coding tool sends it: a system prompt, tools with schemas, a few turns.
fn body() -> String {
    let mut body = String::from(
        r#"{"model":"gpt-5","stream":true,"max_completion_tokens":32000,"messages":[{"role":"system","content":""#,
    );
    let line = "You are an interactive tool that helps with software engineering tasks.\\n";
    body.push_str(&line.repeat(300));
    body.push_str(r#""}"#);
    let mut turn = 0;
    while body.len() < BODY_BYTES * 2 / 3 {
        turn += 1;
        let code = "    let value = map.get(\\\"key\\\").unwrap();\\n".repeat(20);
        let _ = write!(
            body,
            r#",{{"role":"user","content":[{{"type":"text","text":"{code}"}}]}},{{"role":"assistant","content":"Turn {turn}: done."}}"#
        );
    }
    body.push_str(r#"],"tools":["#);
    while body.len() < BODY_BYTES {
        let prose = "Reads a file from the local file system, whatever its type. ".repeat(12);
        let _ = write!(
            body,
            r#"{{"type":"function","function":{{"name":"read_file","description":"{prose}","parameters":{{"type":"object","properties":{{"path":{{"type":"string","description":"The path to read"}},"offset":{{"type":"number"}}}},"required":["path"],"additionalProperties":false}}}}}},"#
        );
    }
    body.pop();
    body.push_str("]}");
    body
}

/// The median of many rounds.
fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn time_body(name: &str, text: Vec<u8>) {
    let body = Bytes::from(text);
    println!("{name}: {} bytes", body.len());
    println!(
        "  utf-8 alone   {:?}",
        median(|| {
            black_box(simdutf8::basic::from_utf8(black_box(&body)).is_ok());
        })
    );
    println!(
        "  validate      {:?}",
        median(|| {
            black_box(validate(black_box(&body)).is_ok());
        })
    );
    println!(
        "  serde ignored {:?}",
        median(|| {
            black_box(
                serde_json::from_slice::<&serde_json::value::RawValue>(black_box(&body)).is_ok(),
            );
        })
    );
    let Ok(peek) = Peek::read(&body, Shape::Chat) else {
        return;
    };
    println!(
        "  peek          {:?}",
        median(|| {
            black_box(Peek::read(black_box(&body), Shape::Chat).is_ok());
        })
    );
    println!(
        "  three edits   {:?}",
        median(|| {
            let mut edits = Edits::new(&body);
            edits.set_model(&peek, "another");
            edits.include_usage(&peek);
            edits.set_output_maximum(&peek, 256, protocol::edit::MaximumName::default());
            black_box(edits.apply());
        })
    );
}

fn time_stream() {
    let event = concat!(
        r#"data: {"id":"chatcmpl-C9xKbT1","object":"chat.completion.chunk","created":1756315657,"#,
        r#""model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_560af","#,
        r#""choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"#,
        r#""usage":null,"obfuscation":"x9K2"}"#,
        "\n\n"
    );
    let count = 40;
    let chunk = Bytes::from(event.repeat(count));
    let time = median(|| {
        let mut splitter = Splitter::default();
        let mut stream = ChatStream::new(true, 1);
        splitter.feed(chunk.clone());
        while let Ok(Some(event)) = splitter.next_event() {
            black_box(stream.event(&event));
        }
    });
    println!("stream: {} bytes an event, {:?} each", event.len(), time / count as u32);
}

fn main() {
    time_body("a made-up chat body", body().into_bytes());
    for path in std::env::args().skip(1) {
        if let Ok(text) = std::fs::read(&path) {
            time_body(&path, text);
        }
    }
    time_stream();
}
