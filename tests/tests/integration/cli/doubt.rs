//! `tollkeeper doubt`: calls that a crash cut off are held, and settled or released by hand.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::stage::{BALANCE, Stage, nanos, path, request, said, scripted, tollkeeper, verify};

/// A deployment that was killed amid a stream, and started again or not.
async fn killed_amid_a_stream() -> anyhow::Result<Stage> {
    let mut stage = Stage::set().await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    for _ in 0..5 {
        stream.next().await?;
    }
    stage.world.gateway.kill9().await?;
    Ok(stage)
}

/// The verb on the stopped deployment, or through the running one.
fn doubt(stage: &Stage, arguments: &[&str], running: bool) -> anyhow::Result<Command> {
    let mut command = tollkeeper(&["doubt"]);
    command.args(arguments).args(["--json", "--data", path(stage.gateway.data())?]);
    if running {
        command.args(["--url", &stage.gateway.base_url()]);
        command.env("TOLLKEEPER_MANAGEMENT_KEY", &stage.gateway.management_key);
    }
    Ok(command)
}

async fn answered(mut command: Command) -> anyhow::Result<Value> {
    let output = command.output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).context("not JSON")
}

async fn one_in_doubt(stage: &Stage, running: bool) -> anyhow::Result<String> {
    let list = answered(doubt(stage, &["list"], running)?).await?;
    let rows = list["data"].as_array().context("no data")?;
    ensure!(rows.len() == 1, "{list}");
    Ok(list["data"][0]["id"].as_str().context("no id")?.to_owned())
}

#[tokio::test]
async fn a_held_call_is_released_through_the_running_gateway() -> anyhow::Result<()> {
    let mut stage = killed_amid_a_stream().await?;
    stage.world.gateway.restart().await?;
    let user = stage.user_state().await?;
    ensure!(nanos(&user["held"]) > 0 && nanos(&user["balance"]) == BALANCE, "{user}");
    let call = one_in_doubt(&stage, true).await?;
    answered(doubt(&stage, &["release", &call], true)?).await?;
    let user = stage.user_state().await?;
    ensure!(nanos(&user["held"]) == 0 && nanos(&user["available"]) == BALANCE, "{user}");
    ensure!(answered(doubt(&stage, &["list"], true)?).await?["data"] == json!([]));
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_held_call_is_settled_on_the_stopped_deployment() -> anyhow::Result<()> {
    let mut stage = killed_amid_a_stream().await?;
    stage.world.gateway.restart().await?;
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.success(), "{ended}");
    let call = one_in_doubt(&stage, false).await?;
    answered(doubt(&stage, &["settle", &call], false)?).await?;
    verify(stage.gateway.data()).await?;
    stage.world.gateway.restart().await?;
    let user = stage.user_state().await?;
    ensure!(nanos(&user["held"]) == 0 && nanos(&user["balance"]) < BALANCE, "{user}");
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "reconciled", "{call}");
    stage.audit().await
}

/// While it is held, its amount cannot be spent again.
#[tokio::test]
async fn a_held_amount_is_not_spent_again() -> anyhow::Result<()> {
    let mut stage = Stage::with_key(json!({"quota": "0.0005", "when_short": "refuse"})).await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let body = scripted(slow, json!({"stream": true, "max_tokens": 90}));
    let mut stream = stage.ask_stream(&body).await?;
    stream.next().await?;
    stage.world.gateway.kill9().await?;
    stage.world.gateway.restart().await?;
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_quota_exhausted"), "{}", refused.text());
    let call = one_in_doubt(&stage, true).await?;
    answered(doubt(&stage, &["release", &call], true)?).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    verify(stage.gateway.data()).await
}

/// What is not in doubt is not decided.
#[tokio::test]
async fn an_unknown_call_is_refused() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let answer = stage.ask(&request(json!({}))).await?.success()?;
    let id = answer.header("x-request-id").context("no x-request-id")?.to_owned();
    for running in [true, false] {
        if !running {
            ensure!(stage.world.gateway.terminate().await?.success());
        }
        let output = doubt(&stage, &["release", &id], running)?.output().await?;
        ensure!(!output.status.success(), "{}", said(&output));
    }
    verify(stage.gateway.data()).await
}
