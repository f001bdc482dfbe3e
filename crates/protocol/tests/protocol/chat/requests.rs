//! Requests, read from this dialect and written in it.

use protocol::canonical::{
    Effort, Media, MediaSource, Part, Reasoning, Request, Role, Thought, Tool, ToolCall,
    ToolChoice, ToolKind, ToolResult, Turn,
};
use protocol::edit::MaximumName;
use protocol::openai_chat::{read_request, write_request};
use serde_json::{Value, json};

use super::{golden, names, pretty, read, snapshot};

/// A request read, what was left out, and the same written again.
fn check(name: &str) {
    let (request, losses) = read_request(&golden(&format!("chat/{name}.request.json"))).unwrap();
    let maximum = MaximumName::MaxTokens;
    let (body, lost) = write_request(&request, &names(&request), "theirs", maximum).unwrap();
    snapshot(
        &format!("{name}.request"),
        format!(
            "{request:#?}\nleft out: {}\n\n{}\nleft out: {}",
            losses.header(),
            pretty(&body),
            lost.header()
        ),
    );
}

#[test]
fn conversation() {
    check("conversation");
}

#[test]
fn tools() {
    check("tools");
}

#[test]
fn functions() {
    check("functions");
}

fn written(request: &Request) -> Value {
    let (body, _) =
        write_request(request, &names(request), "m", MaximumName::MaxCompletionTokens).unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts }
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
        signature: Some("sig".into()),
    })
}

fn result(call: &str, parts: Vec<Part>) -> Part {
    Part::ToolResult(ToolResult { call: call.into(), name: None, parts, is_error: true })
}

fn png() -> Part {
    Part::Media(Media {
        source: MediaSource::Inline("AAAA".into()),
        media_type: "image/png".into(),
        name: None,
        detail: None,
    })
}

/// What other dialects say and this one says differently: calls in turns of their own, results
/// with images, free text, sealed thoughts, ids and names that are too long.
#[test]
fn what_other_dialects_say() {
    let long = "toolu_".repeat(10);
    let free = Tool {
        name: "a name that is too long for this dialect, with characters that it does not know"
            .into(),
        namespace: None,
        description: Some("Patches.".into()),
        kind: ToolKind::Free {
            format: Some(json!({"definition": "start: X", "syntax": "lark", "type": "grammar"})),
        },
        cached: true,
    };
    let thought = |text: &str, redacted| {
        let seal = Some("s".into());
        Part::Thought(Thought { text: text.into(), seal, id: None, redacted })
    };
    let request = Request {
        turns: vec![
            turn(Role::System, vec![Part::text("one"), Part::text("two")]),
            turn(Role::Assistant, vec![thought("hm", false), thought("", true)]),
            turn(Role::Assistant, vec![Part::text("a"), Part::text("b")]),
            turn(Role::Assistant, vec![call("call_1", &free.name, "*** \"x\"\n")]),
            turn(Role::Assistant, vec![call(&long, "look", "")]),
            turn(Role::User, vec![Part::text("first"), result("call_1", vec![])]),
            turn(Role::User, vec![result(&long, vec![Part::text("seen"), png()])]),
            turn(Role::System, vec![Part::text("late")]),
        ],
        tools: vec![free.clone()],
        tool_choice: Some(ToolChoice::Among { names: vec![free.name], required: true }),
        reasoning: Some(Reasoning { budget: Some(60_000), ..Reasoning::default() }),
        max_output: Some(9),
        end_user: Some("u".repeat(100)),
        ..Request::default()
    };
    snapshot("other_dialects.written", pretty(written(&request).to_string().as_bytes()));
}

#[test]
fn what_cannot_be_said_is_refused() {
    let refused = |request: Request| {
        let names = names(&request);
        write_request(&request, &names, "m", MaximumName::MaxTokens).unwrap_err().message
    };
    let media = |media_type: &str, source| {
        let media = Media { source, media_type: media_type.into(), name: None, detail: None };
        let turns = vec![turn(Role::User, vec![Part::Media(media)])];
        refused(Request { turns, ..Request::default() })
    };
    let url = || MediaSource::Url("https://example.org".into());
    let inline = || MediaSource::Inline("AAAA".into());
    let several = Request {
        sampling: protocol::canonical::Sampling { answers: Some(2), ..Default::default() },
        ..Request::default()
    };
    let said = [
        media("video/mp4", inline()),
        media("audio/wav", url()),
        media("audio/flac", inline()),
        media("application/pdf", url()),
        refused(Request { turns: vec![turn(Role::System, vec![png()])], ..Request::default() }),
        refused(Request { turns: vec![turn(Role::Assistant, vec![png()])], ..Request::default() }),
        refused(several),
    ];
    snapshot("refused.written", said.join("\n"));
}

