//! One scripted usage is booked alike in every dialect, and reported in each one's own shape.

use serde_json::{Value, json};
use testkit::client::Event;
use testkit::provider::{TokenCounts, Usage};

use super::stage::{Stage, documents, streams};

const USAGE: Usage =
    Usage { input: 100, cached: 40, cache_write: 7, cache_write_1h: 3, output: 50, reasoning: 20 };

/// What the dialects say of it: all input, cached, all output, reasoning where it is told apart.
fn reported(usage: &Value) -> (u64, u64, u64, Option<u64>) {
    let count = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64);
    if let Some(input) = count("/cache_creation_input_tokens") {
        let cached = count("/cache_read_input_tokens").unwrap();
        let input = input + cached + count("/input_tokens").unwrap();
        return (input, cached, count("/output_tokens").unwrap(), None);
    }
    if let Some(input) = count("/promptTokenCount") {
        let thoughts = count("/thoughtsTokenCount").unwrap();
        let output = thoughts + count("/candidatesTokenCount").unwrap();
        return (input, count("/cachedContentTokenCount").unwrap(), output, Some(thoughts));
    }
    let either = |one: &str, other: &str| count(one).or_else(|| count(other));
    (
        either("/prompt_tokens", "/input_tokens").unwrap(),
        either("/prompt_tokens_details/cached_tokens", "/input_tokens_details/cached_tokens")
            .unwrap(),
        either("/completion_tokens", "/output_tokens").unwrap(),
        either(
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
        ),
    )
}

fn is_usage(value: &&Value) -> bool {
    value.is_object()
}

/// The last usage of a stream.
fn of_stream(events: &[Event]) -> Value {
    let find = |event: Event| {
        let data = event.json();
        let places = ["/usage", "/response/usage", "/usageMetadata"];
        places.iter().find_map(|place| data.pointer(place).filter(is_usage).cloned())
    };
    events.iter().rev().cloned().find_map(find).unwrap_or_default()
}

#[tokio::test]
async fn all_dialects_book_alike() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"usage": USAGE})).await?;
    let mut on_the_wire = Vec::new();
    for (path, body) in documents() {
        let answer = stage.post(path, &body).await?;
        on_the_wire.push(answer.get("usage").or(answer.get("usageMetadata")).unwrap().clone());
    }
    for (path, body) in streams() {
        on_the_wire.push(of_stream(&stage.events(path, &body).await?));
    }
    let books = stage.books()?;
    let mut dialects = Vec::new();
    for (booked, wire) in books.requests.values().zip(&on_the_wire) {
        let entry = booked.usage().unwrap();
        assert_eq!(entry.usage, USAGE);
        let counts = TokenCounts { prompt: 150, cached: 40, completion: 50, reasoning: 20 };
        assert_eq!(entry.tokens, counts);
        assert_eq!(entry.reported.as_ref(), Some(wire));
        let (input, cached, output, reasoning) = reported(wire);
        assert_eq!((input, cached, output), (150, 40, 50), "{wire}");
        assert!(reasoning.is_none_or(|reasoning| reasoning == 20), "{wire}");
        dialects.push(entry.dialect.as_str());
    }
    assert_eq!(dialects, ["chat", "responses", "messages", "gemini"].repeat(2));
    assert_eq!(books.totals(), stage.provider.totals());
    assert_eq!(books.totals().usage.cache_write_1h, 8 * 3);
    Ok(())
}

#[tokio::test]
async fn lines_without_the_newer_fields_still_read() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.jsonl");
    let line = r#"{"request":1,"state":"finished","call":null,"request_id":null,"model":"m","stream":false,"tokens":{"prompt":1,"cached":0,"completion":2,"reasoning":0}}"#;
    std::fs::write(&path, format!("{line}\n"))?;
    assert_eq!(testkit::provider::Books::read(&path)?.totals().finished, 1);
    Ok(())
}
