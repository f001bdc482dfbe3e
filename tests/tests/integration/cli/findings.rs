//! `tollkeeper findings`.

use anyhow::{Context, ensure};

use super::asking::{printed, refused, told};
use crate::stage::Stage;

#[tokio::test]
async fn findings_are_listed_fixed_and_put_aside() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let listed = told(&stage, &["findings", "list", "--key", &stage.key.id]).await?;
    let ids: Vec<&str> = listed["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["id"].as_str())
        .collect();
    let of = |kind: &str| ids.iter().copied().find(|id| id.starts_with(kind));
    let expiry = of("no_expiry").with_context(|| listed.to_string())?;
    let table = printed(&stage, &["findings", "list", "--kind", "no_expiry"]).await?;
    ensure!(table.contains(expiry) && table.contains("set_expiry"), "{table}");

    refused(&stage, &["findings", "fix", expiry, "--fix", "set_expiry"], "--yes").await?;
    refused(&stage, &["findings", "fix", expiry, "--fix", "x", "--yes"], "\n  --fix: Expected")
        .await?;
    printed(&stage, &["findings", "fix", expiry, "--fix", "set_expiry", "--yes"]).await?;
    let key = told(&stage, &["keys", "get", &stage.key.id]).await?;
    ensure!(key["expires_at"].is_string(), "{key}");
    refused(&stage, &["findings", "fix", expiry, "--fix", "set_expiry", "--yes"], "409").await?;

    let other = of("no_ip_allowlist").with_context(|| listed.to_string())?;
    printed(&stage, &["findings", "dismiss", other]).await?;
    let left = told(&stage, &["findings", "list", "--all"]).await?.to_string();
    ensure!(!left.contains(other), "{left}");
    let all = told(&stage, &["findings", "list", "--dismissed"]).await?.to_string();
    ensure!(all.contains(other), "{all}");
    Ok(())
}
