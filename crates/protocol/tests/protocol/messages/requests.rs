//! Requests of real clients read, and requests of other dialects written.

use std::fmt::Write;

use protocol::anthropic_messages::read_request::read_request;
use protocol::anthropic_messages::write_request::{tool_names, write_request};
use protocol::canonical::{
    Effort, Format, Losses, Media, MediaSource, Part, Reasoning, Request, Role, Sampling, Thought,
    Tool, ToolCall, ToolChoice, ToolKind, ToolResult, Turn,
};
use serde_json::{Value, json};

use super::{pretty, read, snapshot};

fn lost(losses: &Losses) -> String {
    format!("lost: {}", losses.header())
}

#[test]
fn requests_are_read() {
    for name in [
        "claude_code_first",
        "claude_code_tool_result",
        "claude_code_budget",
        "count_tokens",
        "everything",
    ] {
        let (request, losses) = read_request(&read("requests", &format!("{name}.json"))).unwrap();
        snapshot("requests", &format!("{name}.read"), &format!("{}\n{request:#?}", lost(&losses)));
    }
}

#[test]
fn requests_that_were_read_are_written_again() {
    for (name, model) in [
        ("claude_code_tool_result", "claude-opus-4-8"),
        ("claude_code_budget", "claude-sonnet-4-5"),
        ("everything", "glm-4.6"),
    ] {
        let (request, _) = read_request(&read("requests", &format!("{name}.json"))).unwrap();
        let (body, losses) = write_request(&request, &tool_names(&request), model, 1_000).unwrap();
        let said = format!("{}\n{}", lost(&losses), pretty(&body));
        snapshot("requests", &format!("{name}.written"), &said);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let mut said = String::new();
    for body in [
        "{",
        "[]",
        r#"{"messages":7}"#,
        r#"{"messages":[{"role":"tool","content":"x"}]}"#,
        r#"{"messages":[{"role":"user","content":[7]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":7}]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]}]}"#,
        r#"{"messages":[],"max_tokens":0}"#,
        r#"{"messages":[],"thinking":{"type":"enabled"}}"#,
        r#"{"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"tool","name":"web_search"}}"#,
        r#"{"messages":[],"tools":[{"description":"x"}]}"#,
        r#"{"messages":[],"output_config":{"format":{"type":"xml"}}}"#,
    ] {
        let refused = read_request(body.as_bytes()).unwrap_err();
        writeln!(said, "{}: {}", refused.field, refused.message).unwrap();
    }
    snapshot("requests", "refused", &said);
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts }
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    let (id, name, arguments) = (id.into(), name.into(), arguments.into());
    Part::ToolCall(ToolCall { id, name, arguments, signature: None })
}

fn result(call: &str, text: &str) -> Part {
    let parts = vec![Part::text(text)];
    Part::ToolResult(ToolResult { call: call.into(), name: None, parts, is_error: false })
}

fn written(request: &Request, model: &str) -> (Value, Losses) {
    let (body, losses) = write_request(request, &tool_names(request), model, 4_096).unwrap();
    (serde_json::from_slice(&body).unwrap(), losses)
}

/// A conversation as Codex has it: instructions as turns, free tools, sealed thoughts of another
/// provider, results out of order.
fn codex() -> Request {
    let thought = |seal: &str| {
        Part::Thought(Thought { text: "hm".into(), seal: Some(seal.into()), ..Thought::default() })
    };
    Request {
        model: "gpt-5".into(),
        stream: true,
        turns: vec![
            turn(Role::System, vec![Part::text("You are Codex.")]),
            turn(Role::Assistant, vec![Part::text("Hello!")]),
            turn(Role::User, vec![Part::text("fix it"), Part::text("  ")]),
            turn(
                Role::Assistant,
                vec![thought("gAAAAAB"), call("call.1", "apply_patch", "*** Begin Patch")],
            ),
            turn(Role::Assistant, vec![call("call_2", "mcp__very_long__".repeat(6).as_str(), "")]),
            turn(Role::System, vec![Part::text("Approval is on.")]),
            turn(
                Role::User,
                vec![result("call_2", "two"), result("call.1", "one"), result("call_9", "lost")],
            ),
            turn(Role::Assistant, vec![Part::text("Done."), thought("gemini.x")]),
            turn(Role::User, vec![Part::text("again")]),
            turn(Role::Assistant, vec![call("call_3", "apply_patch", "*** End")]),
        ],
        tools: vec![Tool {
            name: "apply_patch".into(),
            namespace: None,
            description: Some("Edits files.".into()),
            kind: ToolKind::Free {
                format: Some(
                    json!({"type": "grammar", "syntax": "lark", "definition": "start: x"}),
                ),
            },
            cached: false,
        }],
        parallel_tool_calls: Some(false),
        reasoning: Some(Reasoning {
            effort: Some(Effort::Medium),
            show: Some(true),
            ..Reasoning::default()
        }),
        sampling: Sampling {
            temperature: serde_json::Number::from_f64(1.5),
            seed: Some(1),
            stop: vec!["\n".into(), "X".into()],
            ..Sampling::default()
        },
        ..Request::default()
    }
}

