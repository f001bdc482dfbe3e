//! What is read of the older completions and of embeddings.

use protocol::bound::InputBound;
use protocol::peek::{Peek, Shape};

fn completion(prompt: &str) -> String {
    format!(r#"{{"model":"m","n":2,"best_of":3,"max_tokens":0,"echo":true,"prompt":{prompt}}}"#)
}

#[test]
fn every_prompt_is_answered_as_often_as_asked() {
    let cases = [
        (r#""abcd""#, 1, 4, 0),
        (r#"["ab","cd","e"]"#, 3, 5, 0),
        ("[1,2,3]", 1, 0, 3),
        ("[[1,2],[3]]", 2, 0, 3),
        ("[]", 1, 0, 0),
        ("null", 1, 0, 0),
    ];
    for (prompt, prompts, text, tokens) in cases {
        let body = completion(prompt);
        let peek = Peek::read(body.as_bytes(), Shape::Completions).unwrap();
        assert_eq!((peek.choices(), peek.delivered_choices()), (3 * prompts, 2 * prompts));
        assert_eq!((peek.content.text_bytes, peek.content.token_ids), (text, tokens), "{prompt}");
        assert_eq!((peek.output_maximum(), peek.echo), (Some(0), true));
        let bound = InputBound::of(&peek, "m");
        assert_eq!(bound, InputBound::Tokens(body.len() as u64 + 64));
    }
    let suffix =
        br#"{"model":"m","prompt":"ab","suffix":"cd","stream_options":{"include_usage":true}}"#;
    let suffix = Peek::read(suffix, Shape::Completions).unwrap();
    assert_eq!(suffix.content.text_bytes, 4);
    assert!(suffix.asks_for_usage());
    assert!(Peek::read(completion("7").as_bytes(), Shape::Completions).is_err());
}

#[test]
fn embeddings_have_no_output() {
    let body =
        br#"{"model":"text-embedding-3-small","input":["abcd","ef"],"dimensions":256,"user":"u"}"#;
    let peek = Peek::read(body, Shape::Embeddings).unwrap();
    assert!(!peek.shape.makes_output());
    assert_eq!((peek.content.messages, peek.estimated_input(), peek.session()), (2, 2, Some("u")));
    let tokens = Peek::read(br#"{"model":"m","input":[[1,2],[3]]}"#, Shape::Embeddings).unwrap();
    assert_eq!(tokens.estimated_input(), 3);
    for wrong in [r#"{"model":"m"}"#, r#"{"model":"m","input":null}"#, r#"{"model":"m","input":7}"#]
    {
        let error = Peek::read(wrong.as_bytes(), Shape::Embeddings).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("input"));
    }
    let vendors = Peek::read(br#"{"model":"m","input":[{"image":"x"}]}"#, Shape::Embeddings);
    assert!(matches!(InputBound::of(&vendors.unwrap(), "m"), InputBound::ContextWindow(_)));
}
