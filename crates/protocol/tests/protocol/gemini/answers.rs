//! Answers in one piece, in both directions.

use protocol::canonical::{
    Answer, Asked, Block, Reasoning, Request, Thought, ToolNames, UpstreamFailure,
};
use protocol::gemini::{read_answer, write_answer};

use super::{golden, pretty, snapshot};

fn asked(request: &Request) -> Asked<'_> {
    Asked { request, call: "call_x", now: 1_760_000_000 }
}

fn shown() -> Request {
    let reasoning = Some(Reasoning { show: Some(true), ..Reasoning::default() });
    Request { model: "m".into(), reasoning, ..Request::default() }
}

fn check(name: &str) {
    let body = std::fs::read(golden("answers", name).with_extension("json")).unwrap();
    let answer = read_answer(&body, &ToolNames::default()).unwrap();
    let written = write_answer(&answer, asked(&shown()));
    snapshot("answers", name, &format!("{answer:#?}\n{}", pretty(&written)));
    let again = read_answer(&written, &ToolNames::default()).unwrap();
    let id = answer.id.clone().or(Some("call_x".into()));
    assert_eq!(again, Answer { id, ..answer });
}

#[test]
fn thinking() {
    check("thinking");
}

#[test]
fn parallel_calls() {
    check("parallel_calls");
}

#[test]
fn blocked_prompt() {
    check("blocked_prompt");
}

#[test]
fn array() {
    check("array");
}

#[test]
fn an_error_is_no_answer() {
    let error = br#"{"error":{"code":429,"message":"slow\ndown","status":"RESOURCE_EXHAUSTED"}}"#;
    let failure = UpstreamFailure {
        message: Some("slow down".into()),
        kind: Some("RESOURCE_EXHAUSTED".into()),
        code: Some("429".into()),
    };
    assert_eq!(read_answer(error, &ToolNames::default()), Err(failure));
    assert!(read_answer(b"<html>", &ToolNames::default()).is_err());
}

#[test]
fn thoughts_are_shown_to_those_who_asked_and_seals_to_all() {
    let thought = |text: &str, seal: Option<&str>| {
        let seal = seal.map(str::to_owned);
        Block::Thought(Thought { text: text.into(), seal, ..Thought::default() })
    };
    let blocks = vec![thought("plain", None), thought("sealed", Some("ErUB")), thought("", None)];
    let answer = Answer { blocks, ..Answer::default() };
    let written = String::from_utf8(write_answer(&answer, asked(&shown()))).unwrap();
    assert!(written.contains("plain") && written.contains("sealed"), "{written}");
    let written = write_answer(&answer, asked(&Request::default()));
    insta::assert_snapshot!(
        String::from_utf8(written).unwrap(),
        @r#"{"candidates":[{"content":{"parts":[{"text":"","thought":true,"thoughtSignature":"dG9sbGtlZXBlci5zZWFsLnYxOkVyVUI="}],"role":"model"},"index":0}],"modelVersion":"","responseId":"call_x"}"#
    );
}
