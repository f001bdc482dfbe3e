//! `tollkeeper keys`: the life of a key, from the command line alone.

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::world::Key;

use super::asking::{asking, fed, printed, refused, succeeded, text, told};
use crate::stage::{Stage, path, request, said};

/// The value stands alone on standard output, everything else on standard error.
#[tokio::test]
async fn a_key_is_made_and_its_value_stands_alone() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let make =
        ["keys", "create", "--name", "shop", "--owner", &stage.user, "--quota", "2.000000001"];
    let make =
        [&make[..], &["--tags", "prod,shop", "--daily-requests", "7", "--soft-window", "day"]];
    let make =
        [&make.concat()[..], &["--soft-amount", "1.5", "--ip-allowlist", "127.0.0.1"]].concat();
    let output = asking(&stage, &make).output().await?;
    let about = String::from_utf8(output.stderr.clone())?;
    let value = succeeded(&make, output)?;
    ensure!(value.starts_with("sk-") && value.lines().count() == 1, "{value}");
    ensure!(about.contains("shop") && !about.contains(value.trim()), "{about}");
    let new = Key { id: String::new(), secret: value.trim().to_owned() };
    stage.chat(&new, &request(json!({}))).await?.success()?;

    let listed =
        told(&stage, &["keys", "list", "--search", "shop", "--owner", &stage.user]).await?;
    let id = text(&listed, "/data/0/id")?.to_owned();
    let key = told(&stage, &["keys", "get", &id]).await?;
    ensure!(key["tags"] == json!(["prod", "shop"]) && key["daily_limit"]["requests"] == 7, "{key}");
    ensure!(key["soft_limit"]["window"] == "day" && key["ip_allowlist"][0] == "127.0.0.1", "{key}");
    // Every digit, for people and for scripts.
    for arguments in [&["keys", "get", &id][..], &["keys", "get", &id, "--json"]] {
        let shown = printed(&stage, arguments).await?;
        ensure!(shown.contains("2.000000001"), "{shown}");
    }
    stage.audit().await
}

#[tokio::test]
async fn a_key_is_edited_switched_rotated_and_ended() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": 5, "tags": ["a"]})).await?;
    let id = stage.key.id.clone();
    let before = told(&stage, &["keys", "get", &id]).await?;
    let etag = text(&before, "/etag")?;
    let edit = ["keys", "edit", &id, "--quota", "none", "--tags", "none", "--parallel", "3"];
    let with_etag = [&edit[..], &["--if-match", etag]].concat();
    let key = told(&stage, &with_etag).await?;
    ensure!(key["quota"].is_null() && key["tags"] == json!([]), "{key}");
    ensure!(key["rate_limits"]["parallel"] == 3, "{key}");
    refused(&stage, &with_etag, "412").await?;

    for (verb, status) in [("disable", "disabled"), ("enable", "not_used")] {
        let line = printed(&stage, &["keys", verb, &id]).await?;
        ensure!(line.trim() == format!("{id} is {verb}d."), "{line}");
        let listed = told(&stage, &["keys", "list", "--status", status]).await?;
        ensure!(listed["data"][0]["id"] == id.as_str(), "{listed}");
    }

    let value = printed(&stage, &["keys", "rotate", &id, "--grace-seconds", "600"]).await?;
    let new = Key { id: id.clone(), secret: value.trim().to_owned() };
    stage.chat(&new, &request(json!({}))).await?.success()?;
    stage.ask(&request(json!({}))).await?.success()?;
    // What cannot be taken back is asked for, and nobody can answer here.
    refused(&stage, &["keys", "end-grace", &id], "--yes").await?;
    stage.ask(&request(json!({}))).await?.success()?;
    printed(&stage, &["keys", "end-grace", &id, "--yes"]).await?;
    let old = stage.ask(&request(json!({}))).await?;
    ensure!(old.code().as_deref() == Some("key_rotated"), "{}", old.text());

    refused(&stage, &["keys", "reveal", &id], "403").await?;
    for (verb, code) in [("revoke", "key_revoked"), ("delete", "key_revoked")] {
        refused(&stage, &["keys", verb, &id], "--yes").await?;
        printed(&stage, &["keys", verb, &id, "--yes"]).await?;
        let ended = stage.chat(&new, &request(json!({}))).await?;
        ensure!(ended.code().as_deref() == Some(code), "{}", ended.text());
    }
    refused(&stage, &["keys", "get", &id], "404").await?;
    stage.audit().await
}

/// A refusal names the flags, in lines.
#[tokio::test]
async fn a_refusal_names_the_flags() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for (arguments, says) in [
        (vec!["--name", "a", "--quota", "much"], "\n  --quota: Expected a decimal"),
        (vec!["--name", "a", "--daily-requests", "1.5"], "\n  --daily-requests: Expected a whole"),
        (vec!["--name", "a", "--ip-allowlist", "127.0.0.1,x"], "\n  --ip-allowlist: "),
        (vec!["--name", "a", "--soft-amount", "0", "--soft-window", "day"], "\n  --soft-amount: "),
        (vec![], "\n  --name: This field is required."),
        (vec!["--name", "a", "--metadata", "/nowhere.json"], "--metadata: /nowhere.json cannot"),
        (
            vec!["--name", "a", "--no-soft-limit", "--soft-amount", "1"],
            "--no-soft-limit: it is set",
        ),
    ] {
        refused(&stage, &[&["keys", "create"], &arguments[..]].concat(), says).await?;
    }
    let output = asking(&stage, &["keys", "list", "--status", "odd"]).output().await?;
    ensure!(output.status.code() == Some(2) && said(&output).contains("exhausted"));
    Ok(())
}

