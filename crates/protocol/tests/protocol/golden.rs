//! Recorded-like streams of several vendors: one stream, one snapshot, whatever the cut.

use std::fmt::Write;
use std::path::Path;

use bytes::Bytes;
use protocol::observe::{StreamMeter, Verdict};
use protocol::openai_chat::stream::ChatStream;
use protocol::sse::Splitter;

/// What a relay does with a stream that comes in these chunks: each event's verdict, and the state
/// at the end.
fn transcript<'a>(we_asked: bool, chunks: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut splitter = Splitter::default();
    let mut stream = ChatStream::new(we_asked, 1);
    let mut said = String::new();
    let mut passed = 0;
    let mut look = |event: &protocol::sse::Event| {
        let verdict = stream.event(event);
        if verdict != Verdict::Drop {
            passed += event.bytes.len();
        }
        let usage = match stream.usage() {
            Ok(Some(usage)) => format!(
                "{}+{} in {} out ({} reasoning)",
                usage.input, usage.cached_input, usage.output, usage.reasoning
            ),
            other => format!("{other:?}"),
        };
        let running = if stream.usage_is_final() { " final" } else { "" };
        let text = stream.delivered().all_text().bytes;
        let size = event.bytes.len();
        writeln!(said, "{verdict:?} {size} bytes | text {text} | {usage}{running}").unwrap();
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
    writeln!(said, "passed {passed} bytes").unwrap();
    write!(
        said,
        "{:?}\nfinish {:?}, done {}, malformed {}, estimate {}",
        stream.delivered(),
        stream.finish_reason(),
        stream.is_done(),
        stream.malformed(),
        stream.delivered().estimated_tokens()
    )
    .unwrap();
    said
}

fn check(name: &str, we_asked: bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/openai_chat")
        .join(name)
        .with_extension("sse");
    let bytes = std::fs::read(path).unwrap();
    let whole = transcript(we_asked, [&bytes[..]]);
    for place in 0..bytes.len() {
        let (before, after) = bytes.split_at(place);
        assert_eq!(transcript(we_asked, [before, after]), whole, "cut at {place}");
    }
    assert_eq!(transcript(we_asked, bytes.chunks(1)), whole);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden/openai_chat");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, whole));
}

#[test]
fn openai_text() {
    check("openai_text", true);
}

#[test]
fn openai_tools_without_usage() {
    check("openai_tools_without_usage", false);
}

#[test]
fn deepseek_reasoning() {
    check("deepseek_reasoning", true);
}

#[test]
fn xai_running_usage() {
    check("xai_running_usage", false);
}

#[test]
fn xai_cut_off() {
    check("xai_cut_off", true);
}

#[test]
fn azure_content_filter() {
    check("azure_content_filter", true);
}

#[test]
fn openrouter_error() {
    check("openrouter_error", true);
}
