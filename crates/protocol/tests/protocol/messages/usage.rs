//! Usage objects, and those that cannot be true; answers in one piece.

use domain::usage::Usage;
use protocol::anthropic_messages::read_usage;
use protocol::anthropic_messages::response::read_whole;
use protocol::observe::{AbsurdUsage, LARGEST_COUNT};

use super::read;

fn usage(input: u64, cached_input: u64, output: u64) -> Usage {
    Usage { input, cached_input, output, ..Usage::default() }
}

#[test]
fn classes_do_not_overlap() {
    let cases = [
        (r#"{"input_tokens":10,"output_tokens":5}"#, usage(10, 0, 5)),
        (r#"{"input_tokens":0,"output_tokens":0}"#, usage(0, 0, 0)),
        (
            r#"{"input_tokens":10,"cache_read_input_tokens":40,"cache_creation_input_tokens":null,"output_tokens":5}"#,
            usage(10, 40, 5),
        ),
        (
            r#"{"input_tokens":1,"output_tokens":5,"cache_creation_input_tokens":7}"#,
            Usage { cache_write: 7, ..usage(1, 0, 5) },
        ),
        (
            r#"{"input_tokens":1,"output_tokens":5,"cache_creation_input_tokens":7,
                "cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}"#,
            Usage { cache_write: 3, cache_write_1h: 4, ..usage(1, 0, 5) },
        ),
        (
            r#"{"input_tokens":1,"output_tokens":5,
                "cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}"#,
            Usage { cache_write: 3, cache_write_1h: 4, ..usage(1, 0, 5) },
        ),
        (
            r#"{"input_tokens":1,"output_tokens":5,"cache_creation_input_tokens":2,
                "cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}"#,
            Usage { cache_write_1h: 2, ..usage(1, 0, 5) },
        ),
        (
            r#"{"input_tokens":1,"output_tokens":5,"output_tokens_details":{"thinking_tokens":9}}"#,
            Usage { reasoning: 5, ..usage(1, 0, 5) },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Ok(Some(expected)), "{text}");
    }
}

#[test]
fn nothing_is_not_zero() {
    for text in ["null", "{}", r#"{"input_tokens":null,"service_tier":"standard"}"#] {
        assert_eq!(read_usage(text.as_bytes()), Ok(None), "{text}");
    }
}

#[test]
fn what_cannot_be_true_is_absurd() {
    let count = AbsurdUsage::NotACount("input_tokens");
    let cases = [
        (r#"{"input_tokens":-1,"output_tokens":5}"#, count),
        (r#"{"input_tokens":1.5,"output_tokens":5}"#, count),
        (r#"{"input_tokens":1e2,"output_tokens":5}"#, count),
        (r#"{"input_tokens":"10","output_tokens":5}"#, count),
        (r#"{"input_tokens":9007199254740993,"output_tokens":5}"#, count),
        (r#"{"input_tokens":99999999999999999999999,"output_tokens":5}"#, count),
        (r#"{"input_tokens":3}"#, AbsurdUsage::Missing("output_tokens")),
        (r#"{"output_tokens":3}"#, AbsurdUsage::Missing("input_tokens")),
        ("[]", AbsurdUsage::NotAnObject("usage")),
        ("7", AbsurdUsage::NotAnObject("usage")),
        (
            r#"{"input_tokens":3,"output_tokens":5,"cache_creation":[]}"#,
            AbsurdUsage::NotAnObject("cache_creation"),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Err(expected), "{text}");
    }
    let most = format!(r#"{{"input_tokens":{LARGEST_COUNT},"output_tokens":{LARGEST_COUNT}}}"#);
    assert_eq!(read_usage(most.as_bytes()), Ok(Some(usage(LARGEST_COUNT, 0, LARGEST_COUNT))));
}

#[test]
fn an_answer_is_read_without_a_tree() {
    let answer = read_whole(&read("answers", "tools.json")).unwrap();
    let expected = Usage {
        cached_input: 20,
        cache_write: 4,
        cache_write_1h: 6,
        reasoning: 100,
        ..usage(2095, 0, 503)
    };
    assert_eq!(answer.usage, Ok(Some(expected)));
    let delivered = answer.delivered;
    assert_eq!((delivered.text.bytes, delivered.reasoning.bytes), (11, 11));
    assert!(delivered.tool_calls.bytes > 30 && delivered.other && !answer.is_error);
    assert!(read_whole(&read("answers", "error.json")).unwrap().is_error);
    assert!(read_whole(br#"{"error":{"message":"no"}}"#).unwrap().is_error);
    assert!(read_whole(b"[").is_err());
}