#[test]
fn wrong_fields_are_named() {
    let with = |more: &str| format!(r#"{{"model":"m","messages":[],{more}}}"#);
    let said = |message: &str| {
        format!(r#"{{"model":"m","messages":[{{"role":"user","content":"x"}},{message}]}}"#)
    };
    let bodies = [
        "[]".to_owned(),
        r#"{"messages":[]}"#.to_owned(),
        r#"{"model":"m"}"#.to_owned(),
        r#"{"model":"m","messages":["x"]}"#.to_owned(),
        said(r#"{"role":"robot","content":""}"#),
        said(r#"{"role":"user"}"#),
        said(r#"{"role":"user","content":1}"#),
        said(r#"{"role":"user","content":[1]}"#),
        said(r#"{"role":"user","content":[{"type":"video_url"}]}"#),
        said(r#"{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}"#),
        said(r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]}"#),
        said(r#"{"role":"tool","content":"x"}"#),
        said(r#"{"role":"assistant","audio":{"id":"a"}}"#),
        said(r#"{"role":"assistant","tool_calls":[{"id":"c","function":{"name":1}}]}"#),
        with(r#""logprobs":true"#),
        with(r#""audio":{"voice":"alloy"}"#),
        with(r#""modalities":["text","audio"]"#),
        with(r#""temperature":"hot""#),
        with(r#""stop":[1]"#),
        with(r#""reasoning_effort":"huge""#),
        with(r#""response_format":{"type":"xml"}"#),
        with(r#""tools":[{"type":"function","function":{}}]"#),
        with(r#""tool_choice":"maybe""#),
        with(r#""tool_choice":{"type":"function","function":{}}"#),
        with(r#""stream_options":{"include_usage":1}"#),
    ];
    let lines = bodies.iter().map(|body| {
        let error = read_request(body.as_bytes()).unwrap_err();
        format!("{}: {}\n", error.field, error.message)
    });
    snapshot("refused.request", lines.collect());
}

#[test]
fn thinking_is_read_under_every_vendors_name() {
    let reasoning =
        |member: &str| read(&format!(r#"{{"model":"m","messages":[],{member}}}"#)).0.reasoning;
    let effort = |effort| Some(Reasoning { effort: Some(effort), ..Reasoning::default() });
    let budget = |budget| Some(Reasoning { budget: Some(budget), ..Reasoning::default() });
    let adaptive = Some(Reasoning { adaptive: true, ..Reasoning::default() });
    assert_eq!(reasoning(r#""reasoning_effort":null"#), None);
    assert_eq!(reasoning(r#""reasoning_effort":"minimal""#), effort(Effort::Minimal));
    assert_eq!(reasoning(r#""thinking":{"type":"disabled"}"#), effort(Effort::None));
    assert_eq!(reasoning(r#""thinking":{"type":"enabled"}"#), adaptive);
    assert_eq!(reasoning(r#""thinking":{"type":"enabled","budget_tokens":9}"#), budget(9));
    assert_eq!(reasoning(r#""enable_thinking":true"#), adaptive);
    assert_eq!(reasoning(r#""enable_thinking":true,"thinking_budget":9"#), budget(9));
    assert_eq!(reasoning(r#""enable_thinking":false,"thinking_budget":9"#), effort(Effort::None));
    assert_eq!(
        reasoning(r#""reasoning":{"effort":"high","exclude":true}"#),
        Some(Reasoning { effort: Some(Effort::High), show: Some(false), ..Reasoning::default() })
    );
}

#[test]
fn choices_are_read() {
    let choice = |choice: &str| {
        read(&format!(r#"{{"model":"m","messages":[],{choice}}}"#)).0.tool_choice.unwrap()
    };
    let named = ToolChoice::Named("t".into());
    let among = |required| ToolChoice::Among { names: vec!["a".into(), "b".into()], required };
    assert_eq!(choice(r#""tool_choice":"none""#), ToolChoice::None);
    assert_eq!(choice(r#""tool_choice":"any""#), ToolChoice::Required);
    assert_eq!(choice(r#""tool_choice":{"type":"custom","custom":{"name":"t"}}"#), named);
    assert_eq!(choice(r#""tool_choice":{"type":"function","name":"t"}"#), named);
    assert_eq!(choice(r#""function_call":{"name":"t"}"#), named);
    let list =
        r#"[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}}]"#;
    assert_eq!(
        choice(&format!(
            r#""tool_choice":{{"type":"allowed_tools","allowed_tools":{{"mode":"required","tools":{list}}}}}"#
        )),
        among(true)
    );
    assert_eq!(
        choice(&format!(
            r#""tool_choice":{{"type":"allowed_tools","mode":"auto","tools":{list}}}"#
        )),
        among(false)
    );
}

#[test]
fn a_grammar_is_read_in_its_flat_form() {
    let tool = |format: &str| {
        let body = format!(
            r#"{{"model":"m","messages":[],"tools":[{{"type":"custom","custom":{{"name":"t","format":{format}}}}}]}}"#
        );
        read(&body).0.tools[0].kind.clone()
    };
    let grammar = json!({"type": "grammar", "syntax": "lark", "definition": "x"});
    assert_eq!(tool(r#"{"type":"text"}"#), ToolKind::Free { format: None });
    assert_eq!(
        tool(r#"{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}"#),
        ToolKind::Free { format: Some(grammar) }
    );
}
