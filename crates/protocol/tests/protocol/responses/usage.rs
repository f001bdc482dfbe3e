//! Usage objects and whole answers.

use domain::usage::Usage;
use protocol::observe::{AbsurdUsage, LARGEST_COUNT};
use protocol::openai_responses::read_usage;
use protocol::openai_responses::response::read_whole;

fn usage(input: u64, cached_input: u64, output: u64, reasoning: u64) -> Usage {
    Usage { input, cached_input, output, reasoning, ..Usage::default() }
}

#[test]
fn classes_do_not_overlap() {
    let cases = [
        (r#"{"input_tokens":10,"output_tokens":5,"total_tokens":15}"#, usage(10, 0, 5, 0)),
        (r#"{"input_tokens":0,"output_tokens":0}"#, usage(0, 0, 0, 0)),
        (
            r#"{"input_tokens":10,"output_tokens":5,"input_tokens_details":{"cached_tokens":4},
                "output_tokens_details":{"reasoning_tokens":3}}"#,
            usage(6, 4, 5, 3),
        ),
        (
            r#"{"input_tokens":10,"output_tokens":5,"input_tokens_details":null,"output_tokens_details":{"reasoning_tokens":null}}"#,
            usage(10, 0, 5, 0),
        ),
        (r#"{"input_tokens":10,"total_tokens":15}"#, usage(10, 0, 5, 0)),
        (
            r#"{"input_tokens":10,"output_tokens":5,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2}}"#,
            Usage { cache_write: 2, ..usage(5, 3, 5, 0) },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Ok(Some(expected)), "{text}");
    }
    for text in ["null", "{}", r#"{"input_tokens":null,"output_tokens":null}"#] {
        assert_eq!(read_usage(text.as_bytes()), Ok(None), "{text}");
    }
}

#[test]
fn what_cannot_be_true_is_absurd() {
    let count = AbsurdUsage::NotACount("input_tokens");
    let cases = [
        (r#"{"input_tokens":-1,"output_tokens":5}"#, count),
        (r#"{"input_tokens":1.5,"output_tokens":5}"#, count),
        (r#"{"input_tokens":"10","output_tokens":5}"#, count),
        (r#"{"input_tokens":9007199254740993,"output_tokens":5}"#, count),
        (
            r#"{"input_tokens":3,"output_tokens":5,"input_tokens_details":{"cached_tokens":4}}"#,
            AbsurdUsage::MoreCachedThanRead,
        ),
        (r#"{"input_tokens":3}"#, AbsurdUsage::Missing("output_tokens")),
        (r#"{"output_tokens":3,"total_tokens":2}"#, AbsurdUsage::Missing("input_tokens")),
        ("[]", AbsurdUsage::NotAnObject("usage")),
        (
            r#"{"input_tokens":3,"output_tokens":5,"input_tokens_details":[]}"#,
            AbsurdUsage::NotAnObject("input_tokens_details"),
        ),
        (r#"{"input_tokens":3"#, AbsurdUsage::NotJson),
    ];
    for (text, expected) in cases {
        assert_eq!(read_usage(text.as_bytes()), Err(expected), "{text}");
    }
    let most = format!(r#"{{"input_tokens":{LARGEST_COUNT},"output_tokens":{LARGEST_COUNT}}}"#);
    assert_eq!(read_usage(most.as_bytes()), Ok(Some(usage(LARGEST_COUNT, 0, LARGEST_COUNT, 0))));
}

#[test]
fn an_answer_is_read_without_a_tree() {
    let body = r#"{"id":"resp_1","object":"response","status":"completed","error":null,"output":[
        {"type":"reasoning","summary":[{"type":"summary_text","text":"abc"}],"encrypted_content":"gAAAA"},
        {"type":"message","content":[{"type":"output_text","text":"Hé \"you\""},{"type":"refusal","refusal":"no"}]},
        {"type":"function_call","name":"f","arguments":"{}"},
        {"type":"custom_tool_call","name":"g","input":"xy"}],
        "usage":{"input_tokens":7,"output_tokens":2,"total_tokens":9}}"#;
    let answer = read_whole(body.as_bytes()).unwrap();
    assert_eq!(answer.usage, Ok(Some(usage(7, 0, 2, 0))));
    assert_eq!(answer.delivered.text.bytes, "Hé \"you\"no".len() as u64);
    assert_eq!(answer.delivered.text.non_ascii_bytes, 2);
    assert_eq!((answer.delivered.reasoning.bytes, answer.delivered.tool_calls.bytes), (3, 6));
    assert!(!answer.is_error && !answer.delivered.other);
}

#[test]
fn an_answer_that_failed_still_tells_its_usage() {
    let body = br#"{"status":"failed","error":{"code":"server_error","message":"no"},"output":[],
        "usage":{"input_tokens":7,"output_tokens":2}}"#;
    let answer = read_whole(body).unwrap();
    assert!(answer.is_error);
    assert_eq!(answer.usage, Ok(Some(usage(7, 0, 2, 0))));
    assert!(read_whole(br#"{"error":{"message":"no"}}"#).unwrap().is_error);
    assert_eq!(read_whole(br#"{"output":[],"usage":null}"#).unwrap().usage, Ok(None));
    let image = br#"{"output":[{"type":"image_generation_call","result":"aGk="}]}"#;
    assert!(read_whole(image).unwrap().delivered.other);
    assert!(read_whole(b"[]").is_ok() && read_whole(b"{").is_err());
}