/// All or none; the values come in the order of the file.
#[tokio::test]
async fn many_keys_are_made_listed_and_exported() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("keys.json");
    let wanted: Vec<_> =
        (0..5).map(|at| json!({"name": format!("bulk-{at}"), "owner": stage.user})).collect();
    std::fs::write(&file, serde_json::to_string(&wanted)?)?;
    let values = printed(&stage, &["keys", "bulk", path(&file)?]).await?;
    let values: Vec<&str> = values.lines().collect();
    ensure!(values.len() == 5 && values.iter().all(|value| value.starts_with("sk-")), "{values:?}");
    let last = Key { id: String::new(), secret: values[4].to_owned() };
    let shown = stage.client.bearer(&last.secret)?.get("/v1/key").await?.success()?.json()?;
    ensure!(shown["name"] == "bulk-4", "{shown}");

    std::fs::write(&file, json!({"keys": [{"name": "fine"}, {"name": ""}]}).to_string())?;
    refused(&stage, &["keys", "bulk", path(&file)?], "keys[1].name").await?;
    std::fs::write(&file, "no JSON")?;
    refused(&stage, &["keys", "bulk", path(&file)?], "is not JSON").await?;

    let find = ["keys", "list", "--search", "bulk-", "--limit", "2"];
    let page = asking(&stage, &find).output().await?;
    ensure!(said(&page).contains("--cursor") && said(&page).contains("--all"), "{}", said(&page));
    let first = told(&stage, &find).await?;
    let cursor = text(&first, "/next_cursor")?;
    let second = told(&stage, &[&find[..], &["--cursor", cursor]].concat()).await?;
    ensure!(second["data"][0]["id"] != first["data"][0]["id"], "{second}");
    let all = told(&stage, &[&find[..], &["--all"]].concat()).await?;
    ensure!(all["data"].as_array().map(Vec::len) == Some(5), "{all}");
    let csv = printed(&stage, &["keys", "export", "--search", "bulk-"]).await?;
    ensure!(csv.starts_with("id,name,") && csv.lines().count() == 6, "{csv}");
    Ok(())
}

#[tokio::test]
async fn templates_are_kept_and_used() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let set = ["keys", "templates", "set", "trial", "--quota", "3", "--expires-in-seconds", "3600"];
    printed(&stage, &set).await?;
    let listed = printed(&stage, &["keys", "templates", "list"]).await?;
    ensure!(listed.contains("trial") && listed.contains("production"), "{listed}");
    let template = told(&stage, &["keys", "templates", "get", "trial"]).await?;
    ensure!(template["fields"]["quota"] == "3", "{template}");
    let key = told(&stage, &["keys", "create", "--name", "t", "--template", "trial"]).await?;
    ensure!(key["quota"].as_f64() == Some(3.0) && key["expires_at"].is_string(), "{key}");
    refused(&stage, &["keys", "templates", "delete", "trial"], "--yes").await?;
    printed(&stage, &["keys", "templates", "delete", "trial", "--yes"]).await?;
    refused(&stage, &["keys", "templates", "get", "trial"], "404").await
}

/// A deployment that keeps values shows one again, to its owner, for the password on standard input.
#[tokio::test]
async fn a_sealed_value_is_shown_again() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--reveal", "sealed"])).await?;
    let made = told(&stage, &["keys", "create", "--name", "mine"]).await?;
    let (id, value) = (text(&made, "/id")?, text(&made, "/key")?);
    ensure!(printed(&stage, &["keys", "reveal", id]).await?.trim() == value);
    let owner = text(&made, "/owner")?;
    let set = ["users", "edit", owner, "--password-stdin"];
    succeeded(&set, fed(&stage, &set, "correct horse battery\n").await?)?;
    refused(&stage, &["keys", "reveal", id], "--password-stdin").await?;
    let reveal = ["keys", "reveal", id, "--password-stdin"];
    let shown = succeeded(&reveal, fed(&stage, &reveal, "correct horse battery\n").await?)?;
    ensure!(shown.trim() == value, "{shown}");
    Ok(())
}

/// Calls of a stretch of time are refunded at once.
#[tokio::test]
async fn a_keys_calls_are_refunded() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let refund = ["keys", "refund", &stage.key.id, "--since", "2020-01-01T00:00:00Z"];
    let refund = [&refund[..], &["--reason", "an outage"]].concat();
    refused(&stage, &refund, "--yes").await?;
    let back = told(&stage, &[&refund[..], &["--yes"]].concat()).await?;
    ensure!(back["calls"] == 1 && back["amount"].as_f64() > Some(0.0), "{back}");
    let ledger = told(&stage, &["users", "ledger", &stage.user]).await?;
    let kinds = ledger["data"].as_array().context("no lines")?;
    ensure!(kinds.iter().any(|line| line["kind"] == "refund"), "{ledger}");
    stage.audit().await
}
