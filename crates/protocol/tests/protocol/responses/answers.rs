//! Whole answers, both ways.

use domain::usage::Usage;
use protocol::canonical::{
    Answer, Asked, Block, Request, Stop, Thought, Tool, ToolCall, ToolKind, ToolNames,
};
use protocol::openai_responses::read_answer::read_answer;
use protocol::openai_responses::write_answer::write_answer;
use serde_json::Value;

use super::{STREAMS, check, events, stream};

/// A request with a tool of each kind.
pub(super) fn request() -> Request {
    let tool = |name: &str, namespace: Option<(&str, &str)>, kind: ToolKind| Tool {
        name: name.into(),
        namespace: namespace.map(|(space, name)| (space.to_owned(), name.to_owned())),
        description: None,
        kind,
        cached: false,
    };
    let function = || ToolKind::Function { parameters: serde_json::json!({}), strict: None };
    Request {
        model: "gpt-5.4".into(),
        tools: vec![
            tool("exec_command", None, function()),
            tool("apply_patch", None, ToolKind::Free { format: None }),
            tool(
                "multi_agent_v1__spawn_agent",
                Some(("multi_agent_v1", "spawn_agent")),
                function(),
            ),
        ],
        ..Request::default()
    }
}

pub(super) fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), signature: None }
}

/// An answer with everything in it.
pub(super) fn everything() -> Answer {
    let sealed = |text: &str, seal: &str, redacted| {
        let (text, seal) = (text.to_owned(), Some(seal.to_owned()));
        Block::Thought(Thought { text, seal, id: None, redacted })
    };
    let signed = ToolCall {
        signature: Some("SIG=".into()),
        ..call("toolu_1", "exec_command", "{\"cmd\":\"ls\"}")
    };
    Answer {
        id: Some("msg_upstream".into()),
        model: Some("claude-x".into()),
        created: None,
        blocks: vec![
            sealed("hm", "EqAB", false),
            sealed("", "RRRR", true),
            Block::Text("I \"look\".\n".into()),
            Block::ToolCall(signed),
            Block::ToolCall(call("toolu_2", "apply_patch", "{\"input\":\"*** Begin\\n\"}")),
            Block::ToolCall(call("toolu_3", "multi_agent_v1__spawn_agent", "")),
            Block::Refusal("no".into()),
        ],
        stop: Some(Stop::ToolCalls),
        usage: Some(Usage {
            input: 5,
            cached_input: 7,
            cache_write: 2,
            cache_write_1h: 1,
            output: 9,
            reasoning: 4,
        }),
    }
}

#[test]
fn an_answer_is_written_as_a_response() {
    let request = request();
    let asked = Asked { request: &request, call: "call_0198", now: 1_700_000_000 };
    let body = write_answer(&everything(), asked);
    let value: Value = serde_json::from_slice(&body).unwrap();
    check("write_answer", &format!("{value:#}"));
    let status = |stop: Option<Stop>| {
        let body = write_answer(&Answer { stop, ..Answer::default() }, asked);
        let value: Value = serde_json::from_slice(&body).unwrap();
        (value["status"].to_string(), value["incomplete_details"]["reason"].to_string())
    };
    let told = |status: &str, reason: &str| (format!("\"{status}\""), reason.to_owned());
    assert_eq!(status(Some(Stop::End)), told("completed", "null"));
    assert_eq!(status(Some(Stop::Length)), told("incomplete", "\"max_output_tokens\""));
    assert_eq!(status(Some(Stop::Filtered)), told("incomplete", "\"content_filter\""));
    assert_eq!(status(None), told("incomplete", "null"));
}

#[test]
fn the_response_at_a_streams_end_is_read_like_the_stream() {
    for name in STREAMS {
        let bytes = stream(name);
        let last = events([&bytes[..]]).into_iter().rev().find_map(|event| {
            let data: Value = serde_json::from_slice(event.data()?).ok()?;
            data.get("response").map(Value::to_string)
        });
        let Some(body) = last else { continue };
        let whole = read_answer(body.as_bytes(), &ToolNames::default());
        let mut said = super::streams::collected(&bytes);
        if let (Ok(whole), Ok(said)) = (&whole, &mut said) {
            // Some vendors name it only at the end.
            said.model.clone_from(&whole.model);
            said.created = whole.created;
        }
        if name != "openai_error" {
            assert_eq!(said, whole, "{name}");
        }
    }
}

#[test]
fn what_is_no_answer_is_a_failure() {
    let read = |body: &str| read_answer(body.as_bytes(), &ToolNames::default());
    assert!(read("<html>").is_err());
    let failure = read(r#"{"status":"failed","error":{"code":"c","message":"m"}}"#).unwrap_err();
    assert_eq!((failure.code.as_deref(), failure.message.as_deref()), (Some("c"), Some("m")));
    let failure = read(r#"{"error":{"type":"t","message":"m"}}"#).unwrap_err();
    assert_eq!((failure.kind.as_deref(), failure.message.as_deref()), (Some("t"), Some("m")));
}
