//! Limits that do not leave enough, or that are reached.

use serde_json::json;

use super::Provoked;
use crate::stage::{Stage, request, scripted};

pub(super) async fn quota() -> anyhow::Result<Provoked> {
    with_key(Stage::with_key(json!({"quota": "0.000001"})).await?)
}

pub(super) async fn day() -> anyhow::Result<Provoked> {
    with_key(Stage::with_key(json!({"daily_limit": {"amount": "0.000001"}})).await?)
}

pub(super) async fn month() -> anyhow::Result<Provoked> {
    with_key(Stage::with_key(json!({"monthly_limit": {"amount": "0.000001"}})).await?)
}

pub(super) async fn balance() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let poor = stage.user("0.000001").await?;
    let key = stage.world.key(json!({"owner": poor})).await?;
    Ok(Provoked::chat(stage.client.bearer(&key.secret)?, &request(json!({})), stage))
}

pub(super) async fn rate() -> anyhow::Result<Provoked> {
    let stage = Stage::with_key(json!({"rate_limits": {"requests_per_minute": 1}})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    with_key(stage)
}

pub(super) async fn parallel() -> anyhow::Result<Provoked> {
    let stage = Stage::with_key(json!({"rate_limits": {"parallel": 1}})).await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 200});
    let under_way = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({})), (under_way, stage)))
}

fn with_key(stage: Stage) -> anyhow::Result<Provoked> {
    Ok(Provoked::chat(stage.holder()?, &request(json!({})), stage))
}
