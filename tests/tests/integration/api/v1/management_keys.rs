//! `/api/v1/management-keys`.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::Client;

use crate::stage::Stage;

async fn made(stage: &Stage, fields: Value) -> anyhow::Result<(String, Client)> {
    let answer = stage.management.post_json("/api/v1/management-keys", &fields).await?;
    let answer = answer.success()?.json()?;
    let text = |name: &str| answer[name].as_str().context("a field is missing").map(str::to_owned);
    Ok((text("id")?, stage.client.bearer(&text("key")?)?))
}

/// A scope allows what it names and nothing else.
#[tokio::test]
async fn a_scope_is_needed() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (_, reader) = made(&stage, json!({"name": "reader", "scopes": ["keys:read"]})).await?;
    ensure!(reader.get("/v1/api-keys").await?.status == 200);
    for path in ["/api/v1/users", "/api/v1/channels", "/api/v1/calls"] {
        let refused = reader.get(path).await?;
        ensure!(refused.status == 403, "{path}: {}", refused.text());
    }
    let key = json!({"name": "k", "billing_method": "usage_based"});
    ensure!(reader.post_json("/v1/api-keys", &key).await?.status == 403);
    Ok(())
}

/// A member's key reaches only what is the member's.
#[tokio::test]
async fn a_members_key_reaches_only_theirs() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let others = stage.world.key(json!({})).await?;
    let fields = json!({
        "name": "member", "owner": stage.user,
        "scopes": ["keys:read", "keys:write", "users:read", "usage:read"],
    });
    let (_, member) = made(&stage, fields).await?;
    ensure!(member.get(&format!("/v1/api-keys/{}", stage.key.id)).await?.status == 200);
    let path = format!("/v1/api-keys/{}", others.id);
    ensure!(member.get(&path).await?.status == 404);
    ensure!(member.patch(&path, &json!({"name": "mine"})).await?.status == 404);
    ensure!(member.delete(&path).await?.status == 404);
    let listed = member.get("/v1/api-keys").await?.success()?.text();
    ensure!(listed.contains(&stage.key.id) && !listed.contains(&others.id), "{listed}");
    let path = format!("/api/v1/users/{}/topups", stage.user);
    ensure!(member.post_json(&path, &json!({"amount": 1})).await?.status == 403);
    Ok(())
}

#[tokio::test]
async fn a_revoked_management_key_works_no_more() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (id, client) = made(&stage, json!({"name": "old", "scopes": ["keys:read"]})).await?;
    ensure!(client.get("/v1/api-keys").await?.status == 200);
    stage.management.delete(&format!("/api/v1/management-keys/{id}")).await?.success()?;
    let refused = client.get("/v1/api-keys").await?;
    ensure!(refused.status == 401, "{}", refused.text());
    Ok(())
}
