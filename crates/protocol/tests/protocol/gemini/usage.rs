//! Usage objects: the API's, Vertex', and those that cannot be true.

use domain::usage::Usage;
use protocol::gemini::read_usage;
use protocol::gemini::response::read_whole;
use protocol::observe::AbsurdUsage;

fn usage(input: u64, cached_input: u64, output: u64, reasoning: u64) -> Usage {
    Usage { input, cached_input, output, reasoning, ..Usage::default() }
}

#[test]
fn classes_do_not_overlap() {
    let cases = [
        (
            r#"{"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15}"#,
            usage(10, 0, 5, 0),
        ),
        (
            r#"{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":7,"totalTokenCount":22}"#,
            usage(6, 4, 12, 7),
        ),
        (
            r#"{"prompt_token_count":10,"candidates_token_count":5,"thoughts_token_count":7}"#,
            usage(10, 0, 12, 7),
        ),
        (
            r#"{"promptTokenCount":10,"toolUsePromptTokenCount":30,"candidatesTokenCount":5,"totalTokenCount":45}"#,
            usage(40, 0, 5, 0),
        ),
        (r#"{"promptTokenCount":8,"totalTokenCount":8}"#, usage(8, 0, 0, 0)),
        (
            r#"{"promptTokenCount":8,"thoughtsTokenCount":20,"totalTokenCount":28}"#,
            usage(8, 0, 20, 20),
        ),
        (r#"{"candidatesTokenCount":5,"totalTokenCount":13}"#, usage(8, 0, 5, 0)),
        // Thoughts counted among the candidates: the total says so.
        (
            r#"{"promptTokenCount":10,"candidatesTokenCount":12,"thoughtsTokenCount":7,"totalTokenCount":22}"#,
            usage(10, 0, 12, 7),
        ),
        (
            r#"{"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15,"trafficType":"ON_DEMAND","promptTokensDetails":[{"modality":"TEXT","tokenCount":10}]}"#,
            usage(10, 0, 5, 0),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Ok(Some(expected)), "{text}");
    }
}

#[test]
fn nothing_is_not_zero() {
    for text in ["null", "{}", r#"{"trafficType":"ON_DEMAND"}"#, r#"{"promptTokenCount":null}"#] {
        assert_eq!(read_usage(text.as_bytes()), Ok(None), "{text}");
    }
}

#[test]
fn what_cannot_be_true_is_absurd() {
    let count = AbsurdUsage::NotACount("promptTokenCount");
    let cases = [
        (r#"{"promptTokenCount":-1,"candidatesTokenCount":5}"#, count),
        (r#"{"promptTokenCount":1.5,"candidatesTokenCount":5}"#, count),
        (r#"{"promptTokenCount":"10","candidatesTokenCount":5}"#, count),
        (r#"{"promptTokenCount":9007199254740993,"candidatesTokenCount":5}"#, count),
        (
            r#"{"promptTokenCount":3,"candidatesTokenCount":5,"cachedContentTokenCount":4}"#,
            AbsurdUsage::MoreCachedThanRead,
        ),
        (r#"{"promptTokenCount":3}"#, AbsurdUsage::Missing("candidatesTokenCount")),
        (
            r#"{"promptTokenCount":3,"totalTokenCount":2}"#,
            AbsurdUsage::Missing("candidatesTokenCount"),
        ),
        (r#"{"candidatesTokenCount":3}"#, AbsurdUsage::Missing("promptTokenCount")),
        ("[]", AbsurdUsage::NotAnObject("usageMetadata")),
        ("7", AbsurdUsage::NotAnObject("usageMetadata")),
        ("{", AbsurdUsage::NotJson),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Err(expected), "{text}");
    }
}

#[test]
fn an_answer_is_read_without_a_tree() {
    let body = r#"[{"candidates":[{"content":{"role":"model","parts":[{"thought":true,"text":"hm"},
        {"text":"Hé"},{"functionCall":{"name":"f","args":{"a":1}}},
        {"inlineData":{"mimeType":"audio/L16","data":"AAAA"}}]}}],
        "usageMetadata":{"promptTokenCount":1,"totalTokenCount":1}},
        {"candidates":[{"content":{"parts":[{"inlineData":{"data":"AA","mimeType":"image/png"}}]}}],
        "usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2,"totalTokenCount":9}}]"#;
    let answer = read_whole(body.as_bytes()).unwrap();
    assert_eq!(answer.usage, Ok(Some(usage(7, 0, 2, 0))));
    let delivered = answer.delivered;
    assert_eq!((delivered.text.bytes, delivered.reasoning.bytes), (3, 2));
    assert_eq!((delivered.tool_calls.bytes, delivered.audio_bytes), (8, 4));
    assert!(delivered.other && !answer.is_error);
    for error in [r#"{"error":{"code":503}}"#, r#"[{"error":{"code":503}}]"#] {
        assert!(read_whole(error.as_bytes()).unwrap().is_error);
    }
    let embedding = r#"{"embedding":{"values":[0.1]},"usageMetadata":{"promptTokenCount":6}}"#;
    let answer = read_whole(embedding.as_bytes()).unwrap();
    assert_eq!(answer.usage, Ok(Some(usage(6, 0, 0, 0))));
}
