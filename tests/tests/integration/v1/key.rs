//! `GET /v1/key`: what its holder may know of a key.

use anyhow::ensure;
use serde_json::json;

use crate::stage::{PROMPT_TOKENS, Stage, cost, nanos, scripted};

#[tokio::test]
async fn a_holder_sees_their_key() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": 1, "tags": ["prod"]})).await?;
    let own = async || stage.holder()?.get("/v1/key").await?.success()?.json();
    let fresh = own().await?;
    ensure!(fresh["status"] == "not_used" && fresh["id"] == stage.key.id.as_str(), "{fresh}");
    ensure!(fresh["last_used_at"].is_null(), "{fresh}");
    stage.ask(&scripted(json!({"output_tokens": 10}), json!({}))).await?.success()?;
    let used = own().await?;
    ensure!(used["status"] == "active" && used["last_used_at"].is_string(), "{used}");
    ensure!(nanos(&used["used"]) == cost(PROMPT_TOKENS, 10), "{used}");
    ensure!(nanos(&used["remaining"]) == 1_000_000_000 - cost(PROMPT_TOKENS, 10), "{used}");
    ensure!(!used.to_string().contains(&stage.key.secret), "the value is shown: {used}");
    Ok(())
}

#[tokio::test]
async fn an_exhausted_key_says_so() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "0"})).await?;
    let key = stage.holder()?.get("/v1/key").await?.success()?.json()?;
    ensure!(key["status"] == "exhausted", "{key}");
    Ok(())
}
