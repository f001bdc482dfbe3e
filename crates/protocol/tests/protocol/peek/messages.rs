//! What is read of a Messages request, and of its token count.

use protocol::bound::{InputBound, Unbounded};
use protocol::peek::{Peek, Shape};

fn peek(body: &str) -> Peek<'_> {
    Peek::read(body.as_bytes(), Shape::Messages).unwrap()
}

#[test]
fn claude_code_is_read() {
    let body = include_str!("../../golden/requests/claude_code.json");
    let peek = peek(body);
    assert_eq!(peek.model_name(), Some("claude-opus-4-8"));
    assert!(peek.stream && peek.has_tools && !peek.server_side_tools && !peek.stores);
    assert_eq!((peek.output_maximum(), peek.thinking_budget), (Some(64_000), None));
    assert_eq!(&body[peek.max_tokens.unwrap().span.range()], "64000");
    assert_eq!(peek.session(), Some("faed5d28-9548-4f9f-90d2-a10b20688339"));
    assert_eq!(peek.content.messages, 2);
    assert!(peek.content.text_bytes > 300 && peek.stored.is_empty());
    let bound = InputBound::of(&peek, "claude-opus-4-8");
    assert_eq!(bound, InputBound::Tokens(body.len() as u64 + 1_024));
}

#[test]
fn a_budget_of_tokens_is_read() {
    let peek = peek(include_str!("../../golden/requests/claude_code_sonnet.json"));
    assert_eq!((peek.output_maximum(), peek.thinking_budget), (Some(32_000), Some(31_999)));
}

#[test]
fn a_turn_with_a_tools_result_has_nothing_unknown() {
    let peek = peek(include_str!("../../golden/requests/claude_code_tool_result.json"));
    assert_eq!((peek.content.messages, peek.content.other_parts), (4, 0));
}

#[test]
fn a_token_count_is_estimated_from_the_body() {
    let body = include_str!("../../golden/requests/claude_code_count_tokens.json");
    let peek = Peek::read(body.as_bytes(), Shape::CountTokens).unwrap();
    assert!(!peek.shape.makes_output() && !peek.has_tools);
    assert_eq!(peek.estimated_input(), (peek.content.text_bytes + 2).div_ceil(4));
    let plain = r#"{"model":"m","messages":[{"content":"abcdefgh"}]}"#;
    let plain = Peek::read(plain.as_bytes(), Shape::CountTokens).unwrap();
    assert_eq!(plain.estimated_input(), 2);
    let with_image = r#"{"model":"m","messages":[{"content":[{"type":"text","text":"abcd"},
        {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}]}"#;
    let with_image = Peek::read(with_image.as_bytes(), Shape::CountTokens).unwrap();
    assert_eq!(with_image.estimated_input(), 1_025);
}

#[test]
fn content_is_counted() {
    let data = "A".repeat(400);
    let body = format!(
        r#"{{"model":"claude-opus-4-8","max_tokens":0,"system":[{{"type":"text","text":"abc"}}],"messages":[
            {{"role":"user","content":[
                {{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{data}"}}}},
                {{"source":{{"file_id":"file_1","type":"file"}},"type":"image"}},
                {{"type":"document","source":{{"type":"text","media_type":"text/plain","data":"plain"}}}},
                {{"type":"document","source":{{"type":"content","content":[{{"type":"text","text":"block"}}]}}}},
                {{"type":"search_result","source":"https://x","title":"t","content":[{{"type":"text","text":"hit"}}]}},
                {{"type":"tool_result","tool_use_id":"t","content":[
                    {{"type":"image","source":{{"type":"url","url":"https://example.com/a.png"}}}}]}}]}}]}}"#
    );
    let peek = peek(&body);
    assert_eq!((peek.content.images, peek.content.inline_image_bytes), (3, 400));
    assert_eq!(peek.content.text_bytes, 3 + 5 + 5 + 9 + 3);
    assert_eq!((peek.content.other_parts, peek.content.files_by_id), (0, 0));
    assert_eq!(peek.output_maximum(), Some(0));
    let bound = InputBound::of(&peek, "claude-opus-4-8");
    let text = body.len() as u64 - 400;
    assert_eq!(bound, InputBound::Tokens(text + 3 * 4_784 + 64));
}

#[test]
fn whatever_the_provider_keeps_is_found() {
    let body = r#"{"model":"m","container":{"id":"cont_1","skills":[
            {"type":"anthropic","skill_id":"pptx"},{"type":"custom","skill_id":"skill_1"}]},
        "messages":[{"content":[
            {"type":"image","source":{"type":"file","file_id":"file_1"}},
            {"type":"document","source":{"type":"file","file_id":"file_2"}},
            {"type":"container_upload","file_id":"file_3"},
            {"type":"tool_result","content":[
                {"type":"document","source":{"type":"file","file_id":"file_4"}}]}]}]}"#;
    let found: Vec<String> =
        peek(body).stored.iter().map(|it| format!("{:?} {}", it.kind, it.id)).collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    Container cont_1
    Skill skill_1
    File file_1
    File file_2
    File file_3
    File file_4
    ");
}

