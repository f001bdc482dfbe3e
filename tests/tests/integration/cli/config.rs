//! `tollkeeper config`: a flag beats a variable, a variable the file, the file the default.

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::stage::{path, said, tollkeeper};

async fn printed(mut command: Command) -> anyhow::Result<Value> {
    let output = command.output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).context("not JSON")
}

#[tokio::test]
async fn each_setting_says_where_it_comes_from() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("tollkeeper.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\nworkers = 3\ntime-zone = \"Asia/Tokyo\"\n")?;
    let data = path(directory.path())?;
    let arguments = ["config", "--json", "--data", data, "--listen", "127.0.0.1:3"];
    let mut command = tollkeeper(&arguments);
    command.env("TOLLKEEPER_LISTEN", "127.0.0.1:2").env("TOLLKEEPER_WORKERS", "2");
    command.env("TOLLKEEPER_ALLOW_EGRESS", "10.0.0.0/8, 192.168.0.0/16");
    command.env("DATABASE_URL", "postgres://me:secret@db.example.test/books");
    let settings = printed(command).await?;
    let from = |name: &str| (settings[name]["value"].clone(), settings[name]["from"].clone());
    ensure!(from("listen") == ("127.0.0.1:3".into(), "flag".into()), "{settings}");
    ensure!(from("workers") == ("2".into(), "variable TOLLKEEPER_WORKERS".into()), "{settings}");
    ensure!(from("time-zone") == ("Asia/Tokyo".into(), path(&file)?.into()), "{settings}");
    ensure!(from("durability") == ("standard".into(), "default".into()), "{settings}");
    ensure!(from("allow-egress").0 == serde_json::json!(["10.0.0.0/8", "192.168.0.0/16"]));
    ensure!(from("database").1 == "variable DATABASE_URL", "{settings}");
    ensure!(!settings.to_string().contains("secret@"), "a password is shown: {settings}");
    Ok(())
}

/// A file can be named, and then the one in the data directory is not read.
#[tokio::test]
async fn a_named_file_is_the_one_that_is_read() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("tollkeeper.toml"), "workers = 3")?;
    let named = directory.path().join("other.toml");
    std::fs::write(&named, "workers = 4")?;
    let (data, named) = (path(directory.path())?, path(&named)?);
    let settings = printed(tollkeeper(&["config", "--json", "--data", data, "--config", named]));
    ensure!(settings.await?["workers"]["value"] == "4");
    Ok(())
}

#[tokio::test]
async fn a_wrong_value_names_its_setting_and_its_source() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let data = path(directory.path())?;
    let mut command = tollkeeper(&["config", "--data", data]);
    let output = command.env("TOLLKEEPER_TIME_ZONE", "Mars/Olympus").output().await?;
    let text = said(&output);
    ensure!(!output.status.success(), "{text}");
    ensure!(text.contains("time-zone") && text.contains("TOLLKEEPER_TIME_ZONE"), "{text}");
    std::fs::write(directory.path().join("tollkeeper.toml"), "lisen = \"x\"")?;
    let output = tollkeeper(&["config", "--data", data]).output().await?;
    ensure!(!output.status.success() && said(&output).contains("lisen"), "{}", said(&output));
    Ok(())
}
