//! `tollkeeper redemption-codes`.

use anyhow::ensure;

use super::asking::{printed, refused, text, told};
use crate::stage::Stage;

#[tokio::test]
async fn codes_are_made_listed_and_revoked() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let make = ["redemption-codes", "create", "--amount", "2.5", "--count", "3", "--note", "fair"];
    let values = printed(&stage, &make).await?;
    ensure!(values.lines().count() == 3, "{values}");
    let listed = told(&stage, &["redemption-codes", "list"]).await?;
    ensure!(listed["data"].as_array().map(Vec::len) == Some(3), "{listed}");
    ensure!(listed["data"][0]["note"] == "fair" && listed["data"][0]["status"] == "open");
    let id = text(&listed, "/data/0/id")?;
    refused(&stage, &["redemption-codes", "revoke", id], "--yes").await?;
    printed(&stage, &["redemption-codes", "revoke", id, "--yes"]).await?;
    let table = printed(&stage, &["redemption-codes", "list", "--limit", "1"]).await?;
    ensure!(table.contains("revoked"), "{table}");
    refused(&stage, &["redemption-codes", "create", "--amount", "0"], "\n  --amount: ").await
}