#[test]
fn what_is_not_in_the_body_needs_the_context_window() {
    let with =
        |members: &str| format!(r#"{{"model":"m","messages":[{{"content":"a"}}]{members}}}"#);
    let tool = |kind: &str| with(&format!(r#","tools":[{{"name":"n","type":"{kind}"}}]"#));
    let block = |block: &str| format!(r#"{{"model":"m","messages":[{{"content":[{block}]}}]}}"#);
    let document = |source: &str| block(&format!(r#"{{"type":"document","source":{source}}}"#));
    let cases = [
        (with(r#","tools":[{"name":"n","input_schema":{}}]"#), None),
        (tool("custom"), None),
        (tool("bash_20250124"), None),
        (tool("text_editor_20250728"), None),
        (tool("computer_20251124"), None),
        (tool("memory_20250818"), None),
        (tool("web_search_20250305"), Some(Unbounded::ServerSideTools)),
        (tool("web_fetch_20250910"), Some(Unbounded::ServerSideTools)),
        (tool("code_execution_20250825"), Some(Unbounded::ServerSideTools)),
        (tool("mcp_toolset"), Some(Unbounded::ServerSideTools)),
        (with(r#","mcp_servers":[]"#), None),
        (
            with(r#","mcp_servers":[{"type":"url","url":"https://x"}]"#),
            Some(Unbounded::ServerSideTools),
        ),
        (
            document(r#"{"type":"base64","media_type":"application/pdf","data":"AA"}"#),
            Some(Unbounded::InlineFile),
        ),
        (document(r#"{"type":"url","url":"https://x"}"#), Some(Unbounded::FileById)),
        (document(r#"{"type":"file","file_id":"f"}"#), Some(Unbounded::FileById)),
        (document(r#"{"type":"text","data":"AA"}"#), None),
        (document(r#"{"type":"new"}"#), Some(Unbounded::UnknownPart)),
        (block(r#"{"type":"video"}"#), Some(Unbounded::UnknownPart)),
        (block(r#"{"type":"tool_use","id":"t","name":"n","input":{"source":{"url":"x"}}}"#), None),
    ];
    for (case, reason) in cases {
        let bound = InputBound::of(&peek(&case), "m");
        match reason {
            Some(reason) => assert_eq!(bound, InputBound::ContextWindow(reason), "{case}"),
            None => assert!(bound.tokens(None).is_some(), "{case}"),
        }
    }
    let built_in = InputBound::of(&peek(&tool("bash_20250124")), "m");
    let own = InputBound::of(&peek(&tool("custom")), "m");
    let more = "bash_20250124".len() as u64 - "custom".len() as u64;
    assert_eq!(built_in.tokens(None), own.tokens(None).map(|tokens| tokens + more + 1_024));
}

#[test]
fn nothing_in_a_tools_input_is_read() {
    let body = r#"{"model":"m","messages":[{"content":[{"type":"tool_use","input":
        {"type":1,"type":2,"source":{"file_id":"f"}}}]}]}"#;
    assert!(peek(body).stored.is_empty());
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let cases = [
        (
            r#"{"model":"m","messages":[{}],"tools":[{},{"type":"a","typ\u0065":"b"}]}"#,
            "tools[1].type",
        ),
        (
            r#"{"model":"m","messages":[{},{"content":[{"source":{"data":"a","data":"b"}}]}]}"#,
            "messages[1].content[0].source.data",
        ),
        (
            r#"{"model":"m","messages":[{}],"container":{"skills":[{"type":"a","type":"b"}]}}"#,
            "container.skills[0].type",
        ),
        (
            r#"{"model":"m","messages":[{}],"metadata":{"user_id":1,"user_id":2}}"#,
            "metadata.user_id",
        ),
        (
            r#"{"model":"m","messages":[{}],"thinking":{"budget_tokens":-1}}"#,
            "thinking.budget_tokens",
        ),
        (r#"{"model":"m","messages":[{}],"max_tokens":-1}"#, "max_tokens"),
        (r#"{"model":"m","messages":[]}"#, "messages"),
        (r#"{"messages":[{}]}"#, "model"),
    ];
    for (body, field) in cases {
        let error = Peek::read(body.as_bytes(), Shape::Messages).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field));
        assert!(error.message.starts_with(&format!("`{field}` ")), "{}", error.message);
    }
}
