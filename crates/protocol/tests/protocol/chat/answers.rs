//! Answers in one piece, read from this dialect and written in it.

use protocol::canonical::{
    Answer, Asked, Block, Request, Stop, Thought, ToolCall, ToolNames, free_text,
};
use protocol::openai_chat::{read_answer, write_answer};

use super::{golden, pretty, read, snapshot};

fn asked(request: &Request) -> Asked<'_> {
    Asked { request, call: "call_01J", now: 1_760_000_000 }
}

/// An answer read, and the same written for a client.
fn check(name: &str) {
    let request = Request { model: "ours".into(), ..Request::default() };
    let body = golden(&format!("chat/{name}.answer.json"));
    let said = match read_answer(&body, &ToolNames::default()) {
        Ok(answer) => {
            format!("{answer:#?}\n\n{}", pretty(&write_answer(&answer, asked(&request))))
        }
        Err(failure) => format!("{failure:#?}"),
    };
    snapshot(&format!("{name}.answer"), said);
}

#[test]
fn openai_tools() {
    check("openai_tools");
}

#[test]
fn deepseek() {
    check("deepseek");
}

#[test]
fn refusal() {
    check("refusal");
}

#[test]
fn filtered() {
    check("filtered");
}

#[test]
fn error() {
    check("error");
}

#[test]
fn what_is_no_answer_is_a_failure() {
    for body in ["", "<html>", "{}", "[]", r#"{"choices":[]}"#, r#"{"choices":[{}],"error":"no"}"#]
    {
        assert!(read_answer(body.as_bytes(), &ToolNames::default()).is_err(), "{body}");
    }
}

#[test]
fn free_text_goes_back_as_free_text() {
    let (request, _) = read(
        r#"{"model":"m","messages":[],"tools":[{"type":"custom","custom":{"name":"patch"}}]}"#,
    );
    let call = |arguments: &str| {
        let call = ToolCall {
            id: "c".into(),
            name: "patch".into(),
            arguments: arguments.into(),
            signature: Some("sig".into()),
        };
        let answer = Answer { blocks: vec![Block::ToolCall(call)], ..Answer::default() };
        let body = write_answer(&answer, asked(&request));
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let call = value["choices"][0]["message"]["tool_calls"][0].clone();
        assert_eq!(call["type"], "custom");
        assert_eq!(call["extra_content"]["google"]["thought_signature"], "sig");
        call["custom"]["input"].as_str().unwrap().to_owned()
    };
    assert_eq!(call(&free_text::wrap("a\nb")), "a\nb");
    assert_eq!(call("a\nb"), "a\nb");
}

#[test]
fn blocks_are_set_apart_in_the_one_place_for_them() {
    let thought = |text: &str| Block::Thought(Thought { text: text.into(), ..Thought::default() });
    let text = |text: &str| Block::Text(text.into());
    let answer = Answer {
        blocks: vec![thought("a"), thought("b"), text("c"), text("d"), thought(""), text("e")],
        stop: Some(Stop::Pause),
        ..Answer::default()
    };
    let request = Request::default();
    let body = write_answer(&answer, asked(&request));
    let answer = read_answer(&body, &ToolNames::default()).unwrap();
    assert_eq!(answer.blocks, [thought("a\n\nb"), text("cd\n\ne")]);
    assert_eq!(answer.stop, Some(Stop::End));
}
