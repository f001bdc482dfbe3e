//! Streams read, at every cut, and written.

use std::fmt::Write;

use bytes::Bytes;
use domain::usage::Usage;
use protocol::anthropic_messages::read_stream::StreamReader;
use protocol::anthropic_messages::write_stream::StreamWriter;
use protocol::canonical::{AnswerEvent, Asked, Opened, Request, Stop, ToolNames};
use protocol::sse::Splitter;

use super::{read, snapshot};

pub(super) fn events(bytes: &[u8], end: bool) -> Vec<AnswerEvent> {
    let mut splitter = Splitter::default();
    let mut reader = StreamReader::new(ToolNames::default());
    let mut events = Vec::new();
    splitter.feed(Bytes::copy_from_slice(bytes));
    while let Some(event) = splitter.next_event().unwrap() {
        reader.event(&event, &mut events);
    }
    if end {
        if let Some(event) = splitter.finish().unwrap() {
            reader.event(&event, &mut events);
        }
        reader.end(&mut events);
    }
    events
}

pub(super) fn write(events: impl IntoIterator<Item = AnswerEvent>) -> Vec<u8> {
    let request = Request { model: "gpt-5".into(), ..Request::default() };
    let asked = Asked { request: &request, call: "call_0196", now: 1_700_000_000 };
    let mut writer = StreamWriter::new(asked);
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut out);
    }
    out
}

#[test]
fn streams_are_read_and_written_again() {
    for name in ["text", "thinking_and_tools", "refusal", "overloaded", "web_search", "vendor"] {
        let bytes = read("streams", &format!("{name}.sse"));
        let events = events(&bytes, true);
        let mut said = String::new();
        for event in &events {
            writeln!(said, "{event:?}").unwrap();
        }
        let written = write(events);
        writeln!(said, "\n{}", String::from_utf8(written).unwrap()).unwrap();
        snapshot("streams", &format!("{name}.read"), &said);
    }
}

#[test]
fn a_cut_stream_gives_the_first_of_its_events() {
    for name in ["text", "thinking_and_tools", "refusal", "overloaded", "web_search", "vendor"] {
        let bytes = read("streams", &format!("{name}.sse"));
        let whole = events(&bytes, true);
        for place in 0..bytes.len() {
            let some = events(&bytes[..place], false);
            assert!(whole.starts_with(&some), "{name} cut at {place}");
            let ended = events(&bytes[..place], true);
            let last = ended.last().unwrap();
            assert!(
                matches!(last, AnswerEvent::Done | AnswerEvent::Failed(_)),
                "{name} cut at {place}: {last:?}"
            );
            write(ended);
        }
    }
}

/// As chat gives it: an empty text, calls that come interleaved, the usage after the end.
#[test]
fn a_stream_of_chat_is_written() {
    let tool = |block, id: &str| AnswerEvent::Open {
        block,
        what: Opened::ToolCall { id: id.into(), name: "f".into() },
    };
    let delta = |block, text: &str| AnswerEvent::Delta { block, text: text.into() };
    let thought = Opened::Thought { id: None, redacted: false };
    let usage = Usage { input: 7, cached_input: 3, output: 9, reasoning: 2, ..Usage::default() };
    let written = write([
        AnswerEvent::Start { id: Some("chatcmpl-1".into()), model: None, created: Some(1) },
        AnswerEvent::Open { block: 0, what: thought },
        delta(0, "hm"),
        AnswerEvent::Close { block: 0 },
        AnswerEvent::Open { block: 1, what: Opened::Text },
        AnswerEvent::Close { block: 1 },
        tool(2, "call_a"),
        tool(3, "call.b"),
        delta(2, "{\"a\":"),
        delta(3, "{}"),
        delta(2, "1}"),
        AnswerEvent::Close { block: 2 },
        AnswerEvent::Finish(Stop::End),
        AnswerEvent::Usage(usage),
        AnswerEvent::Done,
    ]);
    snapshot("streams", "from_chat", &String::from_utf8(written).unwrap());
}

#[test]
fn a_call_without_arguments_has_an_empty_object() {
    let events = events(
        concat!(
            r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}"#,
            "\n\n",
            r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            "\n\n",
            r#"data: {"type":"content_block_stop","index":0}"#,
            "\n\n",
        )
        .as_bytes(),
        false,
    );
    assert_eq!(events[1], AnswerEvent::Delta { block: 0, text: "{}".into() });
}

#[test]
fn the_end_is_told_without_usage_too() {
    let text = |events: Vec<AnswerEvent>| String::from_utf8(write(events)).unwrap();
    let told = text(vec![AnswerEvent::Finish(Stop::Length), AnswerEvent::Done]);
    assert!(told.contains("\"stop_reason\":\"max_tokens\"") && told.ends_with("\"}\n\n"));
    assert_eq!(told.matches("event: ").count(), 3);
    let failed =
        text(vec![AnswerEvent::Finish(Stop::End), AnswerEvent::Failed(Default::default())]);
    assert!(failed.contains("api_error") && !failed.contains("message_delta"));
}
