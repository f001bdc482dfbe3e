//! Requests that ask for what there is not, or not for this key.

use http::Method;
use serde_json::json;

use super::Provoked;
use crate::stage::{Stage, request};

pub(super) async fn closed_group() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.management.put("/api/v1/groups/vip", &json!({"multiplier": 2})).await?.success()?;
    stage.edit_user(json!({"groups": ["default", "vip"]})).await?;
    stage.edit_key(json!({"groups": ["vip"]})).await?;
    stage.edit_user(json!({"groups": ["default"]})).await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({})), stage))
}

pub(super) async fn model_off_the_list() -> anyhow::Result<Provoked> {
    let stage = Stage::with_key(json!({"allowed_models": ["sim-large", "gpt-*"]})).await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({})), stage))
}

pub(super) async fn unknown_model() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({"model": "nothing-1"})), stage))
}

pub(super) async fn unpriced_model() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.channel_with(json!({"models": ["sim-free"]})).await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({"model": "sim-free"})), stage))
}

pub(super) async fn another_kind_of_model() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.price("claude", json!({"input": 1, "output": 2})).await?;
    stage.channel_with(json!({"provider": "anthropic", "models": ["claude"]})).await?;
    let body = json!({"model": "claude", "input": "x"});
    let provoked = Provoked::chat(stage.holder()?, &body, stage);
    Ok(Provoked { path: "/v1/embeddings", ..provoked })
}

pub(super) async fn unknown_route() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let provoked = Provoked::chat(stage.holder()?, &request(json!({})), stage);
    Ok(Provoked { path: "/v1/nowhere", ..provoked })
}

pub(super) async fn somebody_elses_response() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let provoked = Provoked::chat(stage.holder()?, &json!({}), stage);
    let path = "/v1/responses/resp_68af4030592c81938ec0a5fbab4a3e9f";
    Ok(Provoked { method: Method::GET, path, body: Vec::new(), ..provoked })
}

pub(super) async fn websocket() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let provoked = Provoked::chat(stage.holder()?, &json!({}), stage);
    Ok(Provoked { method: Method::GET, path: "/v1/responses", body: Vec::new(), ..provoked })
}

pub(super) async fn wrong_method() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let provoked = Provoked::chat(stage.holder()?, &json!({}), stage);
    Ok(Provoked { method: Method::GET, body: Vec::new(), ..provoked })
}

pub(super) async fn wrong_type() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({"messages": "hello"})), stage))
}

pub(super) async fn too_much_thought() -> anyhow::Result<Provoked> {
    let stage = Stage::with_key(json!({"max_tokens_per_request": 100})).await?;
    let body = request(json!({"thinking": {"type": "enabled", "budget_tokens": 5000}}));
    Ok(Provoked::chat(stage.holder()?, &body, stage))
}

pub(super) async fn too_large() -> anyhow::Result<Provoked> {
    let stage = Stage::set_with(|gateway| gateway.args(["--max-body-bytes", "1000"])).await?;
    Ok(Provoked::chat(stage.holder()?, &request(json!({"user": "x".repeat(1000)})), stage))
}

pub(super) async fn repeated() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("idempotency-key", "once")?;
    client.post_json("/v1/chat/completions", &request(json!({}))).await?.success()?;
    Ok(Provoked::chat(client, &request(json!({})), stage))
}

pub(super) async fn reused() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("idempotency-key", "once")?;
    client.post_json("/v1/chat/completions", &request(json!({}))).await?.success()?;
    Ok(Provoked::chat(client, &request(json!({"max_tokens": 99})), stage))
}
