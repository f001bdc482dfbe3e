//! Requests, both ways.

use std::fmt::Write;

use protocol::canonical::{
    Effort, Format, Media, MediaSource, Part, Reasoning, Request, Role, Sampling, Thought, Tool,
    ToolCall, ToolChoice, ToolKind, ToolResult, Turn,
};
use protocol::openai_responses::read_request::read_request;
use protocol::openai_responses::write_request::{tool_names, write_request};
use serde_json::{Value, json};

use super::{check, golden};

fn written(request: &Request) -> String {
    let (body, losses) = write_request(request, &tool_names(request), "upstream").unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    format!("{body:#}\nlost: {}", losses.header())
}

#[test]
fn requests_are_read_and_written_again() {
    let names = [
        "codex_first_turn",
        "codex_tool_turn",
        "codex_title",
        "codex_lite",
        "returned_seals",
        "sdk_everything",
    ];
    for name in names {
        let body = std::fs::read(golden(name).with_extension("json")).unwrap();
        let (request, losses) = read_request(&body).unwrap();
        let mut said = String::new();
        writeln!(said, "lost: {}\n{request:#?}\n", losses.header()).unwrap();
        writeln!(said, "{}", written(&request)).unwrap();
        check(&format!("read_{name}"), &said);
    }
}

fn refused(body: Value) -> String {
    let refused = read_request(body.to_string().as_bytes()).unwrap_err();
    assert!(refused.message.ends_with('.'), "{refused:?}");
    refused.field
}

#[test]
fn what_only_openai_has_is_refused() {
    let with = |name: &str, value: Value| {
        let mut body = json!({"model": "m", "input": "x"});
        body[name] = value;
        refused(body)
    };
    assert_eq!(with("previous_response_id", json!("resp_1")), "previous_response_id");
    assert_eq!(with("conversation", json!({"id": "conv_1"})), "conversation");
    assert_eq!(with("prompt", json!({"id": "pmpt_1"})), "prompt");
    assert_eq!(with("background", json!(true)), "background");
    assert_eq!(with("tool_choice", json!({"type": "web_search"})), "tool_choice");
    assert_eq!(with("input", json!(7)), "input");
    let item = |item: Value| with("input", json!([{"role": "user", "content": "x"}, item]));
    assert_eq!(item(json!({"type": "item_reference", "id": "msg_1"})), "input[1]");
    assert_eq!(item(json!({"id": "msg_1"})), "input[1]");
    assert_eq!(item(json!({"type": "compaction", "encrypted_content": "x"})), "input[1]");
    assert_eq!(item(json!({"role": "tool", "content": "x"})), "input[1].role");
    let part = |part: Value| item(json!({"role": "user", "content": [part]}));
    let image = json!({"type": "input_image", "file_id": "file-1"});
    assert_eq!(part(image), "input[1].content[0].file_id");
    assert_eq!(part(json!({"type": "input_hologram"})), "input[1].content[0]");
    assert_eq!(
        part(json!({"type": "input_image", "image_url": "data:x,y"})),
        "input[1].content[0]"
    );
    assert!(read_request(b"{").is_err() && read_request(b"[]").is_err());
}

#[test]
fn every_tool_choice_is_read() {
    let choice = |choice: Value| {
        let body = json!({"input": "x", "tool_choice": choice, "tools": [
            {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f"}]},
            {"type": "custom", "name": "g"}]});
        read_request(body.to_string().as_bytes()).unwrap().0.tool_choice
    };
    let named = |name: &str| Some(ToolChoice::Named(name.to_owned()));
    assert_eq!(choice(json!("auto")), Some(ToolChoice::Auto));
    assert_eq!(choice(json!("none")), Some(ToolChoice::None));
    assert_eq!(choice(json!("required")), Some(ToolChoice::Required));
    assert_eq!(choice(json!(null)), None);
    assert_eq!(choice(json!({"type": "custom", "name": "g"})), named("g"));
    assert_eq!(choice(json!({"type": "function", "name": "f"})), named("n__f"));
    assert_eq!(choice(json!({"type": "function", "name": "f", "namespace": "n"})), named("n__f"));
    let among = json!({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]});
    assert_eq!(choice(among), Some(ToolChoice::None));
}

