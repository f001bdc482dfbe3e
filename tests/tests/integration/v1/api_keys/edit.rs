//! `PATCH /v1/api-keys/{id}`.

use anyhow::{Context, ensure};
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::stage::{Stage, eventually, request};

#[tokio::test]
async fn a_stale_edit_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/v1/api-keys/{}", stage.key.id);
    let read = stage.management.get(&path).await?.success()?;
    let tag = read.header("etag").context("no etag")?;
    let client = stage.management.header("if-match", tag)?;
    client.patch(&path, &json!({"name": "first"})).await?.success()?;
    let stale = client.patch(&path, &json!({"name": "second"})).await?;
    ensure!(stale.status == 412 || stale.status == 409, "{}", stale.text());
    ensure!(stage.key_state(&stage.key).await?["name"] == "first");
    Ok(())
}

/// Every write of a key heeds `If-Match`.
#[tokio::test]
async fn a_stale_write_of_any_kind_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/v1/api-keys/{}", stage.key.id);
    stage.edit_key(json!({"name": "changed"})).await?;
    let client = stage.management.header("if-match", "\"1\"")?;
    for verb in ["disable", "enable", "rotate", "revoke"] {
        let refused = client.post_json(&format!("{path}/{verb}"), &json!({})).await?;
        ensure!(refused.status == 412, "{verb}: {}", refused.text());
    }
    ensure!(client.delete(&path).await?.status == 412);
    let state = stage.key_state(&stage.key).await?;
    ensure!(state["etag"] == "2" && state["status"] == "not_used", "{state}");
    let client = stage.management.header("if-match", "\"2\"")?;
    let switched = client.post_json(&format!("{path}/disable"), &json!({})).await?.success()?;
    ensure!(switched.header("etag") == Some("\"3\""));
    Ok(())
}

/// A key that is used up works again at once after its quota is raised, and one whose owner's
/// balance is used up after a top-up, which never lifts the key's own quota.
#[tokio::test]
async fn a_raise_and_a_top_up_revive() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "0.0000001"})).await?;
    let code = async || -> anyhow::Result<Option<String>> {
        let answer = stage.ask(&request(json!({}))).await?;
        Ok(if answer.status == 200 { None } else { answer.code() })
    };
    ensure!(code().await?.as_deref() == Some("key_quota_exhausted"));
    stage.top_up(&stage.user, "5").await?;
    ensure!(code().await?.as_deref() == Some("key_quota_exhausted"));
    stage.edit_key(json!({"quota_delta": 5})).await?;
    ensure!(code().await?.is_none());
    stage.edit_key(json!({"quota": 0})).await?;
    let state = stage.key_state(&stage.key).await?;
    ensure!(state["status"] == "exhausted" && code().await?.is_some(), "{state}");
    stage.edit_key(json!({"quota": null})).await?;
    ensure!(code().await?.is_none() && stage.key_state(&stage.key).await?["status"] == "active");

    let poor = stage.world.user("0.000000001").await?;
    let key = stage.world.key(json!({"owner": poor})).await?;
    let refused = stage.chat(&key, &request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("balance_exhausted"), "{}", refused.text());
    stage.top_up(&poor, "1").await?;
    stage.chat(&key, &request(json!({}))).await?.success()?;
    let used = stage.key_state(&key).await?["used"].clone();
    stage.calls_when(3).await?;
    let calls = stage.management.get(&format!("/api/v1/calls?key_id={}", key.id)).await?;
    let charged = calls.success()?.json()?["data"][0]["cost"].clone();
    ensure!(used == charged, "{used} is not {charged}");
    Ok(())
}

#[tokio::test]
async fn billing_method_and_value_cannot_be_edited() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/v1/api-keys/{}", stage.key.id);
    for fields in
        [json!({"billing_method": "pay_per_use"}), json!({"key": "sk-x"}), json!({"used": 0})]
    {
        let refused = stage.management.patch(&path, &fields).await?;
        ensure!(refused.status == 422, "{fields}: {}", refused.text());
    }
    Ok(())
}

/// Parallel deltas all count: none writes back a stale figure.
#[tokio::test]
async fn deltas_add_up() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": 1})).await?;
    let path = format!("/v1/api-keys/{}", stage.key.id);
    let mut edits = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (client, path) = (stage.management.clone(), path.clone());
        edits.spawn(async move { client.patch(&path, &json!({"quota_delta": "0.5"})).await });
    }
    while let Some(edited) = edits.join_next().await {
        edited??.success()?;
    }
    ensure!(stage.key_state(&stage.key).await?["quota"] == 6.0);
    Ok(())
}

/// A temporary key ends by itself, and extending it revives it.
#[tokio::test]
async fn an_expired_key_is_revived_by_extending_it() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let soon = Timestamp::now().checked_add(1.second())?;
    stage.edit_key(json!({"expires_at": soon.to_string()})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    eventually("the key expires", || async {
        Ok(stage.key_state(&stage.key).await?["status"] == "expired")
    })
    .await?;
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_expired"), "{}", refused.text());
    stage.edit_key(json!({"expires_at": null})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    ensure!(stage.key_state(&stage.key).await?["status"] == "active");
    Ok(())
}
