//! `POST /api/v1/prices/import`.

use anyhow::ensure;
use serde_json::json;

use crate::stage::{MODEL, Stage, request};

/// An imported price is in force when the import is answered.
#[tokio::test]
async fn an_imported_price_is_in_force_at_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage
        .edit_channel(json!({"models": {MODEL: MODEL, "gpt-6-luna": MODEL, "ratio": MODEL}}))
        .await?;
    let body = request(json!({"model": "gpt-6-luna"}));
    ensure!(stage.ask(&body).await?.code().as_deref() == Some("model_not_priced"));
    let import = "/api/v1/prices/import";
    let starter = json!({"source": "starter", "models": ["gpt-6-luna"]});
    let report = stage.management.post_json(import, &starter).await?.success()?.json()?;
    ensure!(report["set"][0]["price"]["input"] == 0.1, "{report}");
    stage.ask(&body).await?.success()?;
    let ratios = json!({"source": "new-api", "data": {"model_ratio": {"ratio": 0.5}, "completion_ratio": {"ratio": 2}}});
    stage.management.post_json(import, &ratios).await?.success()?;
    stage.ask(&request(json!({"model": "ratio"}))).await?.success()?;
    stage.audit().await
}

/// LiteLLM's file is larger than other bodies may be.
#[tokio::test]
async fn a_large_file_is_taken() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let entry = json!({"mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6,
        "supported_endpoints": ["x".repeat(900)]});
    let data: serde_json::Map<_, _> =
        (0..2_000).map(|number| (format!("vendor/model-{number}"), entry.clone())).collect();
    let body = json!({"source": "litellm", "data": data});
    let report =
        stage.management.post_json("/api/v1/prices/import", &body).await?.success()?.json()?;
    ensure!(report["set"].as_array().is_some_and(|set| set.len() == 2_000));
    Ok(())
}
