//! What is read of a chat request, and what is refused. The other shapes have files of their own.

mod completions;
mod duplicates;
mod gemini;
mod messages;
mod responses;

use protocol::bound::{InputBound, Unbounded};
use protocol::peek::{Peek, Shape};

const MESSAGES: &str = r#""messages":[{"role":"user","content":"hi"}]"#;

fn body(members: &str) -> String {
    format!(r#"{{"model":"gpt-5",{MESSAGES}{members}}}"#)
}

fn refused(body: &str) -> (String, String) {
    let error = Peek::read(body.as_bytes(), Shape::Chat).unwrap_err();
    (error.field.unwrap_or_default(), error.message)
}

#[test]
fn fields_are_read_with_their_places() {
    let body = body(
        r#", "stream" : true,"max_tokens":7,"max_completion_tokens":12,"n":3,"best_of":null,
        "stream_options":{"x":1,"include_usage":false},"user":"u\u00e9","prompt_cache_key":"s1",
        "reasoning_effort":"high","service_tier":"flex","modalities":["text","audio"],
        "tools":[{"type":"function","function":{"name":"f"}}],"unknown":{"model":[1,2]}"#,
    );
    let peek = Peek::read(body.as_bytes(), Shape::Chat).unwrap();
    assert_eq!(peek.model_name().unwrap(), "gpt-5");
    assert_eq!(&body[peek.model.as_ref().unwrap().span.range()], "\"gpt-5\"");
    assert!(peek.stream && peek.audio_output && peek.has_tools && !peek.server_side_tools);
    assert_eq!(peek.output_maximum(), Some(12));
    assert_eq!(peek.largest_output_maximum(), Some(12));
    assert_eq!(&body[peek.max_tokens.unwrap().span.range()], "7");
    assert_eq!((peek.n, peek.best_of, peek.choices()), (3, 1, 3));
    let options = peek.stream_options.unwrap();
    assert_eq!(&body[options.include_usage.unwrap().span.range()], "false");
    assert!(!peek.asks_for_usage());
    assert_eq!(peek.session(), Some("s1"));
    assert_eq!(peek.reasoning_effort.as_deref(), Some("high"));
    assert_eq!(peek.service_tier.as_deref(), Some("flex"));
    assert_eq!(peek.content.text_bytes, 2);
}

#[test]
fn wrong_types_are_named() {
    let cases = [
        r#"{"model":7,"messages":[{}]}"#.to_owned(),
        r#"{"model":"","messages":[{}]}"#.to_owned(),
        r#"{"model":"a\u0000b","messages":[{}]}"#.to_owned(),
        r#"{"model":"\ud800","messages":[{}]}"#.to_owned(),
        format!(r#"{{"model":"{}","messages":[{{}}]}}"#, "m".repeat(257)),
        r#"{"messages":[{}]}"#.to_owned(),
        r#"{"model":"m"}"#.to_owned(),
        r#"{"model":"m","messages":[]}"#.to_owned(),
        r#"{"model":"m","messages":[1]}"#.to_owned(),
        r#"{"model":"m","messages":"hi"}"#.to_owned(),
        body(r#","stream":"true""#),
        body(r#","max_tokens":0"#),
        body(r#","max_tokens":-5"#),
        body(r#","max_tokens":1.5"#),
        body(r#","max_tokens":1e3"#),
        body(r#","max_completion_tokens":2147483649"#),
        body(r#","max_completion_tokens":99999999999999999999999"#),
        body(r#","n":129"#),
        body(r#","n":"2""#),
        body(r#","stream_options":true"#),
        body(r#","stream_options":{"include_usage":1}"#),
        "[]".to_owned(),
        "{\"model\":".to_owned(),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|case| {
            let (field, message) = refused(case);
            format!("{field}: {message}")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    model: `model` must be a string of 1 to 256 bytes without control characters.
    model: `model` must be a string of 1 to 256 bytes without control characters.
    model: `model` must be a string of 1 to 256 bytes without control characters.
    model: `model` must be a string of 1 to 256 bytes without control characters.
    model: `model` must be a string of 1 to 256 bytes without control characters.
    model: `model` must be a string of 1 to 256 bytes without control characters.
    messages: `messages` must be a non-empty array of objects.
    messages: `messages` must be a non-empty array of objects.
    messages: `messages` must be a non-empty array of objects.
    messages: `messages` must be a non-empty array of objects.
    stream: `stream` must be true, false or null.
    max_tokens: `max_tokens` must be an integer from 1 to 2147483648, or null.
    max_tokens: `max_tokens` must be an integer from 1 to 2147483648, or null.
    max_tokens: `max_tokens` must be an integer from 1 to 2147483648, or null.
    max_tokens: `max_tokens` must be an integer from 1 to 2147483648, or null.
    max_completion_tokens: `max_completion_tokens` must be an integer from 1 to 2147483648, or null.
    max_completion_tokens: `max_completion_tokens` must be an integer from 1 to 2147483648, or null.
    n: `n` must be an integer from 1 to 128, or null.
    n: `n` must be an integer from 1 to 128, or null.
    stream_options: `stream_options` must be an object or null.
    stream_options.include_usage: `stream_options.include_usage` must be true, false or null.
    : The body must be a JSON object.
    : The body is not valid JSON: the text ends where a value was expected at byte 9.
    ");
}

#[test]
fn duplicates_of_what_is_read_are_refused() {
    let part = |part: &str| {
        format!(r#"{{"model":"m","messages":[{{}},{{"content":[{{"type":"text"}},{part}]}}]}}"#)
    };
    let cases = [
        (body(r#","model":"b""#), "model"),
        (body(r#","mod\u0065l":"b""#), "model"),
        (body(r#","user":1,"user":2"#), "user"),
        (body(r#","stream":true,"\u0073tream":false"#), "stream"),
        (
            body(r#","stream_options":{"include_usage":true,"include_us\u0061ge":false}"#),
            "stream_options.include_usage",
        ),
        (
            r#"{"model":"m","messages":[{"content":"a","content":"b"}]}"#.to_owned(),
            "messages[0].content",
        ),
        (part(r#"{"type":"text","typ\u0065":"image_url"}"#), "messages[1].content[1].type"),
        (
            part(r#"{"type":"image_url","image_url":{"url":"data:,","url":"x"}}"#),
            "messages[1].content[1].image_url.url",
        ),
        (body(r#","tools":[{"type":"function","type":"web_search"}]"#), "tools[].type"),
    ];
    for (case, field) in cases {
        assert_eq!(
            refused(&case),
            (field.to_owned(), format!("`{field}` is given more than once."))
        );
    }
    let twice = body(r#","unknown":1,"unknown":2,"metadata":{"model":1,"model":2}"#);
    assert!(Peek::read(twice.as_bytes(), Shape::Chat).is_ok());
}

#[test]
fn content_is_counted() {
    let data = "A".repeat(400);
    let body = format!(
        r#"{{"model":"gpt-4o","messages":[
            {{"role":"system","content":"éa"}},
            {{"role":"user","content":[
                {{"type":"text","text":"look"}},
                {{"image_url":{{"detail":"high","url":"data:image\/png;base64,{data}"}},"type":"image_url"}},
                {{"type":"image_url","image_url":{{"url":"https://example.com/a.png"}}}},
                {{"type":"input_audio","input_audio":{{"data":"UklG","format":"wav"}}}}]}},
            {{"role":"assistant","content":null,"tool_calls":[]}}]}}"#
    );
    let peek = Peek::read(body.as_bytes(), Shape::Chat).unwrap();
    let content = peek.content;
    assert_eq!(content.messages, 3);
    assert_eq!(content.text_bytes, 7);
    assert_eq!((content.images, content.audio_parts), (2, 1));
    let inline = content.inline_image_bytes;
    assert_eq!(inline, 423);
    assert_eq!(content.inline_audio_bytes, 4);
    let bound = InputBound::of(&peek, "gpt-4o");
    let text = body.len() as u64 - inline;
    assert_eq!(bound, InputBound::Tokens(text + 2 * 16_384 + 64));
    assert_eq!(InputBound::of(&peek, "gpt-4o-mini"), InputBound::Tokens(text + 2 * 48_169 + 64));
}

#[test]
fn what_is_not_in_the_body_needs_the_context_window() {
    let part = |part: &str| format!(r#"{{"model":"m","messages":[{{"content":[{part}]}}]}}"#);
    let cases = [
        (body(r#","web_search_options":{}"#), Some(Unbounded::ServerSideTools)),
        (body(r#","web_search_options":null"#), None),
        (body(r#","enable_search":false"#), None),
        (body(r#","tools":[{"type":"custom"}]"#), None),
        (body(r#","tools":[{"type":"web_search"}]"#), Some(Unbounded::ServerSideTools)),
        (part(r#"{"type":"file","file":{"file_id":"file-1"}}"#), Some(Unbounded::FileById)),
        (part(r#"{"type":"file","file":{"file_data":"data:,"}}"#), Some(Unbounded::InlineFile)),
        (
            part(r#"{"type":"file","file":{"file_data":"data:,","file_id":"f"}}"#),
            Some(Unbounded::FileById),
        ),
        (part(r#"{"type":"video_url","video_url":{"url":"x"}}"#), Some(Unbounded::UnknownPart)),
        (
            r#"{"model":"m","messages":[{"role":"assistant","audio":{"id":"a"}}]}"#.to_owned(),
            Some(Unbounded::AudioById),
        ),
    ];
    for (case, reason) in cases {
        let peek = Peek::read(case.as_bytes(), Shape::Chat).unwrap();
        let bound = InputBound::of(&peek, "m");
        match reason {
            Some(reason) => {
                assert_eq!(bound, InputBound::ContextWindow(reason), "{case}");
                assert_eq!((bound.tokens(None), bound.tokens(Some(9))), (None, Some(9)));
            }
            None => assert!(bound.tokens(None).is_some(), "{case}"),
        }
    }
}
