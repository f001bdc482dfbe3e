//! `tollkeeper channels`: asked of a running gateway.

use anyhow::ensure;
use serde_json::{Value, json};

use super::asking::{asking, fed, printed, refused, succeeded, text, told};
use crate::stage::{MODEL, Stage, path, said, tollkeeper};

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

/// The upstream's secret comes from standard input or a file, and is never told.
#[tokio::test]
async fn a_channel_is_made_edited_and_deleted() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let first = told(&stage, &["channels", "get", &stage.channel]).await?;
    let address = text(&first, "/base_url")?;
    let make =
        ["channels", "create", "--name", "second", "--provider", "openai", "--base-url", address];
    let make =
        [&make[..], &["--models", "m-1,m-2", "--model-map", "m-1=sim-small", "--json"]].concat();
    refused(&stage, &make, "--secret-stdin or --secret-file: ").await?;
    let make = [&make[..], &["--secret-stdin"]].concat();
    let made = succeeded(&make, fed(&stage, &make, "up-1\nup-2\n").await?)?;
    ensure!(!made.contains("up-1"), "{made}");
    let made: Value = serde_json::from_str(&made)?;
    ensure!(made["secret_count"] == 2 && made["model_map"]["m-1"] == "sim-small", "{made}");
    let id = text(&made, "/id")?;

    let directory = tempfile::tempdir()?;
    let headers = directory.path().join("headers.json");
    std::fs::write(&headers, r#"{"x-team": "blue"}"#)?;
    let edit = ["channels", "edit", id, "--priority", "-3", "--idle-ms", "5000", "--headers"];
    let edit = [&edit[..], &[path(&headers)?, "--disabled", "true", "--if-match", "1"]].concat();
    let edited = told(&stage, &edit).await?;
    ensure!(edited["priority"] == -3 && edited["timeouts"]["idle_ms"] == 5000, "{edited}");
    ensure!(edited["headers"]["x-team"] == "blue" && edited["disabled"] == true, "{edited}");
    refused(&stage, &edit, "412").await?;
    refused(&stage, &["channels", "edit", id, "--weight", "much"], "\n  --weight: Expected")
        .await?;
    let table = printed(&stage, &["channels", "list"]).await?;
    ensure!(table.contains("second") && table.contains(&stage.channel), "{table}");
    refused(&stage, &["channels", "delete", id], "--yes").await?;
    printed(&stage, &["channels", "delete", id, "--yes"]).await?;
    refused(&stage, &["channels", "get", id], "404").await
}
