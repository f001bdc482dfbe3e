//! Requests in both directions.

use std::fmt::Write;

use protocol::canonical::{
    Format, Losses, Media, MediaSource, Part, Request, Role, Thought, Tool, ToolCall, ToolKind,
    ToolResult, Turn,
};
use protocol::gemini::{read_request, tool_names, write_request};
use serde_json::{Value, json};

use super::{golden, pretty, snapshot};

fn lost(losses: &Losses) -> Vec<&str> {
    losses.iter().collect()
}

fn check(name: &str, model: &str) {
    let body = std::fs::read(golden("requests", name).with_extension("json")).unwrap();
    let (request, losses) = read_request(&body, model, true).unwrap();
    let (written, more) = write_request(&request, &tool_names(&request)).unwrap();
    let mut said = String::new();
    writeln!(said, "lost in reading: {:?}\n{request:#?}", lost(&losses)).unwrap();
    write!(said, "lost in writing: {:?}\n{}", lost(&more), pretty(&written)).unwrap();
    snapshot("requests", name, &said);
    // What was written says the same as what was read.
    let (again, _) = read_request(&written, model, true).unwrap();
    let (twice, _) = write_request(&again, &tool_names(&again)).unwrap();
    assert_eq!(pretty(&twice), pretty(&written));
}

#[test]
fn text_and_config() {
    check("text_and_config", "gemini-2.5-flash");
}

#[test]
fn parallel_calls() {
    check("parallel_calls", "gemini-3-pro-preview");
}

#[test]
fn what_cannot_be_had_is_refused_by_name() {
    let cases = [
        (json!({"contents": [], "cachedContent": "cachedContents/1"}), "cachedContent"),
        (json!({"contents": []}), "contents"),
        (json!([]), "body"),
        (json!({"contents": [{"role": "system", "parts": []}]}), "contents[0].role"),
        (json!({"contents": [{"parts": [{"text": 1}]}]}), "contents[0].parts[0].text"),
        (
            json!({"contents": [{"parts": [{"file_data": {"file_uri":
                "https://generativelanguage.googleapis.com/v1beta/files/abc"}}]}]}),
            "contents[0].parts[0].fileData.fileUri",
        ),
        (
            json!({"contents": [], "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}}),
            "generationConfig.responseModalities",
        ),
        (
            json!({"contents": [], "generationConfig": {"responseMimeType": "text/x.enum"}}),
            "generationConfig.responseMimeType",
        ),
        (
            json!({"contents": [], "generationConfig": {"thinkingConfig": {"thinkingBudget": -2}}}),
            "generationConfig.thinkingConfig.thinkingBudget",
        ),
    ];
    for (body, field) in cases {
        let refused = read_request(body.to_string().as_bytes(), "m", false).unwrap_err();
        assert_eq!(refused.field, field);
    }
    assert_eq!(read_request(b"{", "m", false).unwrap_err().field, "body");
}

fn call(id: &str, name: &str, arguments: &str, signature: Option<&str>) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
        signature: signature.map(str::to_owned),
    })
}

fn result(call: &str, parts: Vec<Part>) -> Part {
    Part::ToolResult(ToolResult { call: call.into(), name: None, parts, is_error: false })
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts }
}

/// A conversation as another dialect's client has it.
fn foreign() -> Request {
    let picture = Part::Media(Media {
        source: MediaSource::Inline("iVBORw0KGgo=".into()),
        media_type: "image/*".into(),
        name: None,
        detail: Some("high".into()),
    });
    let thought = |seal: &str| {
        let seal = Some(seal.to_owned());
        Part::Thought(Thought { text: "hm".into(), seal, ..Thought::default() })
    };
    let tool = |name: &str, kind| Tool {
        name: name.into(),
        namespace: None,
        description: Some("d".into()),
        kind,
        cached: false,
    };
    Request {
        model: "gemini-3-flash".into(),
        turns: vec![
            turn(Role::System, vec![Part::text("Be brief.")]),
            turn(Role::User, vec![Part::text("one")]),
            turn(Role::System, vec![Part::text("It is late.")]),
            turn(
                Role::Assistant,
                vec![
                    thought("ErUBCkYIBxgC"),
                    thought("gemini.SIGN"),
                    call("a", "patch file", "*** raw", None),
                    call("b", "look", "", Some("gemini.CALL")),
                    call("c", "look", "[1]", None),
                ],
            ),
            turn(Role::Assistant, vec![thought("ErUBCkYIBxgC")]),
            turn(
                Role::User,
                vec![
                    result("b", vec![Part::text("{\"found\":1}"), picture]),
                    result("a", vec![Part::text("done"), Part::text("twice")]),
                    result("zz", vec![Part::text("who?")]),
                    Part::text("go on"),
                ],
            ),
            turn(Role::Assistant, vec![call("d", "look", "{\"at\":2}", Some("foreign"))]),
        ],
        tools: vec![
            tool("patch file", ToolKind::Free { format: Some(json!({"definition": "start: X"})) }),
            tool("look", ToolKind::Function { parameters: json!({}), strict: Some(true) }),
        ],
        parallel_tool_calls: Some(false),
        format: Some(Format::Json),
        ..Request::default()
    }
}

#[test]
fn a_foreign_conversation_is_written_as_google_wants_it() {
    let request = foreign();
    let (written, losses) = write_request(&request, &tool_names(&request)).unwrap();
    let said = format!("lost in writing: {:?}\n{}", lost(&losses), pretty(&written));
    snapshot("requests", "foreign_conversation", &said);
}

#[test]
fn instructions_alone_become_the_question() {
    let turns = vec![turn(Role::System, vec![Part::text("Say hello.")])];
    let request = Request { turns, ..Request::default() };
    let (written, _) = write_request(&request, &tool_names(&request)).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    let wanted = json!({"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]});
    assert_eq!(written, wanted);
}

#[test]
fn several_answers_and_odd_urls_are_refused() {
    let mut request = Request::default();
    request.sampling.answers = Some(2);
    let names = tool_names(&request);
    assert_eq!(write_request(&request, &names).unwrap_err().field, "n");
    let media = Part::Media(Media {
        source: MediaSource::Url("file:///etc/passwd".into()),
        media_type: "image/*".into(),
        name: None,
        detail: None,
    });
    let turns = vec![turn(Role::User, vec![Part::text("x"), media])];
    let request = Request { turns, ..Request::default() };
    assert_eq!(write_request(&request, &names).unwrap_err().field, "messages[0].content[1]");
}
