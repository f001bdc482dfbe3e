//! `tollkeeper groups`.

use anyhow::ensure;

use super::asking::{printed, refused, told};
use crate::stage::Stage;

#[tokio::test]
async fn a_group_is_set_and_deleted() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    // A name that would mean something else in a URL.
    let set = |factor| ["groups", "set", "night & day?", "--multiplier", factor];
    printed(&stage, &set("1.000001")).await?;
    let listed = printed(&stage, &["groups", "list"]).await?;
    ensure!(listed.contains("night & day?") && listed.contains("1.000001"), "{listed}");
    refused(&stage, &set("2000"), "\n  --multiplier: Expected").await?;
    refused(&stage, &["groups", "delete", "night & day?"], "--yes").await?;
    printed(&stage, &["groups", "delete", "night & day?", "--yes"]).await?;
    let listed = told(&stage, &["groups", "list"]).await?;
    ensure!(listed["data"].as_array().map(Vec::len) == Some(1), "{listed}");
    refused(&stage, &["groups", "delete", "default", "--yes"], "409").await
}
