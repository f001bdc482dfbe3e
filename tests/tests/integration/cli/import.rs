//! `tollkeeper import new-api`: reads the database where it is, and sends only what is needed.

use anyhow::ensure;
use serde_json::json;

use super::asking::{asking, printed, refused, told};
use crate::stage::old_site::{self, ALICE};
use crate::stage::{Stage, path, request, said};

#[tokio::test]
async fn a_site_is_imported_after_a_look() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let before = std::fs::read(&file)?;
    let file = path(&file)?;
    let dry = printed(&stage, &["import", "new-api", file, "--dry-run"]).await?;
    ensure!(dry.contains("would be made: groups 1") && dry.contains("alice@example.test"), "{dry}");
    ensure!(dry.contains("hand-made") && dry.contains("claude-x"), "{dry}");
    refused(&stage, &["import", "new-api", file], "give --yes").await?;
    let done = told(&stage, &["import", "new-api", file, "--yes"]).await?;
    ensure!(done["counts"]["keys"]["made"] == 7 && done["dry_run"] == false, "{done}");
    let holder = stage.client.bearer(&format!("sk-{ALICE}"))?;
    holder.post_json("/v1/chat/completions", &request(json!({}))).await?.success()?;
    let again = printed(&stage, &["import", "new-api", file, "--yes"]).await?;
    ensure!(again.contains("keys 0 (7 here already, 3 left out)"), "{again}");
    ensure!(std::fs::read(file)? == before, "the site's file was written");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_is_said_before_anything_is_sent() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let other = directory.path().join("other.db");
    std::fs::write(&other, "nothing of the kind")?;
    let import = |place: &str| vec!["import".to_owned(), "new-api".to_owned(), place.to_owned()];
    for (place, says) in [
        (path(&other)?, "not an SQLite database"),
        ("/nowhere/one-api.db", "cannot be opened"),
        ("mysql://me:pw@db/one", "mysql2sqlite"),
        ("postgres://me:secret@127.0.0.1:1/one", "cannot be reached"),
    ] {
        let arguments = import(place);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let arguments = [arguments.as_slice(), &["--yes"]].concat();
        refused(&stage, &arguments, says).await?;
        let output = asking(&stage, &arguments).output().await?;
        ensure!(!said(&output).contains("secret"), "{}", said(&output));
    }
    Ok(())
}
