//! What metering sees of each stream, whatever the cut.

use std::fmt::Write;

use bytes::Bytes;
use protocol::anthropic_messages::stream::MessagesStream;
use protocol::observe::StreamMeter;
use protocol::sse::{Event, Splitter};

use super::{read, snapshot};

/// What a relay does with a stream that comes in these chunks: each event's verdict, and the state
/// at the end.
fn transcript<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut splitter = Splitter::default();
    let mut stream = MessagesStream::new();
    let mut said = String::new();
    let mut look = |event: &Event| {
        let verdict = stream.event(event);
        let usage = match stream.usage() {
            Ok(Some(usage)) => format!(
                "{}+{} in, {}+{} written, {} out ({} reasoning)",
                usage.input,
                usage.cached_input,
                usage.cache_write,
                usage.cache_write_1h,
                usage.output,
                usage.reasoning
            ),
            other => format!("{other:?}"),
        };
        let running = if stream.usage_is_final() { " final" } else { "" };
        let finished = if stream.is_finished() { ", finished" } else { "" };
        let text = stream.delivered().all_text().bytes;
        writeln!(said, "{verdict:?} | text {text} | {usage}{running}{finished}").unwrap();
    };
    for chunk in chunks {
        splitter.feed(Bytes::copy_from_slice(chunk));
        while let Some(event) = splitter.next_event().unwrap() {
            look(&event);
        }
    }
    if let Some(event) = splitter.finish().unwrap() {
        look(&event);
    }
    write!(
        said,
        "{:?}\ndone {}, malformed {}",
        stream.delivered(),
        stream.is_done(),
        stream.malformed()
    )
    .unwrap();
    said
}

#[test]
fn streams_are_metered_whatever_the_cut() {
    for name in ["text", "thinking_and_tools", "refusal", "overloaded", "web_search", "vendor"] {
        let bytes = read("streams", &format!("{name}.sse"));
        let whole = transcript([&bytes[..]]);
        for place in 0..bytes.len() {
            let (before, after) = bytes.split_at(place);
            assert_eq!(transcript([before, after]), whole, "{name} cut at {place}");
        }
        assert_eq!(transcript(bytes.chunks(1)), whole);
        snapshot("streams", &format!("{name}.meter"), &whole);
    }
}

#[test]
fn a_broken_off_stream_has_a_running_count() {
    let bytes = read("streams", "text.sse");
    let mut splitter = Splitter::default();
    let mut stream = MessagesStream::new();
    splitter.feed(Bytes::from(bytes).split_to(700));
    while let Some(event) = splitter.next_event().unwrap() {
        stream.event(&event);
    }
    let usage = stream.usage().unwrap().unwrap();
    assert_eq!((usage.input, usage.output), (10, 1));
    assert!(!stream.usage_is_final() && !stream.is_finished() && !stream.is_done());
}
