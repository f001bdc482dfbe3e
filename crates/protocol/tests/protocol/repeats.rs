//! A stream's events mean what each of them would mean alone, however like one another they are.

use bytes::Bytes;
use proptest::prelude::*;
use protocol::anthropic_messages::stream::MessagesStream;
use protocol::observe::{Delivered, StreamMeter};
use protocol::openai_chat::stream::ChatStream;
use protocol::sse::Splitter;

/// Events with a text in them, marked `@`.
const CHAT: &[&str] = &[
    r#"{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"@"},"finish_reason":null}]}"#,
    r#"{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"@"},"finish_reason":"stop"}]}"#,
    r#"{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"@","refusal":""},"finish_reason":"@"}]}"#,
    r#"{"id":"@","model":"m","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}"#,
    r#"{"choices":[{"delta":{"reasoning_content":"@","content":null}}]}"#,
    r#"{"choices":[{"delta":{"reasoning_content":"@","reasoning":"@"}}]}"#,
    r#"{"choices":[{"delta":{"reasoning_content":"@","reasoning":"a longer one than that"}}]}"#,
    r#"{"choices":[{"delta":{"content":"@"}},{"delta":{"content":"@"}}]}"#,
    r#"{"choices":[{"delta":{"content":"@","content":""}}]}"#,
    r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"@"}}]}}]}"#,
    r#"{"choices":[{"delta":{"content":"@"}}],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#,
    r#"{"choices":[{"delta":{"content":"@"}}],"error":{"message":"@"}}"#,
    r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6}}"#,
    r#"{"@":[{"delta":{"content":"@"}}]}"#,
    "[DONE]",
];

const MESSAGES: &[&str] = &[
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"@"}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"@"}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"@"}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"@"}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"@"}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"@","text":"@"}}"#,
    r#"{"type":"@","index":0,"delta":{"type":"text_delta","text":"x"}}"#,
    r#"{"type":"content_block_delta","delta":{"text":"@","type":"text_delta","text":"x"}}"#,
    r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"@"},"usage":{"output_tokens":7}}"#,
    r#"{"type":"content_block_start","content_block":{"type":"text","text":"@"}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#,
    r#"{"type":"error","error":{"message":"@"}}"#,
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zé人 ]{0,6}",
        1 => Just(r#"\"quoted\" \u4eba"#.to_owned()),
        1 => Just(r#"","finish_reason":"stop","x":""#.to_owned()),
        1 => Just("\u{1}".to_owned()),
        1 => Just("stop".to_owned()),
        1 => Just("text_delta".to_owned()),
        1 => Just("content_block_delta".to_owned()),
    ]
}

/// A stream in which one kind of event often follows itself.
fn stream(kinds: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let run = (0..kinds.len(), proptest::collection::vec(text(), 1..6));
    proptest::collection::vec(run, 1..6).prop_map(|runs| {
        let event = |(kind, texts): (usize, Vec<String>)| -> Vec<String> {
            texts.iter().map(|text| kinds[kind].replace('@', text)).collect()
        };
        runs.into_iter().flat_map(event).collect()
    })
}

fn events(stream: &[String], name: &str) -> Vec<protocol::sse::Event> {
    let mut splitter = Splitter::default();
    let bytes: String = stream.iter().map(|data| format!("{name}data: {data}\n\n")).collect();
    splitter.feed(Bytes::from(bytes));
    std::iter::from_fn(|| splitter.next_event().unwrap()).collect()
}

/// Compares one meter for a whole stream with one for each event.
fn compare<M: StreamMeter>(
    events: &[protocol::sse::Event],
    new: impl Fn() -> M,
) -> Result<(), TestCaseError> {
    let (mut whole, mut sum) = (new(), Delivered::default());
    let (mut finished, mut usage) = (false, Ok(None));
    for event in events {
        let mut alone = new();
        prop_assert_eq!(whole.event(event), alone.event(event), "{:?}", event);
        sum.add(alone.delivered());
        finished |= alone.is_finished();
        if alone.usage() != Ok(None) {
            usage = alone.usage();
        }
        prop_assert_eq!(whole.delivered(), &sum, "{:?}", event);
        prop_assert_eq!(whole.is_finished(), finished);
        prop_assert_eq!(
            whole.usage().is_ok_and(|it| it.is_some()),
            usage.is_ok_and(|it| it.is_some())
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_chat_stream_is_the_sum_of_its_events(stream in stream(CHAT)) {
        compare(&events(&stream, ""), || ChatStream::new(false, 1))?;
    }

    #[test]
    fn a_messages_stream_is_the_sum_of_its_events(stream in stream(MESSAGES)) {
        compare(&events(&stream, "event: x\n"), MessagesStream::new)?;
    }
}
