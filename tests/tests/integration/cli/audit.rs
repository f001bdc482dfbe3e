//! `tollkeeper audit`.

use anyhow::ensure;

use super::asking::{printed, refused, told};
use crate::stage::Stage;

#[tokio::test]
async fn the_log_is_listed_and_verified() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    printed(&stage, &["users", "freeze", &stage.user]).await?;
    let rows = told(&stage, &["audit", "list", "--object", &stage.user]).await?;
    ensure!(rows["data"][0]["action"] == "users.freeze", "{rows}");
    let table = printed(&stage, &["audit", "list", "--action", "users.freeze"]).await?;
    ensure!(table.contains(&stage.user) && table.lines().count() == 2, "{table}");
    let all = told(&stage, &["audit", "list", "--all", "--limit", "2"]).await?;
    ensure!(all["data"].as_array().is_some_and(|rows| rows.len() > 4), "{all}");
    let report = printed(&stage, &["audit", "verify"]).await?;
    ensure!(report.contains("sound") && report.contains("true"), "{report}");
    refused(&stage, &["audit", "list", "--since", "x"], "\n  --since: ").await
}
