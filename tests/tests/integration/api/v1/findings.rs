//! `/api/v1/findings`: from calls that were made, and in force once fixed.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::stage::{MODEL, Stage, request};

async fn finding(stage: &Stage, kind: &str) -> anyhow::Result<Value> {
    let path = format!("/api/v1/findings?key_id={}&kind={kind}", stage.key.id);
    let list = stage.management.get(&path).await?.success()?.json()?;
    let data = list["data"].as_array().context("no data")?;
    data.first().cloned().with_context(|| format!("no {kind}"))
}

async fn fix(stage: &Stage, finding: &Value) -> anyhow::Result<Value> {
    let id = finding["id"].as_str().context("no id")?;
    let body = json!({"fix": finding["fixes"][0]["name"]});
    let path = format!("/api/v1/findings/{id}/fix");
    stage.management.post_json(&path, &body).await?.success()?.json()
}

#[tokio::test]
async fn a_key_is_narrowed_to_what_it_was_used_for() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for _ in 0..20 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    let allowlist = finding(&stage, "no_ip_allowlist").await?;
    ensure!(allowlist["evidence"]["addresses"] == 1, "{allowlist}");
    ensure!(fix(&stage, &allowlist).await?["key"]["ip_allowlist"] == json!(["127.0.0.1"]));
    let broad = finding(&stage, "broad_permissions").await?;
    ensure!(broad["evidence"] == json!({"calls": 20, "formats": ["chat"]}), "{broad}");
    fix(&stage, &broad).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let messages =
        json!({"model": MODEL, "max_tokens": 5, "messages": [{"role": "user", "content": "a"}]});
    let refused = stage.holder()?.post_json("/v1/messages", &messages).await?;
    ensure!(refused.status == 403, "{}", refused.text());
    let limit = finding(&stage, "no_limit").await?;
    ensure!(limit["text"].as_str().is_some_and(|text| text.contains("USD")), "{limit}");
    let fixed = fix(&stage, &limit).await?;
    ensure!(fixed["key"]["daily_limit"]["amount"] == 1, "{fixed}");
    ensure!(finding(&stage, "no_limit").await.is_err());
    stage.audit().await
}
