//! `POST /api/v1/backup`, and the console's card for it: what comes down restores and verifies, and
//! only the owner gets it.

use anyhow::{Context, ensure};
use http::Method;
use serde_json::{Value, json};
use std::path::Path;
use testkit::client::{Client, Response};

use super::sessions::{PASSWORD, browser, log_in};
use crate::stage::{Stage, path, request, said, tollkeeper};

const PASSPHRASE: &str = "correct horse battery staple";

/// Restores a file into a new directory, and says what `verify` finds there.
async fn restored(file: &[u8], room: &Path) -> anyhow::Result<Value> {
    let (from, data) = (room.join("it.backup"), room.join("restored"));
    std::fs::write(&from, file)?;
    for arguments in [
        vec!["backup", "--check", path(&from)?],
        vec!["restore", "--from", path(&from)?, "--data", path(&data)?],
    ] {
        let mut command = tollkeeper(&arguments);
        command.env("TOLLKEEPER_BACKUP_PASSPHRASE", PASSPHRASE);
        let output = command.output().await?;
        ensure!(output.status.success(), "{arguments:?}: {}", said(&output));
    }
    let output = tollkeeper(&["verify", "--json", "--data", path(&data)?]).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn is_a_download(answer: &Response) -> anyhow::Result<()> {
    let said = answer.header("content-disposition").unwrap_or_default();
    ensure!(said.starts_with("attachment; filename=\"tollkeeper-2"), "{said}");
    ensure!(answer.header("cache-control") == Some("no-store"), "{:?}", answer.headers);
    let length = answer.header("content-length").map(str::parse::<usize>).transpose()?;
    ensure!(length == Some(answer.body.len()), "{length:?} of {}", answer.body.len());
    Ok(())
}

/// A management key of a new user of this role.
async fn key_of(stage: &Stage, role: &str) -> anyhow::Result<Client> {
    let user = json!({"name": role, "role": role});
    let user = stage.management.post_json("/api/v1/users", &user).await?.success()?.json()?;
    // A member's key can have no scope of the deployment's.
    let scopes = if role == "member" { json!(["keys:read"]) } else { json!(["system:write"]) };
    let wanted = json!({"name": "k", "owner": user["id"], "scopes": scopes});
    let made = stage.management.post_json("/api/v1/management-keys", &wanted).await?.success()?;
    let made = made.json()?;
    Client::new(stage.gateway.base_url()).bearer(made["key"].as_str().context("no key")?)
}

#[tokio::test]
async fn a_download_restores_and_verifies() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for _ in 0..5 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    let wanted = json!({"passphrase": PASSPHRASE});
    let answer = stage.management.post_json("/api/v1/backup", &wanted).await?.success()?;
    is_a_download(&answer)?;
    let room = tempfile::tempdir()?;
    let report = restored(&answer.body, room.path()).await?;
    ensure!(report["differences"] == json!([]) && report["calls"] == 5, "{report}");

    // It says who did it, and nowhere with what.
    let log = stage.management.get("/api/v1/audit?limit=5").await?.success()?.json()?;
    let row = &log["data"][0];
    ensure!(row["action"] == "backup.create" && row["summary"] == "passphrase", "{log}");
    let written = std::fs::read_to_string(stage.gateway.stderr_path())?;
    ensure!(!written.contains(PASSPHRASE), "{written}");
    // Nothing of it stays beside the books.
    for entry in std::fs::read_dir(stage.gateway.data())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(!name.starts_with("backup"), "{name} is left");
    }
    Ok(())
}

#[tokio::test]
async fn a_backup_is_the_owners_alone() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let wanted = json!({"passphrase": PASSPHRASE});
    for (role, code) in [("admin", "owner_only"), ("member", "scope_missing")] {
        let answer = key_of(&stage, role).await?.post_json("/api/v1/backup", &wanted).await?;
        ensure!(answer.status == 403, "{role}: {}", answer.text());
        ensure!(answer.json()?["code"] == code, "{role}: {}", answer.text());
    }
    for passphrase in [json!("short"), json!("x".repeat(1_025)), json!(7), Value::Null] {
        let wanted = json!({"passphrase": passphrase});
        let answer = stage.management.post_json("/api/v1/backup", &wanted).await?;
        ensure!(answer.status == 422, "{}", answer.text());
        ensure!(answer.json()?["errors"][0]["field"] == "passphrase", "{}", answer.text());
    }
    Ok(())
}

/// The card on the console's System page, as its form is sent.
#[tokio::test]
async fn the_console_hands_the_file_on() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let base = stage.gateway.base_url();
    let visitor = Client::new(&base).header("origin", &base)?;
    let url = stage.gateway.init["setup_url"].as_str().context("no link")?;
    let (_, token) = url.split_once('#').context("no token")?;
    let body = json!({"token": token, "password": PASSWORD, "name": "Owner"});
    visitor.post_json("/api/v1/setup", &body).await?.success()?;
    let signed_in = log_in(&visitor, "Owner", PASSWORD).await?.success()?;
    let owner = browser(&visitor, &signed_in)?;
    let page = owner.get("/console/system").await?.success()?.text();
    ensure!(page.contains("action=\"/console/system/backup#backup\""), "no card: {page}");

    let send = async |passphrase: &str, again: &str, password: &str| {
        let form = format!(
            "passphrase={}&again={}&password={}",
            passphrase.replace(' ', "+"),
            again.replace(' ', "+"),
            password.replace(' ', "+")
        );
        let owner = owner.header("content-type", "application/x-www-form-urlencoded")?;
        owner.send(Method::POST, "/console/system/backup", form.into_bytes()).await
    };
    for (passphrase, again, password, field) in [
        ("short", "short", PASSWORD, "error-passphrase"),
        (PASSPHRASE, "another one of them", PASSWORD, "error-again"),
        (PASSPHRASE, PASSPHRASE, "not this one", "error-password"),
    ] {
        let answer = send(passphrase, again, password).await?;
        let text = answer.text();
        ensure!(answer.status == 422 && text.contains(&format!("id=\"{field}\"")), "{text}");
        ensure!(!text.contains(passphrase) || passphrase == "short", "the passphrase is sent back");
    }
    let answer = send(PASSPHRASE, PASSPHRASE, PASSWORD).await?.success()?;
    is_a_download(&answer)?;
    let room = tempfile::tempdir()?;
    let report = restored(&answer.body, room.path()).await?;
    ensure!(report["differences"] == json!([]) && report["calls"] == 1, "{report}");
    Ok(())
}
