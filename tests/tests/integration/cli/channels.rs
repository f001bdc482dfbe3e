//! `tollkeeper channels`: asked of a running gateway.

use anyhow::ensure;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::stage::{MODEL, Stage, said, tollkeeper};

/// A verb that asks the stage's gateway.
pub(super) fn asking(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = tollkeeper(arguments);
    command.args(["--url", &stage.gateway.base_url()]);
    command.env("TOLLKEEPER_MANAGEMENT_KEY", &stage.gateway.management_key);
    command
}

#[tokio::test]
async fn presets_are_listed() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let output = asking(&stage, &["channels", "presets", "--json"]).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    let listed: Value = serde_json::from_slice(&output.stdout)?;
    let told = stage.management.get("/api/v1/channel-presets").await?.success()?.json()?;
    ensure!(listed == told && listed["data"].as_array().is_some_and(|all| all.len() > 5));
    let output = asking(&stage, &["channels", "presets"]).output().await?;
    for preset in listed["data"].as_array().into_iter().flatten() {
        let name = preset["name"].as_str().unwrap_or("no name");
        ensure!(said(&output).contains(name), "no {name}: {}", said(&output));
    }
    Ok(())
}

/// A working channel ends with 0 and a failing one with 1; neither is in anybody's books.
#[tokio::test]
async fn a_channel_is_tested() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let output = asking(&stage, &["channels", "test", &stage.channel, "--json"]).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(told["ok"] == true && told["secrets"][0]["ok"] == true, "{told}");
    let arguments = ["channels", "test", &stage.channel, "--model", MODEL, "--dialect", "chat"];
    let output = asking(&stage, &arguments).output().await?;
    ensure!(output.status.success() && said(&output).contains("true"), "{}", said(&output));

    let wrong = json!({"models": ["other"], "secret": "not-the-secret"});
    let wrong = stage.channel_with(wrong).await?;
    let output = asking(&stage, &["channels", "test", &wrong]).output().await?;
    ensure!(output.status.code() == Some(1), "{}", said(&output));
    ensure!(said(&output).contains("false") && !said(&output).contains("not-the-secret"));
    ensure!(stage.calls().await?.is_empty());
    stage.audit().await
}

#[tokio::test]
async fn what_cannot_be_asked_says_why() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let missing = "chn_01890000000070008000000000000000";
    for (arguments, says) in [
        (vec!["channels", "test", missing], "404"),
        (vec!["channels", "test", &stage.channel, "--model", "nothing"], "422"),
        (vec!["channels", "test", &stage.channel, "--dialect", "gemini"], "422"),
    ] {
        let output = asking(&stage, &arguments).output().await?;
        ensure!(output.status.code() == Some(1), "{arguments:?}: {}", said(&output));
        ensure!(said(&output).contains(says), "{arguments:?}: {}", said(&output));
    }
    let output = tollkeeper(&["channels", "presets"]).output().await?;
    ensure!(!output.status.success() && said(&output).contains("TOLLKEEPER_MANAGEMENT_KEY"));
    let mut nobody = tollkeeper(&["channels", "presets", "--url", "http://127.0.0.1:1"]);
    let output = nobody.env("TOLLKEEPER_MANAGEMENT_KEY", "mk-x").output().await?;
    ensure!(!output.status.success() && said(&output).contains("127.0.0.1:1"), "{}", said(&output));
    let mut stranger = asking(&stage, &["channels", "presets"]);
    let output = stranger.env("TOLLKEEPER_MANAGEMENT_KEY", "mk-x").output().await?;
    ensure!(!output.status.success() && said(&output).contains("401"), "{}", said(&output));
    Ok(())
}
