//! Usage objects: OpenAI's, the vendors', and those that cannot be true.

use domain::usage::Usage;
use protocol::observe::{AbsurdUsage, LARGEST_COUNT};
use protocol::openai_chat::read_usage;
use protocol::openai_chat::response::read_whole;

fn usage(input: u64, cached_input: u64, output: u64, reasoning: u64) -> Usage {
    Usage { input, cached_input, output, reasoning, ..Usage::default() }
}

#[test]
fn classes_do_not_overlap() {
    let cases = [
        (r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#, usage(10, 0, 5, 0)),
        (r#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#, usage(0, 0, 0, 0)),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},
                "completion_tokens_details":{"reasoning_tokens":3}}"#,
            usage(6, 4, 5, 3),
        ),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6}"#,
            usage(6, 4, 5, 0),
        ),
        (r#"{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":4}"#, usage(6, 4, 5, 0)),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":22,"completion_tokens_details":{"reasoning_tokens":7}}"#,
            usage(10, 0, 12, 7),
        ),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":7}}"#,
            usage(10, 0, 12, 7),
        ),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":5}}"#,
            usage(10, 0, 5, 5),
        ),
        (r#"{"prompt_tokens":10,"total_tokens":15}"#, usage(10, 0, 5, 0)),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}"#,
            usage(10, 0, 5, 0),
        ),
        (
            r#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2}}"#,
            Usage { cache_write: 2, ..usage(5, 3, 5, 0) },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Ok(Some(expected)), "{text}");
    }
}

#[test]
fn nothing_is_not_zero() {
    for text in ["null", "{}", r#"{"prompt_tokens":null,"completion_tokens":null}"#] {
        assert_eq!(read_usage(text.as_bytes()), Ok(None), "{text}");
    }
}

#[test]
fn what_cannot_be_true_is_absurd() {
    let count = AbsurdUsage::NotACount("prompt_tokens");
    let cases = [
        (r#"{"prompt_tokens":-1,"completion_tokens":5}"#, count),
        (r#"{"prompt_tokens":1.5,"completion_tokens":5}"#, count),
        (r#"{"prompt_tokens":1e2,"completion_tokens":5}"#, count),
        (r#"{"prompt_tokens":"10","completion_tokens":5}"#, count),
        (r#"{"prompt_tokens":9007199254740993,"completion_tokens":5}"#, count),
        (r#"{"prompt_tokens":99999999999999999999999,"completion_tokens":5}"#, count),
        (
            r#"{"prompt_tokens":3,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}"#,
            AbsurdUsage::MoreCachedThanRead,
        ),
        (r#"{"prompt_tokens":3}"#, AbsurdUsage::Missing("completion_tokens")),
        (r#"{"completion_tokens":3,"total_tokens":2}"#, AbsurdUsage::Missing("prompt_tokens")),
        ("[]", AbsurdUsage::NotAnObject("usage")),
        ("7", AbsurdUsage::NotAnObject("usage")),
        (
            r#"{"prompt_tokens":3,"completion_tokens":5,"prompt_tokens_details":[]}"#,
            AbsurdUsage::NotAnObject("prompt_tokens_details"),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Err(expected), "{text}");
    }
    let most =
        format!(r#"{{"prompt_tokens":{LARGEST_COUNT},"completion_tokens":{LARGEST_COUNT}}}"#);
    assert_eq!(read_usage(most.as_bytes()), Ok(Some(usage(LARGEST_COUNT, 0, LARGEST_COUNT, 0))));
}

#[test]
fn an_answer_is_read_without_a_tree() {
    let body = r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",
        "content":"Hé \"you\"","reasoning":"abc","reasoning_content":"abc","tool_calls":[{"id":"t",
        "type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"length"}],
        "usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}"#;
    let answer = read_whole(body.as_bytes()).unwrap();
    assert_eq!(answer.usage, Ok(Some(usage(7, 0, 2, 0))));
    assert_eq!(answer.delivered.text.bytes, "Hé \"you\"".len() as u64);
    assert_eq!(answer.delivered.text.non_ascii_bytes, 2);
    assert_eq!((answer.delivered.reasoning.bytes, answer.delivered.tool_calls.bytes), (3, 3));
    assert!(!answer.is_error && !answer.delivered.is_empty());
    assert!(read_whole(br#"{"error":{"message":"no"}}"#).unwrap().is_error);
    assert_eq!(read_whole(br#"{"choices":[],"usage":null}"#).unwrap().usage, Ok(None));
}
