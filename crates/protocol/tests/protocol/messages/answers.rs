//! Answers in one piece, both ways.

use domain::usage::Usage;
use protocol::anthropic_messages::read_answer::read_answer;
use protocol::anthropic_messages::write_answer::write_answer;
use protocol::canonical::{Answer, Asked, Block, Request, Stop, Thought, ToolCall, ToolNames};

use super::{pretty, read, snapshot};

fn write(answer: &Answer) -> Vec<u8> {
    let request = Request { model: "gpt-5".into(), ..Request::default() };
    write_answer(answer, Asked { request: &request, call: "call_0196", now: 1_700_000_000 })
}

#[test]
fn answers_are_read_and_written_again() {
    for name in ["tools", "refusal"] {
        let body = read("answers", &format!("{name}.json"));
        let answer = read_answer(&body, &ToolNames::default()).unwrap();
        let said = format!("{answer:#?}\n{}", pretty(&write(&answer)));
        snapshot("answers", name, &said);
    }
}

#[test]
fn errors_are_failures() {
    let failure = read_answer(&read("answers", "error.json"), &ToolNames::default()).unwrap_err();
    assert_eq!(failure.kind.as_deref(), Some("overloaded_error"));
    assert_eq!(failure.message.as_deref(), Some("Overloaded"));
    for body in ["", "[]", "{}", "<html>", r#"{"content":7}"#] {
        assert!(read_answer(body.as_bytes(), &ToolNames::default()).is_err(), "{body}");
    }
}

#[test]
fn an_answer_of_another_provider_is_written() {
    let answer = Answer {
        id: Some("chatcmpl-1".into()),
        model: None,
        created: Some(1),
        blocks: vec![
            Block::Thought(Thought { text: "hm".into(), ..Thought::default() }),
            Block::Thought(Thought { redacted: true, ..Thought::default() }),
            Block::Text(String::new()),
            Block::ToolCall(ToolCall {
                id: String::new(),
                name: "f".into(),
                arguments: "not json".into(),
                signature: Some("gemini.s".into()),
            }),
        ],
        stop: Some(Stop::End),
        usage: Some(Usage { input: 1, output: 2, ..Usage::default() }),
    };
    snapshot("answers", "from_chat", &pretty(&write(&answer)));
}
