//! `GET /v1/models` and `GET /v1/models/{id}`: only what the key may call.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn a_key_sees_what_it_may_call() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("sim-large", json!({"input": 1, "output": 2})).await?;
    stage.world.channel(&["sim-large", "sim-unpriced"]).await?;
    stage.management.put("/api/v1/groups/vip", &json!({"multiplier": 2})).await?.success()?;
    stage.price("sim-vip", json!({"input": 1, "output": 2})).await?;
    stage.channel_with(json!({"models": ["sim-vip"], "groups": ["vip"]})).await?;
    let listed = async || -> anyhow::Result<Vec<Value>> {
        let list = stage.holder()?.get("/v1/models").await?.success()?.json()?;
        let data = list["data"].as_array().cloned().unwrap_or_default();
        Ok(data.into_iter().map(|model| model["id"].clone()).collect())
    };
    ensure!(listed().await? == ["sim-large", "sim-small"]);
    stage.edit_key(json!({"allowed_models": ["*-large"]})).await?;
    ensure!(listed().await? == ["sim-large"]);
    stage.edit_user(json!({"groups": ["default", "vip"]})).await?;
    stage.edit_key(json!({"allowed_models": [], "groups": ["vip"]})).await?;
    ensure!(listed().await? == ["sim-vip"]);
    Ok(())
}

#[tokio::test]
async fn one_model_is_shown_if_it_may_be_called() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("vendor/model:1", json!({"input": 1, "output": 2})).await?;
    stage.world.channel(&["vendor/model:1"]).await?;
    for id in ["sim-small", "vendor/model:1"] {
        let model = stage.holder()?.get(&format!("/v1/models/{id}")).await?.success()?.json()?;
        ensure!(model["id"] == id && model["object"] == "model", "{model}");
    }
    let unknown = stage.holder()?.get("/v1/models/nothing").await?;
    ensure!(unknown.status == 404 && unknown.code().as_deref() == Some("model_not_found"));
    let none = stage.client.get("/v1/models").await?;
    ensure!(none.status == 401 && none.code().as_deref() == Some("missing_key"));
    Ok(())
}

/// An exhausted key may still read; an ended one may not.
#[tokio::test]
async fn an_exhausted_key_may_still_read() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "0"})).await?;
    for path in ["/v1/models", "/v1/usage", "/v1/key"] {
        let answer = stage.holder()?.get(path).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.text());
    }
    stage.switch_key("disable").await?;
    for path in ["/v1/models", "/v1/usage", "/v1/key"] {
        let answer = stage.holder()?.get(path).await?;
        ensure!(answer.status == 401, "{path}: {}", answer.text());
    }
    Ok(())
}