/// A request as other dialects make it.
fn foreign() -> Request {
    let thought = |seal: &str| {
        Part::Thought(Thought { text: "t".into(), seal: Some(seal.into()), ..Thought::default() })
    };
    let call = |id: &str, name: &str, arguments: &str| {
        Part::ToolCall(ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
            signature: None,
        })
    };
    let result = |call: &str, parts: Vec<Part>, is_error: bool| {
        Part::ToolResult(ToolResult { call: call.into(), name: None, parts, is_error })
    };
    let media = |media_type: &str, source: MediaSource, name: Option<&str>| {
        let (media_type, name) = (media_type.to_owned(), name.map(str::to_owned));
        Part::Media(Media { source, media_type, name, detail: None })
    };
    let tool = |name: &str, kind: ToolKind| Tool {
        name: name.into(),
        namespace: None,
        description: Some("d".into()),
        kind,
        cached: true,
    };
    let image = || media("image/png", MediaSource::Inline("aGk=".into()), None);
    let format = json!({"type": "grammar", "grammar": {"syntax": "regex", "definition": "a+"}});
    Request {
        model: "claude-x".into(),
        stream: true,
        turns: vec![
            Turn { role: Role::System, parts: vec![Part::text("a"), Part::text("b")] },
            Turn {
                role: Role::User,
                parts: vec![
                    Part::Text { text: "look".into(), cached: true },
                    image(),
                    media("application/pdf", MediaSource::Inline("aGk=".into()), Some("r.pdf")),
                    media("application/pdf", MediaSource::Url("https://x/r.pdf".into()), None),
                ],
            },
            Turn {
                role: Role::Assistant,
                parts: vec![
                    thought("EqAB"),
                    thought("gAAAAB"),
                    Part::text("yes"),
                    call("toolu_1", "read.file", "{}"),
                    call("toolu_2", "patch", "*** x"),
                ],
            },
            Turn {
                role: Role::User,
                parts: vec![
                    result("toolu_1", vec![Part::text("x"), image()], true),
                    result("toolu_2", vec![], false),
                    Part::text("go on"),
                ],
            },
        ],
        tools: vec![
            tool("read.file", ToolKind::Function { parameters: json!({}), strict: None }),
            tool("patch", ToolKind::Free { format: Some(format) }),
        ],
        tool_choice: Some(ToolChoice::Among {
            names: vec!["read.file".into(), "patch".into()],
            required: false,
        }),
        parallel_tool_calls: Some(false),
        max_output: Some(100),
        sampling: Sampling {
            temperature: serde_json::Number::from_f64(0.5),
            top_k: Some(4),
            seed: Some(1),
            presence_penalty: serde_json::Number::from_f64(0.5),
            frequency_penalty: Some(0.into()),
            answers: Some(1),
            ..Sampling::default()
        },
        format: Some(Format::Json),
        reasoning: Some(Reasoning {
            budget: Some(16_000),
            show: Some(true),
            ..Reasoning::default()
        }),
        end_user: Some("u".repeat(65)),
        stream_usage: true,
    }
}

#[test]
fn a_request_of_another_dialect_is_written() {
    check("write_foreign", &written(&foreign()));
}

#[test]
fn what_responses_cannot_do_is_refused() {
    let refuse = |change: fn(&mut Request)| {
        let mut request = foreign();
        change(&mut request);
        write_request(&request, &tool_names(&request), "m").unwrap_err().field
    };
    assert_eq!(refuse(|request| request.sampling.stop.push("x".into())), "stop");
    assert_eq!(refuse(|request| request.sampling.answers = Some(2)), "n");
    let sound = |role| Turn {
        role,
        parts: vec![Part::Media(Media {
            source: MediaSource::Inline("aGk=".into()),
            media_type: "audio/wav".into(),
            name: None,
            detail: None,
        })],
    };
    let field = {
        let mut request = foreign();
        request.turns.push(sound(Role::User));
        write_request(&request, &tool_names(&request), "m").unwrap_err().field
    };
    assert_eq!(field, "messages[4]");
}

#[test]
fn reasoning_is_asked_for_sealed() {
    let body = |reasoning: Option<Reasoning>| -> Value {
        let request = Request { reasoning, ..Request::default() };
        let (body, _) = write_request(&request, &tool_names(&request), "m").unwrap();
        serde_json::from_slice(&body).unwrap()
    };
    let of = |effort| body(Some(Reasoning { effort: Some(effort), ..Reasoning::default() }));
    assert_eq!(body(None)["include"], Value::Null);
    assert_eq!(of(Effort::None)["include"], Value::Null);
    assert_eq!(of(Effort::Max)["reasoning"], json!({"effort": "xhigh"}));
    assert_eq!(of(Effort::Low)["include"], json!(["reasoning.encrypted_content"]));
    assert_eq!(of(Effort::Low)["store"], json!(false));
}
