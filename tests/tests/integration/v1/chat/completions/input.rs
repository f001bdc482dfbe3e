//! Bodies that are wrong: each is refused, says why, reaches no upstream and costs nothing.

use anyhow::ensure;
use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::stage::{Stage, request};

const PATH: &str = "/v1/chat/completions";

/// The body, and the field that the refusal must name; none: the whole body.
async fn refused(cases: Vec<(Bytes, Option<&str>)>) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for (body, field) in cases {
        let shown: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        let answer = stage.holder()?.send(Method::POST, PATH, body).await?;
        ensure!(answer.status == 400, "{shown}: {} {}", answer.status, answer.text());
        ensure!(answer.code().as_deref() == Some("invalid_request"), "{}", answer.text());
        let named = answer.json()?["error"]["param"].clone();
        ensure!(named == json!(field), "{shown}: {}", answer.text());
    }
    ensure!(stage.provider.totals().received == 0, "{:?}", stage.provider.totals());
    stage.ask(&request(json!({}))).await?.success()?;
    stage.audit().await
}

fn with(fields: &str) -> Bytes {
    let body = r#"{"model":"sim-small","messages":[{"role":"user","content":"x"}]"#;
    format!("{body},{fields}}}").into()
}

#[tokio::test]
async fn what_is_not_json_is_refused() -> anyhow::Result<()> {
    let texts: [&[u8]; 12] = [
        b"",
        b"   ",
        b"hello",
        b"[]",
        b"null",
        b"\"text\"",
        b"{",
        b"{\"model\":\"sim-small\"",
        b"{\"model\":\"sim-small\",\"messages\":[{}]}x",
        b"{'model':'sim-small'}",
        b"{\"model\":\"sim-small\",\"messages\":[{\"content\":\"\xff\"}]}",
        b"model=sim-small",
    ];
    refused(texts.into_iter().map(|text| (Bytes::from_static(text), None)).collect()).await
}

#[tokio::test]
async fn wrong_types_are_refused_by_name() -> anyhow::Result<()> {
    let whole = |text: &'static str, field| (Bytes::from_static(text.as_bytes()), Some(field));
    refused(vec![
        whole(r#"{"messages":[{"role":"user","content":"x"}]}"#, "model"),
        whole(r#"{"model":"sim-small"}"#, "messages"),
        whole(r#"{"model":7,"messages":[{}]}"#, "model"),
        whole(r#"{"model":null,"messages":[{}]}"#, "model"),
        whole(r#"{"model":"","messages":[{}]}"#, "model"),
        whole(r#"{"model":"sim-small","messages":{}}"#, "messages"),
        whole(r#"{"model":"sim-small","messages":[]}"#, "messages"),
        (with(r#""stream":"true""#), Some("stream")),
        (with(r#""stream":1"#), Some("stream")),
        (with(r#""max_tokens":"100""#), Some("max_tokens")),
        (with(r#""max_tokens":-1"#), Some("max_tokens")),
        (with(r#""max_tokens":0"#), Some("max_tokens")),
        (with(r#""max_tokens":1.5"#), Some("max_tokens")),
        (with(r#""max_tokens":9223372036854775808"#), Some("max_tokens")),
        (with(r#""max_tokens":1e308"#), Some("max_tokens")),
        (with(r#""max_completion_tokens":[]"#), Some("max_completion_tokens")),
        (with(r#""n":0"#), Some("n")),
        (with(r#""n":-3"#), Some("n")),
        (with(r#""n":129"#), Some("n")),
        (with(r#""n":"2""#), Some("n")),
        (with(r#""best_of":1000"#), Some("best_of")),
        (with(r#""stream_options":true"#), Some("stream_options")),
        (with(r#""stream_options":{"include_usage":"yes"}"#), Some("stream_options.include_usage")),
    ])
    .await
}

/// A field that is read may stand once, its escapes resolved: the upstream could read the other.
#[tokio::test]
async fn duplicates_of_what_is_read_are_refused() -> anyhow::Result<()> {
    refused(vec![
        (with(r#""model":"sim-large""#), Some("model")),
        (with(r#""model":"sim-small""#), Some("model")),
        (with(r#""\u006dodel":"sim-large""#), Some("model")),
        (with(r#""messages":[{"role":"user","content":"y"}]"#), Some("messages")),
        (with(r#""m\u0065ssages":[{"role":"user","content":"y"}]"#), Some("messages")),
        (with(r#""max_tokens":1,"max_tokens":100000"#), Some("max_tokens")),
        (with(r#""max_tokens":1,"max_\u0074okens":100000"#), Some("max_tokens")),
        (with(r#""n":1,"n":128"#), Some("n")),
        (with(r#""stream":false,"stream":true"#), Some("stream")),
        (with(r#""stream_options":{},"stream_options":{}"#), Some("stream_options")),
        (
            with(r#""stream_options":{"include_usage":true,"include_\u0075sage":false}"#),
            Some("stream_options.include_usage"),
        ),
    ])
    .await
}

#[tokio::test]
async fn nesting_without_end_is_refused() -> anyhow::Result<()> {
    let deep = |depth: usize| with(&format!("\"x\":{}1{}", "[".repeat(depth), "]".repeat(depth)));
    refused(vec![(deep(200), None), (deep(100_000), None), ("[".repeat(1 << 20).into(), None)])
        .await
}

#[tokio::test]
async fn nesting_that_people_use_is_taken() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = with(&format!("\"max_tokens\":50,\"x\":{}1{}", "[".repeat(60), "]".repeat(60)));
    stage.holder()?.send(Method::POST, PATH, body).await?.success()?;
    Ok(())
}

/// Input that is not in the body has no bound, unless the model's longest input is known.
#[tokio::test]
async fn input_that_is_not_in_the_body_needs_a_context_window() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let search = request(json!({"web_search_options": {}}));
    let answer = stage.ask(&search).await?;
    ensure!(answer.code().as_deref() == Some("invalid_request"), "{}", answer.text());
    ensure!(answer.text().contains("context_window"), "{}", answer.text());
    let price = json!({"input": 1, "output": 2, "context_window": 8000});
    stage.price(crate::stage::MODEL, price).await?;
    stage.ask(&search).await?.success()?;
    stage.audit().await
}

/// One byte less than the limit is taken, one more is not, announced or not.
#[tokio::test]
async fn the_largest_body_is_exact() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--max-body-bytes", "2000"])).await?;
    let of = |length: usize| {
        let body = request(json!({"user": ""})).to_string();
        body.replace("\"user\":\"\"", &format!("\"user\":\"{}\"", "u".repeat(length - body.len())))
    };
    ensure!(of(2000).len() == 2000);
    stage.holder()?.send(Method::POST, PATH, of(2000)).await?.success()?;
    let refused = stage.holder()?.send(Method::POST, PATH, of(2001)).await?;
    ensure!(refused.status == 413, "{}", refused.text());
    let chunked = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n7d1\r\n{}\r\n0\r\n\r\n",
        stage.key.secret,
        of(2001)
    );
    let patience = crate::stage::PATIENCE;
    let answer =
        testkit::client::raw::exchange(stage.gateway.address, chunked.as_bytes(), patience);
    let refused = crate::stage::wire::answer_in(&answer.await?)?;
    ensure!(refused.status == 413, "{}", refused.text());
    ensure!(stage.provider.totals().received == 1);
    stage.audit().await
}
