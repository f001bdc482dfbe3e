//! `GET /v1/api-keys.csv`.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::stage::{Stage, request};

/// Every key once, and no cell that a spreadsheet takes for a formula.
#[tokio::test]
async fn every_key_is_exported_and_no_formula() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let keys: Vec<Value> =
        (0..1200).map(|n| json!({"name": format!("k{n:04}"), "tags": ["many"]})).collect();
    for part in keys.chunks(600) {
        stage
            .management
            .post_json("/v1/api-keys/bulk", &json!({ "keys": part }))
            .await?
            .success()?;
    }
    stage.key(json!({"name": "=HYPERLINK(\"http://x\",\"y\")", "tags": ["@a", "b"]})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let answer = stage.management.get("/v1/api-keys.csv?sort=name").await?.success()?;
    ensure!(answer.header("content-type") == Some("text/csv; charset=utf-8"));
    ensure!(answer.header("content-disposition").is_some_and(|text| text.contains("api-keys.csv")));
    let text = answer.text();
    let lines: Vec<&str> = text.lines().collect();
    ensure!(lines.len() == 1203, "{} lines", lines.len());
    let head = *lines.first().context("no line")?;
    ensure!(head.starts_with("id,name,masked,status,owner,"), "{head}");
    let formula = lines.iter().find(|line| line.contains("HYPERLINK")).context("no formula")?;
    ensure!(formula.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","), "{formula}");
    ensure!(formula.contains(",\"'@a b\","), "{formula}");
    let used = lines.iter().find(|line| line.contains(&stage.key.id)).context("no key")?;
    ensure!(used.contains(",active,") && !used.contains(&stage.key.secret), "{used}");

    let filtered =
        stage.management.get("/v1/api-keys.csv?tag=many&q=k000").await?.success()?.text();
    ensure!(filtered.lines().count() == 11, "{filtered}");
    let active = stage.management.get("/v1/api-keys.csv?status=active").await?.success()?.text();
    ensure!(active.lines().count() == 2, "{active}");
    let refused = stage.management.get("/v1/api-keys.csv?limit=3").await?;
    ensure!(refused.status == 422, "{}", refused.text());
    Ok(())
}

#[tokio::test]
async fn a_member_exports_their_own() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.key(json!({})).await?;
    let fields = json!({"name": "m", "owner": stage.user, "scopes": ["keys:read"]});
    let made = stage.management.post_json("/api/v1/management-keys", &fields).await?.success()?;
    let member = stage.client.bearer(made.json()?["key"].as_str().context("no key")?)?;
    let text = member.get("/v1/api-keys.csv").await?.success()?.text();
    ensure!(text.lines().count() == 2 && text.contains(&stage.key.id), "{text}");
    let owner = stage.world.gateway.init["owner"].as_str().context("no owner")?;
    let text = member.get(&format!("/v1/api-keys.csv?owner={owner}")).await?.success()?.text();
    ensure!(text.lines().count() == 1, "{text}");
    Ok(())
}
