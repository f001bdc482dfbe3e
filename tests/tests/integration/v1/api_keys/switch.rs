//! `POST /v1/api-keys/{id}/{disable,enable,revoke}` and `DELETE`: in force when answered.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{Stage, eventually, nanos, request, scripted};

#[tokio::test]
async fn a_switch_is_in_force_when_it_is_answered() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for _ in 0..20 {
        stage.switch_key("disable").await?;
        let refused = stage.ask(&request(json!({}))).await?;
        ensure!(refused.code().as_deref() == Some("key_disabled"), "{}", refused.text());
        stage.switch_key("enable").await?;
        stage.ask(&request(json!({}))).await?.success()?;
    }
    stage.audit().await
}

/// Switching a key off lets its calls under way finish.
#[tokio::test]
async fn a_disabled_keys_calls_finish() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let slow = json!({"output_tokens": 20, "chunk_delay_ms": 20});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    stage.switch_key("disable").await?;
    let events = stream.rest().await?;
    ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
    stage.calls_when(1).await?;
    stage.audit().await
}

/// Revoking cuts what runs; what was delivered is charged.
#[tokio::test]
async fn a_revoked_keys_stream_is_cut() -> anyhow::Result<()> {
    ended("revoke").await
}

#[tokio::test]
async fn a_deleted_keys_stream_is_cut() -> anyhow::Result<()> {
    ended("delete").await
}

async fn ended(how: &str) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    for _ in 0..5 {
        stream.next().await?;
    }
    let path = format!("/v1/api-keys/{}", stage.key.id);
    if how == "delete" {
        let deleted = stage.management.delete(&path).await?.success()?.json()?;
        ensure!(deleted == json!({"id": stage.key.id, "deleted": true}), "{deleted}");
    } else {
        stage.switch_key("revoke").await?;
    }
    let (events, _) = stream.until_end_or_break().await;
    ensure!(events.len() < 40, "{} events came after it", events.len());
    let last = events.last().context("no event")?.json();
    ensure!(last["error"]["code"] == "key_revoked", "{last}");
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    let call = stage.only_call().await?;
    ensure!(call["usage_source"] == "estimated" && nanos(&call["charged"]) > 0, "{call}");
    let read = stage.management.get(&path).await?.status;
    ensure!(read == if how == "delete" { 404 } else { 200 }, "{read}");
    eventually("the upstream is left", || async { Ok(stage.provider.totals().client_gone == 1) })
        .await?;
    stage.audit().await
}

/// Nothing revives a revoked key.
#[tokio::test]
async fn a_revoked_key_stays_revoked() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.switch_key("revoke").await?;
    let path = format!("/v1/api-keys/{}", stage.key.id);
    stage.management.post_json(&format!("{path}/enable"), &json!({})).await?;
    stage.management.patch(&path, &json!({"expires_at": null})).await?;
    ensure!(stage.key_state(&stage.key).await?["status"] == "revoked");
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    Ok(())
}

/// It also ends a JSON answer that is still being waited for.
#[tokio::test]
async fn a_revoked_keys_waiting_call_is_cut() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = scripted(json!({"output_tokens": 20, "delay_ms": 4000}), json!({}));
    let revoking = async {
        eventually("the call is at the provider", || async {
            Ok(stage.provider.totals().received == 1)
        })
        .await?;
        stage.switch_key("revoke").await
    };
    let (answer, revoked) = tokio::join!(stage.ask(&body), revoking);
    revoked?;
    let answer = answer?;
    ensure!(answer.code().as_deref() == Some("key_revoked"), "it was served: {}", answer.text());
    stage.calls_when(1).await?;
    stage.audit().await
}
