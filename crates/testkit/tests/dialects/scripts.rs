//! The same scripts in every dialect: errors, cuts, usage left out and lied about, pace.

use serde_json::{Value, json};
use testkit::provider::State;

use super::stage::{MESSAGES, Stage, documents, message, streams};

#[tokio::test]
async fn errors_have_the_dialects_shape() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"error": {"status": 429, "retry_after": "7"}})).await?;
    let kinds = [
        "/error/type rate_limit_error",
        "/error/type rate_limit_error",
        "/error/type rate_limit_error",
        "/error/status RESOURCE_EXHAUSTED",
    ];
    for ((path, body), kind) in documents().into_iter().zip(kinds) {
        let answer = stage.client.post_json(path, &body).await?;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("7")));
        let (pointer, expected) = kind.split_once(' ').unwrap();
        assert_eq!(answer.json()?.pointer(pointer), Some(&json!(expected)), "{path}");
        assert_eq!(message(&answer), "Simulated error 429.");
    }
    stage.script(json!({"error": {"status": 529}}))?;
    let answer = stage.client.post_json(MESSAGES, &documents()[2].1).await?;
    assert_eq!(answer.json()?["error"]["type"], "overloaded_error");
    Ok(())
}

#[tokio::test]
async fn cuts_are_real_and_booked() -> anyhow::Result<()> {
    let places = [
        ("after_head", vec![State::Received, State::Cut]),
        ("mid_stream", vec![State::Received, State::Cut]),
        ("before_usage", vec![State::Received, State::Cut]),
        ("after_usage", vec![State::Received, State::UsageSent, State::Cut]),
    ];
    for (at, states) in places {
        for (path, body) in streams() {
            let stage = Stage::scripted(json!({"output_tokens": 4, "cut": {"at": at}})).await?;
            let mut open = stage.client.stream(path, &body).await?;
            let (_, whole) = open.until_end_or_break().await;
            assert!(!whole, "{at} {path}");
            let books = stage.books()?;
            assert_eq!(books.requests[&1].states(), states, "{at} {path}");
            let sent = if at == "mid_stream" { Some(2) } else { None };
            if let Some(sent) = sent {
                assert_eq!(books.requests[&1].last().unwrap().usage.output, sent, "{path}");
            }
        }
        for (path, body) in documents() {
            let stage = Stage::scripted(json!({"cut": {"at": at}})).await?;
            assert!(stage.client.post_json(path, &body).await.is_err(), "{at} {path}");
            assert_eq!(stage.books()?.requests[&1].states(), states, "{at} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn usage_can_be_left_out() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"omit_usage": true})).await?;
    for (path, body) in documents() {
        let answer = stage.post(path, &body).await?;
        assert_eq!((answer.get("usage"), answer.get("usageMetadata")), (None, None), "{path}");
    }
    for (path, body) in streams() {
        let events = stage.events(path, &body).await?;
        let text: String = events.iter().map(|event| event.data.as_str()).collect();
        assert!(!text.contains("\"usage\":{") && !text.contains("usageMetadata"), "{path}");
    }
    assert_eq!(stage.provider.totals().usage_sent, 0);
    assert_eq!(stage.provider.totals().finished, 8);
    Ok(())
}

#[tokio::test]
async fn usage_can_be_a_lie() -> anyhow::Result<()> {
    let lie = json!({"lie": 1});
    let stage = Stage::scripted(json!({"usage_override": lie, "output_tokens": 3})).await?;
    for (path, body) in documents().into_iter().chain(streams()) {
        let answer = stage.client.post_json(path, &body).await?.success()?.text();
        assert!(answer.contains("{\"lie\":1}"), "{path}: {answer}");
    }
    for booked in stage.books()?.requests.values() {
        let usage = booked.usage().unwrap();
        assert_eq!((usage.reported.as_ref(), usage.usage.output), (Some(&lie), 3));
    }
    Ok(())
}

#[tokio::test]
async fn an_error_event_ends_a_stream() -> anyhow::Result<()> {
    let script = json!({"error_event_mid_stream": {"after_chunks": 2, "message": "Too much."}});
    let stage = Stage::scripted(script).await?;
    for (path, body) in streams() {
        let events = stage.events(path, &body).await?;
        let last: Value = events.last().unwrap().json();
        assert!(last.to_string().contains("Too much."), "{path}: {last}");
    }
    assert_eq!(stage.provider.totals().failed, 4);
    Ok(())
}

#[tokio::test]
async fn bytes_arrive_the_same_however_small_the_writes() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    for (path, body) in documents() {
        stage.script(json!({"output_tokens": 2, "split_bytes": 3, "delay_ms": 1}))?;
        let answer = stage.post(path, &body).await?;
        assert!(answer.to_string().contains("Hello! I "), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_request_can_carry_its_own_script() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let client = stage.client.header("x-simulate", r#"{"answer": "As told."}"#)?;
    for (path, body) in documents() {
        let answer = client.post_json(path, &body).await?.success()?.text();
        assert!(answer.contains("As told."), "{path}: {answer}");
    }
    let mut body = documents()[2].1.clone();
    body["metadata"] = json!({"user_id": "a", "simulate": {"answer": "Own words."}});
    let answer = stage.post(MESSAGES, &body).await?;
    assert_eq!(answer["content"][0]["text"], "Own words.");
    assert_eq!(stage.books()?.by_call("a").len(), 1);
    Ok(())
}
