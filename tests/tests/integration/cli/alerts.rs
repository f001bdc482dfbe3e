//! `tollkeeper alerts`: rules, destinations, and what they come to.

use anyhow::ensure;
use serde_json::json;

use super::asking::{asking, printed, refused, text, told};
use crate::stage::{Stage, eventually, said};

#[tokio::test]
async fn a_rule_raises_an_alert_that_is_acknowledged() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let make = ["alerts", "rules", "create", "--kind", "balance_low", "--threshold", "50"];
    let rule = told(&stage, &[&make[..], &["--user", &stage.user]].concat()).await?;
    let rule = text(&rule, "/id")?;
    eventually("the alert is raised", async || {
        let alerts = told(&stage, &["alerts", "list", "--kind", "balance_low"]).await?;
        Ok(alerts["data"].as_array().is_some_and(|rows| !rows.is_empty()))
    })
    .await?;
    let alerts = told(&stage, &["alerts", "list", "--subject", &stage.user]).await?;
    let alert = text(&alerts, "/data/0/id")?;
    printed(&stage, &["alerts", "acknowledge", alert]).await?;
    let table = printed(&stage, &["alerts", "list", "--state", "open"]).await?;
    ensure!(table.contains("acknowledged at") && table.contains(alert), "{table}");

    let edited = told(&stage, &["alerts", "rules", "edit", rule, "--everything"]).await?;
    ensure!(edited["scope"] == json!("all"), "{edited}");
    let none = ["alerts", "rules", "edit", rule, "--key", "key_01890000000070008000000000000000"];
    refused(&stage, &none, "\n  --key: There is no such key").await?;
    refused(&stage, &["alerts", "rules", "delete", rule], "--yes").await?;
    printed(&stage, &["alerts", "rules", "delete", rule, "--yes"]).await?;
    let rules = told(&stage, &["alerts", "rules", "list"]).await?;
    ensure!(rules["data"] == json!([]), "{rules}");
    Ok(())
}

/// The secret of a webhook stands alone; a test that does not arrive ends with 1.
#[tokio::test]
async fn a_destination_is_added_tested_and_deleted() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let add = ["alerts", "destinations", "add", "--kind", "webhook", "--name", "pager"];
    // Nobody listens there.
    let add = [&add[..], &["--address", "http://127.0.0.1:1/hook"]].concat();
    let secret = printed(&stage, &add).await?;
    ensure!(secret.starts_with("whsec_") && secret.lines().count() == 1, "{secret}");
    let listed = told(&stage, &["alerts", "destinations", "list"]).await?;
    let id = text(&listed, "/data/0/id")?;
    let output = asking(&stage, &["alerts", "destinations", "test", id]).output().await?;
    ensure!(output.status.code() == Some(1), "{}", said(&output));
    ensure!(said(&output).contains("failed"), "{}", said(&output));
    let sent = printed(&stage, &["alerts", "destinations", "deliveries", id]).await?;
    ensure!(sent.contains("alert.test"), "{sent}");
    let edit = ["alerts", "destinations", "edit", id, "--new-secret", "--disabled", "true"];
    let other = printed(&stage, &edit).await?;
    ensure!(other.starts_with("whsec_") && other != secret, "{other}");
    refused(&stage, &["alerts", "destinations", "delete", id], "--yes").await?;
    printed(&stage, &["alerts", "destinations", "delete", id, "--yes"]).await?;
    let left = printed(&stage, &["alerts", "destinations", "list"]).await?;
    ensure!(left.trim() == "There is none.", "{left}");
    Ok(())
}
