//! Channels that fail, each in its way.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::Provoked;
use crate::stage::{Stage, request, scripted};

pub(super) async fn rate_limited() -> anyhow::Result<Provoked> {
    answered_with(json!({"error": {"status": 429, "retry_after": "7"}})).await
}

pub(super) async fn failing() -> anyhow::Result<Provoked> {
    answered_with(json!({"error": {"status": 500}})).await
}

pub(super) async fn rejecting() -> anyhow::Result<Provoked> {
    let body = json!({"error": {"message": "tools[0] is wrong", "type": "invalid_request_error"}});
    answered_with(json!({"error": {"status": 400, "body": body}})).await
}

pub(super) async fn wrong_secret() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.price("sim-large", json!({"input": 1, "output": 2})).await?;
    stage.channel_with(json!({"models": ["sim-large"], "secret": "not-the-secret"})).await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({"model": "sim-large"})), stage))
}

pub(super) async fn silent() -> anyhow::Result<Provoked> {
    let stage = Stage::set_with(|gateway| gateway.args(["--first-byte-timeout", "1"])).await?;
    let body = scripted(json!({"hang": true}), json!({}));
    Ok(Provoked::chat(stage.holder()?, &body, stage))
}

/// Five failures in a row open the circuit of the model's only channel.
pub(super) async fn resting() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.price("sim-large", json!({"input": 1, "output": 2})).await?;
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let channel = json!({"models": ["sim-large"], "base_url": format!("http://{nobody}")});
    stage.channel_with(channel).await?;
    let body = request(json!({"model": "sim-large"}));
    for _ in 0..5 {
        stage.ask(&body).await?;
    }
    Ok(Provoked::chat(stage.holder()?, &body, stage))
}

async fn answered_with(script: Value) -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    Ok(Provoked::chat(stage.holder()?, &scripted(script, json!({})), stage))
}
