//! `POST /v1/api-keys/leaked`: a value is enough to end its key.

use anyhow::ensure;
use serde_json::json;

use crate::stage::{Stage, request};

#[tokio::test]
async fn a_value_ends_its_key_and_is_nowhere_in_the_logs() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let body = json!({"values": [stage.key.secret, "sk-nonsense"], "revoke": false});
    let route = "/v1/api-keys/leaked";
    let asked = stage.management.post_json(route, &body).await?.success()?.json()?;
    ensure!(asked["data"][0]["id"] == stage.key.id.as_str(), "{asked}");
    ensure!(asked["data"][0]["revoked"] == false, "{asked}");
    ensure!(asked["data"][1]["known_as"].is_null(), "{asked}");
    stage.ask(&request(json!({}))).await?.success()?;

    let body = json!({"value": stage.key.secret});
    let done = stage.management.post_json(route, &body).await?.success()?;
    ensure!(!done.text().contains(&stage.key.secret), "the answer repeats the value");
    let done = done.json()?;
    ensure!(done["data"][0]["report"]["calls"] == 2, "{done}");
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    for entry in std::fs::read_dir(stage.gateway.data())? {
        let path = entry?.path();
        if path.is_file() {
            let bytes = std::fs::read(&path)?;
            let secret = stage.key.secret.as_bytes();
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            ensure!(!found, "the value is in {}", path.display());
        }
    }
    stage.audit().await
}