#[test]
fn a_conversation_of_codex_is_written() {
    for model in ["claude-opus-4-8", "claude-sonnet-4-5"] {
        let (body, losses) = written(&codex(), model);
        let said = format!("{}\n{body:#}", lost(&losses));
        snapshot("requests", &format!("codex.{model}"), &said);
    }
}

#[test]
fn settings_that_do_not_go_together_give_way() {
    let user = |text: &str| turn(Role::User, vec![Part::text(text)]);
    let plain = Request { turns: vec![user("hi")], ..Request::default() };
    let tool = codex().tools.remove(0);

    let forced = Request {
        tools: vec![tool],
        tool_choice: Some(ToolChoice::Required),
        reasoning: Some(Reasoning { budget: Some(2_000), ..Reasoning::default() }),
        ..plain.clone()
    };
    let (body, losses) = written(&forced, "claude-sonnet-4-5");
    assert_eq!((body.get("thinking"), &body["tool_choice"]["type"]), (None, &json!("any")));
    assert!(losses.iter().any(|field| field == "reasoning"));

    let thinks = |reasoning: Reasoning, max_output: u64, model: &str| {
        let request =
            Request { reasoning: Some(reasoning), max_output: Some(max_output), ..plain.clone() };
        written(&request, model).0
    };
    let effort = |effort| Reasoning { effort: Some(effort), ..Reasoning::default() };
    let budget = |budget| Reasoning { budget: Some(budget), ..Reasoning::default() };
    let adaptive = Reasoning { adaptive: true, ..Reasoning::default() };
    assert_eq!(thinks(effort(Effort::High), 4_096, "glm-4.6")["thinking"]["budget_tokens"], 2_048);
    assert_eq!(thinks(effort(Effort::High), 1_024, "glm-4.6").get("thinking"), None);
    assert_eq!(thinks(budget(10), 4_096, "glm-4.6")["thinking"]["budget_tokens"], 1_024);
    assert_eq!(thinks(budget(9_999), 4_096, "glm-4.6")["thinking"]["budget_tokens"], 4_095);
    assert_eq!(thinks(adaptive.clone(), 4_096, "glm-4.6")["thinking"]["type"], "adaptive");
    assert_eq!(thinks(adaptive, 32_000, "claude-sonnet-4-5")["thinking"]["budget_tokens"], 8_192);
    let newest = thinks(budget(9_999), 4_096, "claude-opus-4-8");
    assert_eq!(
        (&newest["thinking"]["type"], &newest["output_config"]["effort"]),
        (&json!("adaptive"), &json!("medium"))
    );
    assert_eq!(thinks(budget(0), 4_096, "claude-sonnet-4-5")["thinking"]["type"], "disabled");
    assert_eq!(thinks(effort(Effort::None), 4_096, "claude-opus-4-8").get("thinking"), None);

    let several =
        Request { sampling: Sampling { answers: Some(2), ..Sampling::default() }, ..plain.clone() };
    assert_eq!(write_request(&several, &tool_names(&several), "m", 1).unwrap_err().field, "n");

    let sound = Part::Media(Media {
        source: MediaSource::Inline("UklG".into()),
        media_type: "audio/wav".into(),
        name: None,
        detail: None,
    });
    let heard = Request { turns: vec![turn(Role::User, vec![sound])], ..Request::default() };
    let refused = write_request(&heard, &tool_names(&heard), "m", 1).unwrap_err();
    assert_eq!(refused.field, "messages[0].content[0]");
}

#[test]
fn words_for_the_model_to_go_on_with_are_put_as_it_takes_them() {
    let turns = vec![
        turn(Role::User, vec![Part::text("Name?")]),
        turn(Role::Assistant, vec![Part::text("I am  ")]),
    ];
    let request = Request { turns, ..Request::default() };
    let (body, _) = written(&request, "claude-sonnet-4-5");
    assert_eq!(body["messages"][1]["content"][0]["text"], "I am");
    let (body, _) = written(&request, "claude-opus-4-8");
    assert_eq!(body["messages"][2]["content"][0]["text"], "(continue)");
}

#[test]
fn the_last_four_cache_breakpoints_stay() {
    let parts: Vec<Part> =
        (0..6).map(|n| Part::Text { text: format!("t{n}"), cached: true }).collect();
    let request = Request { turns: vec![turn(Role::User, parts)], ..Request::default() };
    let (body, _) = written(&request, "m");
    let marked: Vec<bool> = body["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block.get("cache_control").is_some())
        .collect();
    assert_eq!(marked, [false, false, true, true, true, true]);
}

#[test]
fn a_shape_is_enforced_or_asked_for() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let shaped = |format| Request {
        turns: vec![turn(Role::System, vec![Part::text("Only this.")])],
        format: Some(format),
        ..Request::default()
    };
    let named = Format::Schema { name: "s".into(), description: None, schema, strict: None };
    let (body, _) = written(&shaped(named.clone()), "claude-opus-4-8");
    assert_eq!(body["output_config"]["format"]["schema"]["additionalProperties"], false);
    assert_eq!(body["messages"][0]["content"][0]["text"], "(continue)");
    for (format, model) in [(named, "glm-4.6"), (Format::Json, "claude-opus-4-8")] {
        let (body, _) = written(&shaped(format), model);
        assert!(body["system"][1]["text"].as_str().unwrap().starts_with("Answer with one JSON"));
        assert_eq!(body.get("output_config"), None);
    }
}
