//! `POST /api/v1/channels/{id}/test`, and what the health of channels looks like from outside.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::provider::Matcher;
use testkit::world::UPSTREAM_SECRET;

use crate::stage::{BALANCE, MODEL, Stage, nanos, request};

async fn test(stage: &Stage, channel: &str, body: Value) -> anyhow::Result<Value> {
    let path = format!("/api/v1/channels/{channel}/test");
    stage.management.post_json(&path, &body).await?.success()?.json()
}

async fn secret_state(stage: &Stage) -> anyhow::Result<Value> {
    let path = format!("/api/v1/channels/{}", stage.channel);
    let channel = stage.management.get(&path).await?.success()?.json()?;
    Ok(channel["secrets"][0].clone())
}

async fn metric(stage: &Stage) -> anyhow::Result<String> {
    let text = stage.client.get("/metrics").await?.success()?.text();
    let line = text.lines().find(|line| line.starts_with("tollkeeper_channel_secret_state{"));
    let value = line.and_then(|line| line.rsplit(' ').next()).context("no such metric")?;
    Ok(value.to_owned())
}

/// It asks the upstream once, and nobody pays.
#[tokio::test]
async fn a_test_is_in_nobodys_books() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let tested = test(&stage, &stage.channel, json!({})).await?;
    ensure!(tested["ok"] == true && tested["model"] == MODEL, "{tested}");
    let secret = &tested["secrets"][0];
    ensure!(secret["status"] == 200 && secret["error"] == Value::Null, "{tested}");
    ensure!(!tested.to_string().contains(UPSTREAM_SECRET), "{tested}");
    ensure!(stage.provider.totals().received == 1);
    ensure!(stage.calls().await?.is_empty());
    ensure!(nanos(&stage.user_state().await?["balance"]) == BALANCE);
    stage.audit().await
}

#[tokio::test]
async fn every_dialect_can_be_tested() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let fields = json!({"provider": "tollkeeper", "models": {"ours": MODEL}});
    let channel = stage.channel_with(fields).await?;
    for dialect in ["chat", "responses", "messages", "gemini"] {
        let tested = test(&stage, &channel, json!({"dialect": dialect, "model": "ours"})).await?;
        ensure!(tested["ok"] == true && tested["dialect"] == dialect, "{dialect}: {tested}");
    }
    Ok(())
}

#[tokio::test]
async fn each_secret_is_tested_and_a_switched_off_channel_too() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let fields = json!({"secret": null, "secrets": [UPSTREAM_SECRET, "sk-another-one-0123456789"],
        "models": [MODEL], "disabled": true});
    let mut fields = fields;
    if let Some(members) = fields.as_object_mut() {
        members.remove("secret");
        members.insert("name".into(), json!("two"));
        members.insert("provider".into(), json!("openai"));
        members.insert("base_url".into(), json!(stage.provider.base_url()));
    }
    let made = stage.management.post_json("/api/v1/channels", &fields).await?.success()?.json()?;
    let tested = test(&stage, made["id"].as_str().context("no id")?, json!({})).await?;
    ensure!(tested["ok"] == false, "{tested}");
    ensure!(tested["secrets"][0]["ok"] == true, "{tested}");
    let refused = &tested["secrets"][1];
    ensure!(refused["code"] == "secret_refused" && refused["status"] == 401, "{tested}");
    ensure!(refused["masked"] == "sk-anot…6789", "{tested}");
    Ok(())
}

/// An account with nothing left is left alone for an hour, or until a test finds it well.
#[tokio::test]
async fn an_empty_account_rests_until_it_is_tested() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    ensure!(secret_state(&stage).await?["state"] == "healthy");
    let broke = json!({"error": {"status": 402}, "fail_times": 2});
    stage.provider.script(Matcher::any(), serde_json::from_value(broke)?);
    stage.ask(&request(json!({}))).await?;
    let state = secret_state(&stage).await?;
    ensure!(state["state"] == "resting" && state["last_error"] == "quota_exhausted", "{state}");
    ensure!(metric(&stage).await? == "2");
    let log = std::fs::read_to_string(stage.gateway.stderr_path())?;
    ensure!(log.contains("WARN") && log.contains("nothing left"), "{log}");
    // It is not asked again ...
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.status == 503, "{}", refused.text());
    let wait: u64 = refused.header("retry-after").context("no retry-after")?.parse()?;
    ensure!((3_500..=3_600).contains(&wait), "{wait}");
    ensure!(stage.provider.totals().received == 1);
    // ... but by a test: in vain at first, ...
    let tested = test(&stage, &stage.channel, json!({})).await?;
    ensure!(tested["secrets"][0]["code"] == "quota_exhausted", "{tested}");
    ensure!(secret_state(&stage).await?["state"] == "resting");
    // ... then the account was topped up.
    ensure!(test(&stage, &stage.channel, json!({})).await?["ok"] == true);
    let state = secret_state(&stage).await?;
    ensure!(state["state"] == "healthy" && state["last_error"] == Value::Null, "{state}");
    ensure!(metric(&stage).await? == "0");
    stage.ask(&request(json!({}))).await?.success()?;
    stage.audit().await
}

/// With the setting, a channel is found well again by itself.
#[tokio::test]
async fn channels_are_tested_again_and_again_where_that_is_set() -> anyhow::Result<()> {
    let interval = ["--channel-test-interval", "1"].map(String::from);
    let stage = Stage::set_with(|gateway| gateway.args(interval)).await?;
    let broke = json!({"error": {"status": 402}, "fail_times": 1});
    stage.provider.script(Matcher::any(), serde_json::from_value(broke)?);
    stage.ask(&request(json!({}))).await?;
    let well = async || Ok(secret_state(&stage).await?["state"] == "healthy");
    crate::stage::eventually("the test closes the circuit", well).await?;
    ensure!(stage.provider.totals().received >= 2);
    stage.audit().await
}
