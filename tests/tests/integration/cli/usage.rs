//! `tollkeeper usage` and `tollkeeper calls`: what was used, call by call, and money back.

use anyhow::ensure;
use serde_json::json;

use super::asking::{asking, printed, refused, text, told};
use crate::stage::{MODEL, Stage, request, said};

#[tokio::test]
async fn usage_is_told_in_sums_and_in_lines() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let sums = printed(&stage, &["usage"]).await?;
    ensure!(sums.contains("today_usage") && sums.contains("requests.today"), "{sums}");
    ensure!(sums.contains("by_model:") && sums.contains(MODEL), "{sums}");
    for (by, shows) in [("model", MODEL), ("key", &stage.key.id), ("day", "starts at")] {
        let lines = printed(&stage, &["usage", "--by", by, "--key", &stage.key.id]).await?;
        ensure!(lines.lines().count() == 2 && lines.contains(shows), "{by}: {lines}");
        let json = told(&stage, &["usage", "--by", by]).await?;
        ensure!(json["data"][0]["requests"] == 1, "{by}: {json}");
    }
    let csv = printed(&stage, &["usage", "--by", "hour", "--user", &stage.user, "--csv"]).await?;
    ensure!(csv.starts_with("starts_at,") && csv.lines().count() == 2, "{csv}");
    let none = ["usage", "--by", "day", "--since", "2020-01-01T00:00:00Z", "--until"];
    let none = printed(&stage, &[&none[..], &["2020-01-02T00:00:00Z"]].concat()).await?;
    ensure!(none.trim() == "There is none.", "{none}");
    refused(&stage, &["usage", "--since", "yesterday"], "\n  --since: ").await?;
    refused(&stage, &["usage", "--key", "key_01890000000070008000000000000000"], "404").await
}

#[tokio::test]
async fn a_call_is_found_shown_and_refunded_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let listed =
        told(&stage, &["calls", "list", "--key", &stage.key.id, "--status", "200"]).await?;
    let id = text(&listed, "/data/0/id")?;
    let shown = printed(&stage, &["calls", "get", id]).await?;
    ensure!(shown.contains("bill:") && shown.contains("attempts:"), "{shown}");
    let table = printed(&stage, &["calls", "list", "--model", MODEL]).await?;
    ensure!(table.contains(id) && table.contains("completed"), "{table}");
    let csv = printed(&stage, &["calls", "list", "--csv"]).await?;
    ensure!(csv.starts_with("id,") && csv.lines().count() == 2, "{csv}");
    let both = asking(&stage, &["calls", "list", "--csv", "--limit", "1"]).output().await?;
    ensure!(both.status.code() == Some(2), "{}", said(&both));

    let refund = ["calls", "refund", id, "--reason", "cut off", "--idempotency-key", "r-1"];
    refused(&stage, &refund, "--yes").await?;
    let refund = [&refund[..], &["--yes"]].concat();
    let first = told(&stage, &refund).await?;
    ensure!(told(&stage, &refund).await?["id"] == first["id"], "{first}");
    let more = ["calls", "refund", id, "--reason", "again", "--yes"];
    refused(&stage, &more, "409").await?;
    let call = told(&stage, &["calls", "get", id]).await?;
    ensure!(call["refunds"].as_array().map(Vec::len) == Some(1), "{call}");
    stage.audit().await
}
