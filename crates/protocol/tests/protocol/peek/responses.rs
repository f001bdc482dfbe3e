//! What is read of a Responses request.

use protocol::bound::{InputBound, Unbounded};
use protocol::peek::{Peek, Shape, StoredKind};

fn peek(body: &str) -> Peek<'_> {
    Peek::read(body.as_bytes(), Shape::Responses).unwrap()
}

#[test]
fn codex_is_read() {
    let peek = peek(include_str!("../../golden/requests/codex.json"));
    assert_eq!(peek.model_name(), Some("gpt-5"));
    assert!(peek.stream && !peek.stores && !peek.background && peek.has_tools);
    assert_eq!(peek.session(), Some("01a1fed4-42c2-7921-8577-278d2dc4c413"));
    assert_eq!((peek.output_maximum(), peek.thinking_budget, peek.choices()), (None, None, 1));
    assert_eq!(peek.content.messages, 4);
    assert!(peek.stored.is_empty());
    assert!(peek.server_side_tools, "Codex gives `web_search`");
    assert_eq!(Unbounded::of(&peek), Some(Unbounded::ServerSideTools));
}

#[test]
fn a_turn_with_a_tools_output_has_nothing_stored_or_unknown() {
    let peek = peek(include_str!("../../golden/requests/codex_tool_output.json"));
    assert!(peek.stored.is_empty());
    assert_eq!((peek.content.other_parts, peek.content.stored_inputs), (0, 0));
}

#[test]
fn fields_are_read_with_their_places() {
    let body = r#"{"model":"gpt-5","input":"hi","max_output_tokens":12,"background":true,
        "reasoning":{"effort":"low","max_tokens":7},"user":"u","previous_response_id":"resp_1",
        "instructions":"be brief"}"#;
    let peek = peek(body);
    let maximum = peek.max_output_tokens.unwrap();
    assert_eq!((maximum.value, &body[maximum.span.range()]), (Some(12), "12"));
    assert_eq!((peek.output_maximum(), peek.thinking_budget), (Some(12), Some(7)));
    assert!(peek.stores && peek.background && !peek.stream);
    assert_eq!(peek.session(), Some("resp_1"));
    assert_eq!(peek.content.text_bytes, 10);
}

#[test]
fn an_answer_is_kept_unless_the_caller_says_otherwise() {
    for (member, stores) in [
        ("", true),
        (r#","store":null"#, true),
        (r#","store":true"#, true),
        (r#","store":false"#, false),
    ] {
        assert_eq!(peek(&format!(r#"{{"model":"m","input":"a"{member}}}"#)).stores, stores);
    }
}

#[test]
fn whatever_the_provider_keeps_is_found() {
    let body = r#"{"model":"m","previous_response_id":"resp_1","conversation":{"id":"conv_1"},
        "prompt":{"id":"pmpt_1","variables":{"x":"text","f":{"type":"input_file","file_id":"file_v"}}},
        "input":[
            {"type":"item_reference","id":"msg_1"},
            {"id":"msg_2"},
            {"type":"reasoning","id":"rs_1","summary":[]},
            {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"eA=="},
            {"type":"image_generation_call","id":"ig_1"},
            {"role":"user","content":[
                {"type":"input_image","file_id":"file_i"},
                {"type":"input_file","file_id":"fil\u0065_f"}]},
            {"type":"computer_call_output","call_id":"c",
             "output":{"type":"computer_screenshot","file_id":"file_s"}}],
        "tools":[
            {"type":"file_search","vector_store_ids":["vs_1","vs_2"]},
            {"type":"code_interpreter","container":{"type":"auto","file_ids":["file_c"]}},
            {"type":"code_interpreter","container":"cntr_1"},
            {"type":"shell","environment":{"type":"container_reference","container_id":"cntr_2"}},
            {"type":"image_generation","input_image_mask":{"file_id":"file_m"}},
            {"type":"function","name":"f","container":"not an id","parameters":{"properties":{"file_id":{}}}}]}"#;
    let peek = peek(body);
    let found: Vec<String> =
        peek.stored.iter().map(|it| format!("{:?} {}", it.kind, it.id)).collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    Response resp_1
    Conversation conv_1
    Prompt pmpt_1
    File file_v
    Item msg_1
    Item msg_2
    Item rs_1
    Item ig_1
    File file_i
    File file_f
    File file_s
    VectorStore vs_1
    VectorStore vs_2
    File file_c
    Container cntr_1
    Container cntr_2
    File file_m
    ");
    assert_eq!(peek.content.images, 3);
    assert_eq!(peek.content.files_by_id, 2);
    let by_text = Peek::read(br#"{"model":"m","conversation":"conv_2"}"#, Shape::Responses);
    let by_text = by_text.unwrap();
    assert_eq!(by_text.stored.first().map(|it| it.kind), Some(StoredKind::Conversation));
    assert_eq!(by_text.session(), Some("conv_2"));
}

#[test]
fn what_is_not_in_the_body_needs_the_context_window() {
    let with = |members: &str| format!(r#"{{"model":"m"{members}}}"#);
    let input = |item: &str| with(&format!(r#","input":[{item}]"#));
    let part = |part: &str| input(&format!(r#"{{"role":"user","content":[{part}]}}"#));
    let tool = |tool: &str| with(&format!(r#","input":"a","tools":[{tool}]"#));
    let cases = [
        (with(r#","input":"a","previous_response_id":"r""#), Some(Unbounded::StoredInput)),
        (with(r#","input":"a","previous_response_id":null"#), None),
        (input(r#"{"type":"item_reference","id":"i"}"#), Some(Unbounded::StoredInput)),
        (input(r#"{"type":"something_new"}"#), Some(Unbounded::UnknownPart)),
        (
            input(
                r#"{"type":"reasoning","id":"r","content":[{"type":"reasoning_text","text":"x"}]}"#,
            ),
            None,
        ),
        (
            part(r#"{"type":"input_file","file_url":"https://example.com/a.pdf"}"#),
            Some(Unbounded::FileById),
        ),
        (part(r#"{"type":"input_file","file_data":"data:,"}"#), Some(Unbounded::InlineFile)),
        (part(r#"{"type":"input_video","url":"x"}"#), Some(Unbounded::UnknownPart)),
        (part(r#"{"type":"input_image","image_url":"data:image/png;base64,AAAA"}"#), None),
        (tool(r#"{"type":"function"},{"type":"custom"},{"type":"local_shell"}"#), None),
        (tool(r#"{"type":"namespace","tools":[{"type":"function"}]}"#), None),
        (
            tool(r#"{"type":"namespace","tools":[{"type":"web_search"}]}"#),
            Some(Unbounded::ServerSideTools),
        ),
        (
            tool(r#"{"type":"mcp","server_url":"https://example.com"}"#),
            Some(Unbounded::ServerSideTools),
        ),
    ];
    for (case, reason) in cases {
        let bound = InputBound::of(&peek(&case), "m");
        match reason {
            Some(reason) => assert_eq!(bound, InputBound::ContextWindow(reason), "{case}"),
            None => assert!(bound.tokens(None).is_some(), "{case}"),
        }
    }
}
