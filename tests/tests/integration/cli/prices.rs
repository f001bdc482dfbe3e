//! `tollkeeper prices`: the starter list and imports, on a running gateway.

use anyhow::ensure;
use serde_json::{Value, json};

use super::asking::{asking, printed, refused, told};
use crate::stage::{Stage, path, said};

#[tokio::test]
async fn the_starter_list_has_source_and_date() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let output = asking(&stage, &["prices", "starter", "--json"]).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    let listed: Value = serde_json::from_slice(&output.stdout)?;
    let rows = listed["data"].as_array().map_or(&[][..], Vec::as_slice);
    ensure!(rows.len() > 20, "{listed}");
    ensure!(rows.iter().all(|row| row["source"].is_string() && row["as_of"].is_string()));
    let output = asking(&stage, &["prices", "starter"]).output().await?;
    ensure!(output.status.success() && said(&output).contains("as of"), "{}", said(&output));
    Ok(())
}

/// A dry run changes nothing; the import then sets what it said.
#[tokio::test]
async fn starter_prices_are_imported() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let count = async || -> anyhow::Result<usize> {
        let prices = stage.management.get("/api/v1/prices?limit=200").await?.success()?.json()?;
        Ok(prices["data"].as_array().map_or(0, Vec::len))
    };
    let before = count().await?;
    let import = ["prices", "import", "starter", "--models", "claude-*"];
    let dry = [&import[..], &["--dry-run"]].concat();
    let output = asking(&stage, &dry).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    ensure!(said(&output).contains("would be set"), "{}", said(&output));
    ensure!(count().await? == before, "a dry run sets prices");

    let json = [&import[..], &["--json"]].concat();
    let output = asking(&stage, &json).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let set = told["set"].as_array().map_or(0, Vec::len);
    ensure!(set > 0 && count().await? == before + set, "{told}");

    let output = asking(&stage, &import).output().await?;
    ensure!(said(&output).contains("0 set") && !said(&output).contains(" 0 unchanged"));
    Ok(())
}

/// A file of LiteLLM's; what differs is left until it is to be overwritten, and no digit is lost.
#[tokio::test]
async fn a_file_is_imported() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("prices.json");
    let file = path(&file)?;
    let write = |input: &str| {
        let text = format!(
            r#"{{"big-1": {{"mode": "chat", "input_cost_per_token": {input},
                "output_cost_per_token": 0.000008}}}}"#
        );
        std::fs::write(file, text)
    };
    let import = ["prices", "import", "litellm", "--file", file];
    write("0.000001234567")?;
    let output = asking(&stage, &import).output().await?;
    ensure!(output.status.success() && said(&output).contains("1 set"), "{}", said(&output));
    let price = stage.management.get("/api/v1/prices/big-1").await?.success()?.text();
    ensure!(price.contains("1.234567"), "{price}");

    write("0.000002")?;
    let output = asking(&stage, &import).output().await?;
    ensure!(said(&output).contains("--overwrite") && said(&output).contains("1 differ"));
    let output = asking(&stage, &[&import[..], &["--overwrite"]].concat()).output().await?;
    ensure!(output.status.success() && said(&output).contains("replaced"), "{}", said(&output));
    let price = stage.management.get("/api/v1/prices/big-1").await?.success()?.json()?;
    ensure!(price["input"] == json!(2) || price["input"] == json!(2.0), "{price}");
    Ok(())
}

#[tokio::test]
async fn files_that_are_none_say_so() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("prices.json");
    std::fs::write(&file, "not JSON")?;
    let file = path(&file)?;
    for (arguments, says) in [
        (vec!["prices", "import", "litellm", "--file", "/nowhere.json"], "/nowhere.json"),
        (vec!["prices", "import", "litellm", "--file", file], "is not JSON"),
        (vec!["prices", "import", "litellm"], "422"),
        (vec!["prices", "import", "elsewhere"], "starter"),
        (vec!["prices", "import"], "SOURCE"),
    ] {
        let output = asking(&stage, &arguments).output().await?;
        ensure!(!output.status.success(), "{arguments:?}: {}", said(&output));
        ensure!(said(&output).contains(says), "{arguments:?}: {}", said(&output));
    }
    Ok(())
}

/// One model's price, to the last digit; a file holds the prices for long inputs.
#[tokio::test]
async fn a_price_is_set_read_and_deleted() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let tiers = directory.path().join("tiers.json");
    std::fs::write(&tiers, r#"[{"above_input_tokens": 200000, "input": 2.000000001}]"#)?;
    let set = ["prices", "set", "org/big-1", "--input", "1.234567891", "--output", "8", "--tiers"];
    printed(&stage, &[&set[..], &[path(&tiers)?, "--context-window", "1000000"]].concat()).await?;
    let shown = printed(&stage, &["prices", "get", "org/big-1"]).await?;
    ensure!(shown.contains("1.234567891") && shown.contains("2.000000001"), "{shown}");
    let listed = printed(&stage, &["prices", "list"]).await?;
    ensure!(listed.contains("org/big-1") && listed.contains("output"), "{listed}");
    refused(&stage, &["prices", "set", "x", "--input", "-1"], "\n  --input: ").await?;
    refused(&stage, &["prices", "delete", "org/big-1"], "--yes").await?;
    printed(&stage, &["prices", "delete", "org/big-1", "--yes"]).await?;
    refused(&stage, &["prices", "get", "org/big-1"], "404").await?;
    let left = told(&stage, &["prices", "list"]).await?;
    ensure!(left["data"].as_array().map(Vec::len) == Some(1), "{left}");
    Ok(())
}
