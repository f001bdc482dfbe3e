//! `Idempotency-Key`: a call that is under way or done is not made twice.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{Stage, eventually, request, scripted};

const PATH: &str = "/v1/chat/completions";

#[tokio::test]
async fn the_same_call_is_made_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("idempotency-key", "order-1")?;
    let first = client.post_json(PATH, &request(json!({}))).await?.success()?;
    let again = client.post_json(PATH, &request(json!({}))).await?;
    ensure!(again.status == 409 && again.code().as_deref() == Some("idempotency_conflict"));
    let id = first.header("x-request-id").context("no x-request-id")?;
    ensure!(again.text().contains(id), "{id} is not in {}", again.text());
    ensure!(stage.provider.totals().received == 1);
    stage.audit().await
}

#[tokio::test]
async fn a_call_under_way_is_not_made_again() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("idempotency-key", "order-1")?;
    let slow = json!({"output_tokens": 30, "chunk_delay_ms": 30});
    let body = scripted(slow, json!({"stream": true}));
    let mut stream = client.stream(PATH, &body).await?;
    stream.next().await?;
    let same = client.post_json(PATH, &body).await?;
    ensure!(same.code().as_deref() == Some("idempotency_conflict"), "{}", same.text());
    let other = client.post_json(PATH, &request(json!({}))).await?;
    ensure!(other.status == 422 && other.code().as_deref() == Some("idempotency_mismatch"));
    stream.rest().await?;
    stage.calls_when(1).await?;
    stage.audit().await
}

/// A call that ended uncharged frees its key: failed, refused for money, refused for its form.
#[tokio::test]
async fn an_uncharged_call_frees_its_key() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("idempotency-key", "order-1")?;
    let failing = scripted(json!({"error": {"status": 500}}), json!({}));
    ensure!(client.post_json(PATH, &failing).await?.status == 502);
    stage.edit_key(json!({"quota": "0.000001"})).await?;
    ensure!(client.post_json(PATH, &request(json!({"n": 2}))).await?.status == 402);
    stage.edit_key(json!({"quota": null})).await?;
    ensure!(client.post_json(PATH, &request(json!({"messages": 1}))).await?.status == 400);
    ensure!(client.post_json(PATH, &request(json!({"model": "x"}))).await?.status == 404);
    client.post_json(PATH, &request(json!({}))).await?.success()?;
    ensure!(client.post_json(PATH, &request(json!({}))).await?.status == 409);
    stage.audit().await
}

/// A client that left is charged, so its key stays taken.
#[tokio::test]
async fn a_call_whose_client_left_keeps_its_key() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("idempotency-key", "order-1")?;
    let body =
        scripted(json!({"output_tokens": 20, "chunk_delay_ms": 10}), json!({"stream": true}));
    let mut stream = client.stream(PATH, &body).await?;
    stream.next().await?;
    drop(stream);
    stage.calls_when(1).await?;
    ensure!(client.post_json(PATH, &body).await?.status == 409);
    stage.audit().await
}

#[tokio::test]
async fn an_idempotency_key_is_its_keys_own() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let other = stage.world.key(json!({"owner": stage.user})).await?;
    for secret in [&stage.key.secret, &other.secret] {
        let client = stage.client.bearer(secret)?.header("idempotency-key", "order-1")?;
        client.post_json(PATH, &request(json!({}))).await?.success()?;
    }
    Ok(())
}

#[tokio::test]
async fn an_idempotency_key_has_up_to_255_characters() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let ask = async |key: &str| {
        let client = stage.holder()?.header("idempotency-key", key)?;
        client.post_json(PATH, &request(json!({}))).await
    };
    ensure!(ask(&"k".repeat(255)).await?.status == 200);
    for key in [String::new(), "k".repeat(256)] {
        let refused = ask(&key).await?;
        ensure!(refused.code().as_deref() == Some("invalid_request"), "{}", refused.text());
        ensure!(refused.json()?["error"]["param"] == "idempotency-key", "{}", refused.text());
    }
    Ok(())
}

/// Of many at once, one is made.
#[tokio::test]
async fn of_many_at_once_one_is_made() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = stage.holder()?.header("idempotency-key", "order-1")?;
        calls.spawn(async move { client.post_json(PATH, &request(json!({}))).await });
    }
    let mut served = 0;
    while let Some(answer) = calls.join_next().await {
        let answer = answer??;
        served += usize::from(answer.status == 200);
        ensure!(answer.status == 200 || answer.status == 409, "{}", answer.text());
    }
    ensure!(served == 1, "{served} were made");
    eventually("the provider has one", || async { Ok(stage.provider.totals().finished == 1) })
        .await?;
    stage.audit().await
}
