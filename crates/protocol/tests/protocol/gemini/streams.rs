//! Streams: what metering sees, what they say, and how that is written again, whatever the cut.

use std::fmt::Write;

use bytes::Bytes;
use protocol::canonical::{
    AnswerEvent, Asked, Collector, Opened, Reasoning, Request, Stop, ToolNames,
};
use protocol::gemini::read_stream::StreamReader;
use protocol::gemini::stream::GeminiStream;
use protocol::gemini::write_stream::StreamWriter;
use protocol::observe::StreamMeter;
use protocol::sse::{Event, Splitter};

use super::{golden, snapshot};

fn split<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut splitter = Splitter::default();
    let mut events = Vec::new();
    for chunk in chunks {
        splitter.feed(Bytes::copy_from_slice(chunk));
        while let Some(event) = splitter.next_event().unwrap() {
            events.push(event);
        }
    }
    events.extend(splitter.finish().unwrap());
    events
}

/// What a relay sees.
fn metered(events: &[Event]) -> String {
    let mut stream = GeminiStream::new(1);
    let mut said = String::new();
    for event in events {
        let verdict = stream.event(event);
        let usage = match stream.usage() {
            Ok(Some(usage)) => format!(
                "{}+{} in {} out ({} reasoning)",
                usage.input, usage.cached_input, usage.output, usage.reasoning
            ),
            other => format!("{other:?}"),
        };
        let state = match (stream.is_finished(), stream.usage_is_final()) {
            (true, true) => " finished, final",
            (true, false) => " finished",
            (false, _) => "",
        };
        writeln!(said, "{verdict:?} {} bytes | {usage}{state}", event.bytes.len()).unwrap();
    }
    let (delivered, malformed) = (stream.delivered(), stream.malformed());
    writeln!(said, "{delivered:?}\ndone {}, malformed {malformed}", stream.is_done()).unwrap();
    said
}

/// What it says; at the end of the stream if `ended`.
fn read(events: &[Event], ended: bool) -> Vec<AnswerEvent> {
    let mut reader = StreamReader::new(ToolNames::default());
    let mut out = Vec::new();
    for event in events {
        reader.event(event, &mut out);
    }
    if ended {
        reader.end(&mut out);
    }
    out
}

fn written(events: &[AnswerEvent]) -> String {
    let reasoning = Some(Reasoning { show: Some(true), ..Reasoning::default() });
    let request = Request { model: "m".into(), reasoning, ..Request::default() };
    let mut writer =
        StreamWriter::new(Asked { request: &request, call: "call_x", now: 1_760_000_000 });
    let mut out = Vec::new();
    for event in events {
        writer.event(event.clone(), &mut out);
    }
    String::from_utf8(out).unwrap()
}

fn collected(events: Vec<AnswerEvent>) -> String {
    let mut collector = Collector::default();
    for event in events {
        collector.take(event);
    }
    format!("{:?}", collector.finish())
}

fn check(name: &str) {
    let bytes = std::fs::read(golden("streams", name).with_extension("sse")).unwrap();
    let events = split([&bytes[..]]);
    let (meter, said) = (metered(&events), read(&events, true));
    let before_the_end = read(&events, false);
    for place in 0..=bytes.len() {
        let (before, after) = bytes.split_at(place);
        let both = split([before, after]);
        assert_eq!(metered(&both), meter, "cut at {place}");
        assert_eq!(read(&both, true), said, "cut at {place}");
        let part = read(&split([before]), false);
        assert!(before_the_end.starts_with(&part), "broken off at {place}: {part:?}");
        let mut broken = part.clone();
        broken.extend(read(&split([before]), true).split_off(part.len()));
        written(&broken);
    }
    let mut text = meter;
    for event in &said {
        writeln!(text, "{event:?}").unwrap();
    }
    let again = written(&said);
    write!(text, "{again}").unwrap();
    snapshot("streams", name, &text);
    // What was written says the same again.
    let events = read(&split([again.as_bytes()]), true);
    if !said.iter().any(|event| matches!(event, AnswerEvent::Failed(_))) {
        assert_eq!(collected(events), collected(said));
    }
}

#[test]
fn thinking_text() {
    check("thinking_text");
}

#[test]
fn parallel_calls() {
    check("parallel_calls");
}

#[test]
fn safety_block() {
    check("safety_block");
}

#[test]
fn prompt_block() {
    check("prompt_block");
}

#[test]
fn error_amid() {
    check("error_amid");
}

#[test]
fn cut_off() {
    check("cut_off");
}

#[test]
fn reason_with_each() {
    check("reason_with_each");
}

#[test]
fn every_candidate_must_end() {
    let event = |index: u32| {
        let text = format!(
            "data: {{\"candidates\":[{{\"index\":{index},\"finishReason\":\"STOP\"}}]}}\n\n"
        );
        split([text.as_bytes()]).remove(0)
    };
    let mut stream = GeminiStream::new(2);
    stream.event(&event(1));
    stream.event(&event(1));
    assert!(!stream.is_finished());
    stream.event(&event(0));
    assert!(stream.is_finished() && !stream.usage_is_final());
}

#[test]
fn an_error_without_a_data_line_is_seen() {
    let events = split([&b"{\"error\": {\"code\": 500,\n \"message\": \"x\"}}\n\n"[..]]);
    let mut stream = GeminiStream::new(1);
    assert_eq!(stream.event(&events[0]), protocol::observe::Verdict::Error);
    assert!(matches!(read(&events, true)[..], [AnswerEvent::Failed(_)]));
}

#[test]
fn interleaved_calls_are_written_whole() {
    let open = |block, name: &str| AnswerEvent::Open {
        block,
        what: Opened::ToolCall { id: format!("id{block}"), name: name.into() },
    };
    let delta = |block, text: &str| AnswerEvent::Delta { block, text: text.into() };
    let said = written(&[
        open(0, "f"),
        open(1, "g"),
        delta(0, "{\"a\":\n"),
        delta(1, "oops"),
        delta(0, "1}"),
        AnswerEvent::Seal { block: 1, seal: "gemini.S".into() },
        AnswerEvent::Close { block: 1 },
        AnswerEvent::Close { block: 0 },
        AnswerEvent::Finish(Stop::ToolCalls),
        AnswerEvent::Done,
    ]);
    insta::assert_snapshot!(said, @r#"
    data: {"candidates":[{"content":{"parts":[{"functionCall":{"id":"id1","name":"g","args":{"input":"oops"}},"thoughtSignature":"S"}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"call_x"}

    data: {"candidates":[{"content":{"parts":[{"functionCall":{"id":"id0","name":"f","args":{"a": 1}}}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"call_x"}

    data: {"candidates":[{"content":{"parts":[],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"m","responseId":"call_x"}
    "#);
}

#[test]
fn arguments_are_bounded() {
    let text = "x".repeat(5 << 20);
    let what = Opened::ToolCall { id: "i".into(), name: "f".into() };
    let said = written(&[
        AnswerEvent::Open { block: 0, what },
        AnswerEvent::Delta { block: 0, text: text.clone() },
        AnswerEvent::Delta { block: 0, text },
        AnswerEvent::Close { block: 0 },
        AnswerEvent::Done,
    ]);
    assert!(said.len() < 1_000 && said.contains("UPSTREAM_FAILED"), "{said}");
}
