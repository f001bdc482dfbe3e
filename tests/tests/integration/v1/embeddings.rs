//! `POST /v1/embeddings`: only input is paid for.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::Chat;
use serde_json::{Value, json};

use crate::stage::crossing::{Crossing, model};

const PATH: &str = "/v1/embeddings";

#[tokio::test]
async fn only_input_is_billed() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    for (input, inputs, tokens) in [
        (json!("one two three"), 1, 6),
        (json!(["one two three", "four"]), 2, 10),
        (json!([101, 102, 103]), 1, 6),
        (json!([[101, 102], [103]]), 2, 9),
    ] {
        let body = json!({"model": model(Chat), "input": input, "dimensions": 8});
        let answer = crossing.caller(Chat)?.post_json(PATH, &body).await?.success()?;
        let list = answer.json()?;
        ensure!(list["data"].as_array().map(Vec::len) == Some(inputs), "{list}");
        ensure!(list["data"][0]["embedding"].as_array().map(Vec::len) == Some(8), "{list}");
        ensure!(list["usage"]["prompt_tokens"] == tokens, "{list}");
        let id = answer.header("x-request-id").context("no id")?;
        let usage = crossing.billed(id, Chat, Chat).await?;
        ensure!(usage.input == tokens && usage.output == 0, "{usage:?}");
        let seen = crossing.last_seen()?;
        ensure!(seen.path == PATH && seen.json() == body, "{} {}", seen.path, seen.json());
    }
    crossing.audit().await
}

/// OpenAI's SDKs ask for base64, which passes as it is.
#[tokio::test]
async fn numbers_in_base64() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let body = json!({"model": model(Chat), "input": "x", "encoding_format": "base64"});
    let answer = crossing.caller(Chat)?.post_json(PATH, &body).await?.success()?.json()?;
    let embedding = answer["data"][0]["embedding"].as_str().context("no text")?;
    ensure!(embedding.len() == 1_536 * 4 * 4 / 3, "{}", embedding.len());
    crossing.audit().await
}

#[tokio::test]
async fn wrong_bodies_are_refused() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    for (body, field) in [
        (json!({"input": "x"}), "model"),
        (json!({"model": 7, "input": "x"}), "model"),
        (json!({"model": model(Chat)}), "input"),
    ] {
        let answer = crossing.caller(Chat)?.post_json(PATH, &body).await?;
        ensure!(answer.status == 400, "{body}: {}", answer.text());
        let named: Value = answer.json()?["error"]["param"].clone();
        ensure!(named == field, "{body}: {}", answer.text());
    }
    ensure!(crossing.provider.totals().received == 0);
    crossing.audit().await
}
