//! Requests a minute, tokens a minute, calls under way at once.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{Stage, eventually, request, scripted};

#[tokio::test]
async fn three_a_minute_come_at_once_and_the_fourth_waits() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"rate_limits": {"requests_per_minute": 3}})).await?;
    for _ in 0..3 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.status == 429 && refused.code().as_deref() == Some("rate_limited"));
    let wait: u64 = refused.header("retry-after").context("no retry-after")?.parse()?;
    ensure!((10..=20).contains(&wait), "one comes every 20 seconds, not in {wait}");
    stage.audit().await
}

/// One key's rate is not another's.
#[tokio::test]
async fn rates_are_a_keys_own() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"rate_limits": {"requests_per_minute": 1}})).await?;
    let other = stage.world.key(json!({"owner": stage.user})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    ensure!(stage.ask(&request(json!({}))).await?.status == 429);
    stage.chat(&other, &request(json!({}))).await?.success()?;
    Ok(())
}

/// The reason of a refusal stays the same however often the call is tried.
#[tokio::test]
async fn a_refusal_is_never_throttled_into_another() -> anyhow::Result<()> {
    let limits = json!({"quota": "0.000001", "rate_limits": {"requests_per_minute": 2}});
    let stage = Stage::with_key(limits).await?;
    for _ in 0..5 {
        let refused = stage.ask(&request(json!({}))).await?;
        ensure!(refused.code().as_deref() == Some("key_quota_exhausted"), "{}", refused.text());
    }
    Ok(())
}

/// Refused calls take nothing from a rate.
#[tokio::test]
async fn refused_calls_leave_the_rate_alone() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"rate_limits": {"requests_per_minute": 2}})).await?;
    for _ in 0..4 {
        stage.ask(&request(json!({"model": "nothing"}))).await?;
        stage.ask(&request(json!({"messages": 7}))).await?;
    }
    stage.edit_key(json!({"quota": "0.000001"})).await?;
    for _ in 0..4 {
        stage.ask(&request(json!({}))).await?;
    }
    stage.edit_key(json!({"quota": null})).await?;
    for _ in 0..2 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    Ok(())
}

/// The actual tokens count, not those that were estimated at admission.
#[tokio::test]
async fn tokens_a_minute_are_corrected_to_the_actual() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"rate_limits": {"tokens_per_minute": 50}})).await?;
    let body = scripted(json!({"output_tokens": 20}), json!({}));
    for _ in 0..2 {
        stage.ask(&body).await?.success()?;
    }
    let refused = stage.ask(&body).await?;
    ensure!(refused.code().as_deref() == Some("rate_limited"), "{}", refused.text());
    ensure!(refused.text().contains("50 tokens a minute"), "{}", refused.text());
    ensure!(refused.header("retry-after").is_some());
    Ok(())
}

#[tokio::test]
async fn a_parallel_call_that_ends_makes_room() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"rate_limits": {"parallel": 2}})).await?;
    let slow =
        scripted(json!({"output_tokens": 30, "chunk_delay_ms": 50}), json!({"stream": true}));
    let mut first = stage.ask_stream(&slow).await?;
    let mut second = stage.ask_stream(&slow).await?;
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("too_many_parallel_requests"), "{}", refused.text());
    first.rest().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    second.rest().await?;
    stage.calls_when(3).await?;
    stage.audit().await
}

/// A client that leaves does not keep its place for longer than its answer is read on.
#[tokio::test]
async fn a_client_that_leaves_gives_its_place_back() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"rate_limits": {"parallel": 1}})).await?;
    let slow = json!({"output_tokens": 20, "chunk_delay_ms": 20});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    drop(stream);
    eventually("the place is free", || async {
        Ok(stage.ask(&request(json!({}))).await?.status == 200)
    })
    .await?;
    stage.calls_when(2).await?;
    stage.audit().await
}
