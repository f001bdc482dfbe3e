//! Streams, both ways.

use std::fmt::Write;

use protocol::canonical::{
    Answer, AnswerEvent, Asked, Collector, Opened, Stop, ToolNames, UpstreamFailure,
};
use protocol::openai_responses::read_stream::StreamReader;
use protocol::openai_responses::write_stream::StreamWriter;
use serde_json::Value;

use super::answers::{everything, request};
use super::{STREAMS, check, events, stream};

/// The steps of a stream, as far as it came.
fn steps<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<AnswerEvent> {
    let mut reader = StreamReader::new(ToolNames::default());
    let mut steps = Vec::new();
    for event in events(chunks) {
        reader.event(&event, &mut steps);
    }
    steps
}

fn collect(steps: Vec<AnswerEvent>) -> Result<Answer, UpstreamFailure> {
    let mut collector = Collector::default();
    for step in steps {
        collector.take(step);
    }
    collector.finish()
}

pub(super) fn collected(bytes: &[u8]) -> Result<Answer, UpstreamFailure> {
    collect(steps([bytes]))
}

/// The bytes that a stream of steps comes to.
pub(super) fn written(steps: Vec<AnswerEvent>) -> Vec<u8> {
    let request = request();
    let asked = Asked { request: &request, call: "call_0198", now: 1_700_000_000 };
    let mut writer = StreamWriter::new(asked);
    let mut out = Vec::new();
    for step in steps {
        writer.event(step, &mut out);
    }
    out
}

#[test]
fn streams_are_read() {
    for name in STREAMS {
        let bytes = stream(name);
        let whole = steps([&bytes[..]]);
        let mut said = String::new();
        for step in &whole {
            writeln!(said, "{step:?}").unwrap();
        }
        check(&format!("read_{name}"), &said);
        assert_eq!(steps(bytes.chunks(1)), whole, "{name}");
    }
}

#[test]
fn a_stream_cut_anywhere_is_a_prefix() {
    for name in STREAMS {
        let bytes = stream(name);
        let whole = steps([&bytes[..]]);
        for place in 0..bytes.len() {
            let part = steps([&bytes[..place]]);
            assert!(whole.starts_with(&part), "{name} cut at {place}");
        }
    }
}

#[test]
fn a_stream_that_only_ends_closes_what_is_open() {
    let bytes = stream("openai_text");
    let mut reader = StreamReader::new(ToolNames::default());
    let mut steps = Vec::new();
    for event in events([&bytes[..]]).iter().take(5) {
        reader.event(event, &mut steps);
    }
    reader.end(&mut steps);
    reader.end(&mut steps);
    let ends = [AnswerEvent::Close { block: 0 }, AnswerEvent::Done];
    assert!(steps.ends_with(&ends), "{steps:?}");
    let text = String::from_utf8(written(steps)).unwrap();
    assert!(text.contains("event: response.incomplete\n"), "{text}");
}

/// Every event parses, is named by its own type, and is numbered in order.
fn check_events(bytes: &[u8]) -> Vec<Value> {
    let values = events([bytes]).into_iter().map(|event| {
        let value: Value = serde_json::from_slice(event.data().unwrap()).unwrap();
        assert_eq!(value["type"].as_str().unwrap().as_bytes(), event.name().unwrap());
        value
    });
    let values: Vec<Value> = values.collect();
    for (number, value) in values.iter().enumerate() {
        assert_eq!(value["sequence_number"], number);
    }
    values
}

#[test]
fn an_answer_is_written_event_by_event() {
    let bytes = written(everything().into_events());
    check("write_stream", std::str::from_utf8(&bytes).unwrap());
    let values = check_events(&bytes);
    let done = values.iter().filter(|value| value["type"] == "response.output_item.done");
    let done: Vec<&Value> = done.map(|value| &value["item"]).collect();
    let last = values.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    assert_eq!(last["response"]["output"].as_array().unwrap().iter().collect::<Vec<_>>(), done);
}

#[test]
fn every_stream_can_be_written_again() {
    for name in STREAMS {
        let bytes = stream(name);
        let again = written(steps([&bytes[..]]));
        check_events(&again);
        let (before, after) = (collected(&bytes), collected(&again));
        match (before, after) {
            (Ok(before), Ok(after)) => {
                assert_eq!(before.blocks.len(), after.blocks.len(), "{name}");
                assert_eq!((before.stop, before.usage), (after.stop, after.usage), "{name}");
            }
            (Err(before), Err(after)) => assert_eq!(before.message, after.message, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_free_call_is_sent_at_once_and_calls_may_be_open_at_once() {
    let open = |block, id: &str, name: &str| AnswerEvent::Open {
        block,
        what: Opened::ToolCall { id: id.into(), name: name.into() },
    };
    let delta = |block, text: &str| AnswerEvent::Delta { block, text: text.into() };
    let bytes = written(vec![
        open(0, "c0", "apply_patch"),
        delta(0, "{\"inp"),
        open(1, "c1", "exec_command"),
        delta(1, "{\"cmd\":"),
        delta(0, "ut\":\"*** \\\"x\\\"\\n\"}"),
        delta(1, "\"ls\"}"),
        AnswerEvent::Close { block: 0 },
        AnswerEvent::Close { block: 1 },
        AnswerEvent::Finish(Stop::ToolCalls),
        AnswerEvent::Done,
    ]);
    check("write_free_call", std::str::from_utf8(&bytes).unwrap());
    check_events(&bytes);
}

#[test]
fn a_failure_is_the_last_event() {
    let failure = |code: &str| {
        let failure = UpstreamFailure {
            message: Some("It is \"full\".".into()),
            kind: None,
            code: Some(code.into()),
        };
        let bytes = written(vec![AnswerEvent::Failed(failure), AnswerEvent::Done]);
        let last = check_events(&bytes).pop().unwrap();
        assert_eq!(last["type"], "response.failed");
        assert_eq!(last["error"]["message"], "It is \"full\".");
        last["response"]["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(failure("overloaded_error"), "server_error");
    assert_eq!(failure("invalid_request_error"), "invalid_prompt");
    assert_eq!(failure("rate_limit_error"), "rate_limit_exceeded");
    assert_eq!(failure("context_length_exceeded"), "context_length_exceeded");
}
