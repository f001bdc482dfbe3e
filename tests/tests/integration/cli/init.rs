//! `tollkeeper init`.

use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, ensure};
use domain::key::{Form, Kind, examine};
use serde_json::Value;

use crate::stage::{path, said, tollkeeper};

#[tokio::test]
async fn it_makes_a_deployment_and_prints_its_key_once() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("data");
    let output = tollkeeper(&["init", "--json", "--data", path(&data)?]).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    let printed: Value = serde_json::from_slice(&output.stdout)?;
    let key = printed["management_key"].as_str().context("no key")?;
    ensure!(examine(key) == Form::WellFormed(Kind::Management), "{key}");
    ensure!(
        printed["setup_url"].as_str().is_some_and(|url| url.starts_with("http://")),
        "{printed}"
    );
    ensure!(printed["owner"].as_str().is_some_and(|id| id.starts_with("usr_")), "{printed}");
    for entry in std::fs::read_dir(&data)? {
        let text = std::fs::read(entry?.path())?;
        let holds = text.windows(key.len()).any(|window| window == key.as_bytes());
        ensure!(!holds, "the management key is stored as it is");
    }
    let mode = |name: &str| -> anyhow::Result<u32> {
        Ok(std::fs::metadata(data.join(name))?.permissions().mode() & 0o777)
    };
    ensure!(mode("master.key")? == 0o600, "{:o}", mode("master.key")?);
    ensure!(mode("")? == 0o700, "{:o}", mode("")?);
    Ok(())
}

/// A second one changes nothing.
#[tokio::test]
async fn a_deployment_is_made_once() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let data = path(directory.path())?.to_owned() + "/data";
    let first = tollkeeper(&["init", "--data", &data]).output().await?;
    ensure!(first.status.success(), "{}", said(&first));
    let master = std::fs::read(format!("{data}/master.key"))?;
    let second = tollkeeper(&["init", "--data", &data]).output().await?;
    ensure!(!second.status.success() && said(&second).contains("already"), "{}", said(&second));
    ensure!(std::fs::read(format!("{data}/master.key"))? == master);
    Ok(())
}

/// With a master key in the environment, no file is made.
#[tokio::test]
async fn a_master_key_can_come_from_the_environment() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("data");
    let arguments = ["init", "--json", "--data", path(&data)?];
    let key = "ab".repeat(32);
    let output = tollkeeper(&arguments).env("TOLLKEEPER_MASTER_KEY", &key).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    ensure!(!data.join("master.key").exists());
    let verified = tollkeeper(&["verify", "--data", path(&data)?]);
    let without = { verified }.output().await?;
    ensure!(
        !without.status.success() && said(&without).contains("master key"),
        "{}",
        said(&without)
    );
    let mut verified = tollkeeper(&["verify", "--data", path(&data)?]);
    let with = verified.env("TOLLKEEPER_MASTER_KEY", &key).output().await?;
    ensure!(with.status.success(), "{}", said(&with));
    Ok(())
}
