//! `tollkeeper tiers`.

use anyhow::ensure;

use super::asking::{printed, refused, told};
use crate::stage::Stage;

#[tokio::test]
async fn tiers_are_set_one_by_one() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let before = told(&stage, &["tiers", "list"]).await?;
    let table =
        printed(&stage, &["tiers", "set", "--standard", "3", "--enterprise", "none"]).await?;
    ensure!(table.contains("standard") && table.contains("key limit"), "{table}");
    let after = told(&stage, &["tiers", "list"]).await?;
    ensure!(
        after["data"][0]["key_limit"] == 3 && after["data"][2]["key_limit"].is_null(),
        "{after}"
    );
    ensure!(after["data"][1] == before["data"][1], "{after}");
    refused(&stage, &["tiers", "set", "--standard", "-1"], "\n  --standard: Expected").await
}
