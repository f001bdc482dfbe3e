//! Streams, read from this dialect and written in it, whole and cut at every byte.

use bytes::Bytes;
use protocol::canonical::{
    Answer, AnswerEvent, Asked, Block, Opened, Request, Stop, ToolCall, ToolNames, free_text,
};
use protocol::openai_chat::{StreamReader, StreamWriter};
use protocol::sse::Splitter;

use super::{compact, golden, read, snapshot};

/// The events of a stream, and those that its end adds.
pub(super) fn read_stream(bytes: &[u8]) -> (Vec<AnswerEvent>, Vec<AnswerEvent>) {
    let mut splitter = Splitter::default();
    let mut reader = StreamReader::new(ToolNames::default());
    let mut events = Vec::new();
    splitter.feed(Bytes::copy_from_slice(bytes));
    while let Some(event) = splitter.next_event().unwrap() {
        reader.event(&event, &mut events);
    }
    if let Some(event) = splitter.finish().unwrap() {
        reader.event(&event, &mut events);
    }
    let mut end = Vec::new();
    reader.end(&mut end);
    (events, end)
}

pub(super) fn write_stream(
    request: &Request,
    events: impl IntoIterator<Item = AnswerEvent>,
) -> Vec<u8> {
    let asked = Asked { request, call: "call_01J", now: 1_760_000_000 };
    let mut writer = StreamWriter::new(asked);
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut out);
    }
    out
}

/// The data of each event, one a line.
fn lines(stream: &[u8]) -> String {
    let text = std::str::from_utf8(stream).unwrap();
    let mut lines = String::new();
    for event in text.split_terminator("\n\n") {
        let data = event.strip_prefix("data: ").unwrap();
        let data = if data == "[DONE]" { data.to_owned() } else { compact(data.as_bytes()) };
        lines.push_str(&data);
        lines.push('\n');
    }
    lines
}

/// The blocks that are open where the events end; the rules of their order hold.
pub(super) fn check_order(events: &[AnswerEvent]) -> Vec<u32> {
    let mut open: Vec<(u32, bool)> = Vec::new();
    let mut next = 0;
    let mut over = false;
    for (at, event) in events.iter().enumerate() {
        assert!(!over, "something follows the end: {events:#?}");
        match event {
            AnswerEvent::Start { .. } => assert_eq!(at, 0),
            AnswerEvent::Open { block, what } => {
                assert_eq!(*block, next);
                next += 1;
                assert!(open.iter().all(|(_, call)| *call), "{events:#?}");
                open.push((*block, matches!(what, Opened::ToolCall { .. })));
            }
            AnswerEvent::Delta { block, .. } | AnswerEvent::Seal { block, .. } => {
                assert!(open.iter().any(|(number, _)| number == block));
            }
            AnswerEvent::Close { block } => {
                let at = open.iter().position(|(number, _)| number == block).unwrap();
                open.remove(at);
            }
            AnswerEvent::Finish(_) => assert!(open.is_empty()),
            AnswerEvent::Done | AnswerEvent::Failed(_) => over = true,
            AnswerEvent::Usage(_) => {}
        }
    }
    open.into_iter().map(|(number, _)| number).collect()
}

/// A stream read, the same written for a client, and every cut of it.
fn check(name: &str, file: &str) {
    let bytes = golden(file);
    let (whole, end) = read_stream(&bytes);
    let all: Vec<AnswerEvent> = whole.iter().chain(&end).cloned().collect();
    check_order(&all);
    let request = Request { model: "ours".into(), stream_usage: true, ..Request::default() };
    let written = write_stream(&request, all.clone());
    let mut said = String::new();
    for event in &whole {
        said.push_str(&format!("{event:?}\n"));
    }
    said.push_str("-- end\n");
    for event in &end {
        said.push_str(&format!("{event:?}\n"));
    }
    snapshot(&format!("{name}.stream"), format!("{said}\n{}", lines(&written)));

    for cut in 0..bytes.len() {
        let (events, end) = read_stream(&bytes[..cut]);
        assert!(whole.starts_with(&events), "cut at {cut}: {events:#?}");
        let cut_off: Vec<AnswerEvent> = events.into_iter().chain(end).collect();
        let open = check_order(&cut_off);
        let failed = matches!(cut_off.last(), Some(AnswerEvent::Failed(_)));
        assert!(open.is_empty() || failed, "cut at {cut}: {cut_off:#?}");
    }
}

#[test]
fn openai_text() {
    check("openai_text", "openai_chat/openai_text.sse");
}

#[test]
fn openai_tools() {
    check("openai_tools", "openai_chat/openai_tools_without_usage.sse");
}

#[test]
fn deepseek_reasoning() {
    check("deepseek_reasoning", "openai_chat/deepseek_reasoning.sse");
}

#[test]
fn xai_running_usage() {
    check("xai_running_usage", "openai_chat/xai_running_usage.sse");
}

#[test]
fn xai_cut_off() {
    check("xai_cut_off", "openai_chat/xai_cut_off.sse");
}

#[test]
fn azure_content_filter() {
    check("azure_content_filter", "openai_chat/azure_content_filter.sse");
}

#[test]
fn openrouter_error() {
    check("openrouter_error", "openai_chat/openrouter_error.sse");
}

#[test]
fn interleaved_calls() {
    check("interleaved_calls", "chat/interleaved_calls.sse");
}

#[test]
fn calls_in_one_piece() {
    check("calls_in_one_piece", "chat/calls_in_one_piece.sse");
}

#[test]
fn names_with_each_piece() {
    check("names_with_each_piece", "chat/names_with_each_piece.sse");
}

#[test]
fn mistral_thinking() {
    check("mistral_thinking", "chat/mistral_thinking.sse");
}

#[test]
fn refusal() {
    check("refusal", "chat/refusal.sse");
}

#[test]
fn usage_is_told_only_where_it_is_asked_for() {
    let (events, _) = read_stream(&golden("openai_chat/openai_text.sse"));
    let written = write_stream(&Request::default(), events);
    assert!(!String::from_utf8(written).unwrap().contains("usage"));
}

#[test]
fn an_event_named_error_is_a_failure() {
    let (events, end) = read_stream(b"event: error\ndata: {\"message\":\"away\",\"code\":7}\n\n");
    let [AnswerEvent::Failed(failure)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(failure.message.as_deref(), Some("away"));
    assert_eq!(failure.code.as_deref(), Some("7"));
    assert_eq!(end, []);
}

#[test]
fn free_text_is_told_at_once() {
    let (request, _) = read(
        r#"{"model":"m","messages":[],"tools":[{"type":"custom","custom":{"name":"patch"}}]}"#,
    );
    let call = |name: &str, arguments: String| {
        let signature = Some("sig".into());
        Block::ToolCall(ToolCall { id: "c".into(), name: name.into(), arguments, signature })
    };
    let answer = Answer {
        blocks: vec![call("patch", free_text::wrap("a\nb")), call("ping", String::new())],
        stop: Some(Stop::End),
        ..Answer::default()
    };
    snapshot("free_text.stream", lines(&write_stream(&request, answer.into_events())));
}
