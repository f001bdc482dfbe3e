//! A leaked key: found by `tollkeeper scan`, revoked and replaced by the next command.

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::world::Key;

use super::asking::{asking, fed, printed, refused, succeeded, told};
use crate::stage::{Stage, path, request, said, tollkeeper};

async fn works(stage: &Stage, value: &str) -> anyhow::Result<()> {
    let key = Key { id: String::new(), secret: value.trim().to_owned() };
    stage.chat(&key, &request(json!({}))).await?.success()?;
    Ok(())
}

async fn is_revoked(stage: &Stage) -> anyhow::Result<()> {
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    Ok(())
}

/// Two commands, with nothing but the management key in the environment.
#[tokio::test]
async fn two_commands_find_revoke_and_replace_it() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("app.py"), format!("KEY = {:?}\n", stage.key.secret))?;
    let url = stage.gateway.base_url();
    let mut scan = tollkeeper(&["scan", path(directory.path())?, "--server", &url, "--json"]);
    scan.env("TOLLKEEPER_MANAGEMENT_KEY", &stage.gateway.management_key);
    let output = scan.output().await?;
    ensure!(output.status.code() == Some(1), "{}", said(&output));
    ensure!(said(&output).contains(&stage.key.id), "{}", said(&output));

    refused(&stage, &["keys", "compromised", &stage.key.id, "--replace"], "--yes").await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let end =
        ["keys", "compromised", &stage.key.id, "--replace", "--note", "in a repository", "--yes"];
    let value = printed(&stage, &end).await?;
    ensure!(value.starts_with("sk-") && value.lines().count() == 1, "{value}");
    is_revoked(&stage).await?;
    works(&stage, &value).await?;
    let report = told(&stage, &["keys", "leak-report", &stage.key.id]).await?;
    ensure!(report["note"] == "in a repository" && report["replaced_by"].is_string(), "{report}");
    stage.audit().await
}

/// By the value, which is never on the command line.
#[tokio::test]
async fn a_value_is_reported_by_standard_input() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let values = format!("{}\n\nsk-not-a-key\n", stage.key.secret);
    let check = ["keys", "leaked", "--value-stdin", "--check", "--json"];
    let told: Value =
        serde_json::from_str(&succeeded(&check, fed(&stage, &check, &values).await?)?)?;
    ensure!(told["data"][0]["id"] == stage.key.id.as_str(), "{told}");
    ensure!(told["data"][1]["known_as"].is_null(), "{told}");
    stage.ask(&request(json!({}))).await?.success()?;

    let report = ["keys", "leaked", "--value-stdin", "--replace"];
    let output = fed(&stage, &report, &values).await?;
    ensure!(
        output.status.code() == Some(1) && said(&output).contains("--yes"),
        "{}",
        said(&output)
    );
    stage.ask(&request(json!({}))).await?.success()?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("leaked.txt");
    std::fs::write(&file, &values)?;
    let report = ["keys", "leaked", "--value-file", path(&file)?, "--replace", "--yes"];
    let output = asking(&stage, &report).output().await?;
    let about = String::from_utf8(output.stderr.clone())?;
    ensure!(about.contains(&stage.key.id) && !about.contains(&stage.key.secret), "{about}");
    works(&stage, &succeeded(&report, output)?).await?;
    is_revoked(&stage).await?;

    std::fs::write(&file, "\n")?;
    refused(&stage, &report, "there is nothing in it").await?;
    let output = asking(&stage, &["keys", "leaked", "--yes"]).output().await?;
    ensure!(output.status.code() == Some(2), "{}", said(&output));
    stage.audit().await
}
