//! `tollkeeper backup` and `restore`: nothing that is settled is lost or there twice, calls under way
//! are held in doubt, and no file or directory that is not right changes anything.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;
use testkit::client::Client;
use tokio::process::Command;

use crate::postgres::Postgres;
use crate::stage::{BALANCE, Stage, path, request, said, scripted, tollkeeper};

const PASSPHRASE: &str = "correct horse battery staple";

/// A place for backups and for what they are restored to.
struct Shelf(TempDir);

impl Shelf {
    fn new() -> anyhow::Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn with_passphrase(arguments: &[&str], passphrase: &str) -> Command {
    let mut command = tollkeeper(arguments);
    command.env("TOLLKEEPER_BACKUP_PASSPHRASE", passphrase);
    command
}

async fn run(mut command: Command) -> anyhow::Result<String> {
    let output = command.output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

async fn refused(mut command: Command, words: &str) -> anyhow::Result<()> {
    let output = command.output().await?;
    ensure!(!output.status.success() && said(&output).contains(words), "{}", said(&output));
    Ok(())
}

fn backup(data: &Path, to: &Path, database: Option<&str>) -> anyhow::Result<Command> {
    let mut arguments = vec!["backup", "--json", "--data", path(data)?, "--to", path(to)?];
    arguments.extend(database.iter().flat_map(|url| ["--database", *url]));
    Ok(with_passphrase(&arguments, PASSPHRASE))
}

fn restore(from: &Path, data: &Path, more: &[&str]) -> anyhow::Result<Command> {
    let arguments = ["restore", "--from", path(from)?, "--data", path(data)?];
    Ok(with_passphrase(&[&arguments, more].concat(), PASSPHRASE))
}

async fn verified(data: &Path, more: &[&str]) -> anyhow::Result<Value> {
    let arguments = ["verify", "--json", "--data", path(data)?];
    let report = run(tollkeeper(&[&arguments, more].concat())).await?;
    Ok(serde_json::from_str(&report)?)
}

async fn call_ids(data: &Path) -> anyhow::Result<Vec<String>> {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", data.join("tollkeeper.db").display());
    let mut database = AnyConnection::connect(&url).await?;
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM calls").fetch_all(&mut database).await?;
    database.close().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Backups of a gateway that is busy: calls come and go, one is under way throughout.
async fn while_calls_run(database: Option<&str>) -> anyhow::Result<()> {
    let url = database.map(str::to_owned);
    let stage = Stage::set_with(|gateway| match url {
        Some(url) => gateway.database(url),
        // Segments that turn often, so that they come and go while one looks.
        None => gateway.args(["--journal-segment-bytes", "262144"]),
    })
    .await?;
    let stage = Arc::new(stage);
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 1_000});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    let (stop, shelf) = (Arc::new(AtomicBool::new(false)), Shelf::new()?);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (stage, stop) = (Arc::clone(&stage), Arc::clone(&stop));
        callers.spawn(async move {
            let mut ids = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let answer = stage.ask(&request(json!({}))).await?.success()?;
                ids.push(answer.header("x-request-id").context("no id")?.to_owned());
            }
            Ok::<_, anyhow::Error>(ids)
        });
    }
    for round in 0..4 {
        let mut before = HashSet::new();
        // A connection of its own: an older one has been idle for as long as a restore takes.
        let client = Client::new(stage.gateway.base_url()).bearer(&stage.key.secret)?;
        for _ in 0..10 {
            let answer = client.post_json("/v1/chat/completions", &request(json!({}))).await?;
            let answer = answer.success()?;
            before.insert(answer.header("x-request-id").context("no id")?.to_owned());
        }
        let file = shelf.at(&format!("{round}.backup"));
        let made: Value =
            serde_json::from_str(&run(backup(stage.gateway.data(), &file, database)?).await?)?;
        let data = shelf.at(&format!("restored-{round}"));
        run(restore(&file, &data, &[])?).await?;
        let report = verified(&data, &[]).await?;
        ensure!(report["differences"] == json!([]), "{report}");
        ensure!(report["in_doubt"].as_i64().is_some_and(|held| held >= 1), "{report}");
        ensure!(report["calls"] == made["calls"], "{report} {made}");
        let restored = call_ids(&data).await?;
        let different: HashSet<String> = restored.iter().cloned().collect();
        ensure!(different.len() == restored.len(), "a call is there twice");
        ensure!(before.is_subset(&different), "a settled call is lost");
        if let Some(base) = database {
            let empty = Postgres::create().await?;
            ensure!(empty.url != base);
            let data = shelf.at(&format!("shared-{round}"));
            run(restore(&file, &data, &["--database", &empty.url])?).await?;
            let shared = verified(&data, &["--database", &empty.url]).await?;
            ensure!(
                shared["differences"] == json!([]) && shared["calls"] == made["calls"],
                "{shared}"
            );
            ensure!(shared["in_doubt"] == report["in_doubt"], "{shared}");
            refused(
                restore(&file, &shelf.at("again"), &["--database", &empty.url])?,
                "holds a deployment already",
            )
            .await?;
        }
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(caller) = callers.join_next().await {
        ensure!(!caller??.is_empty(), "nobody called");
    }
    Ok(())
}

#[tokio::test]
async fn a_backup_of_a_busy_gateway_is_whole() -> anyhow::Result<()> {
    while_calls_run(None).await
}

#[tokio::test]
async fn so_it_is_on_postgresql() -> anyhow::Result<()> {
    let shared = Postgres::create().await?;
    while_calls_run(Some(&shared.url)).await
}

/// What was restored runs: the same keys, the same balance, and limits that hold.
#[tokio::test]
async fn a_restored_deployment_serves_its_keys() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let (shelf, data) = (Shelf::new()?, stage.gateway.data().to_owned());
    let file = shelf.at("a.backup");
    run(backup(&data, &file, None)?).await?;
    // What comes later is not in it.
    stage.ask(&request(json!({}))).await?.success()?;
    refused(restore(&file, &data, &["--replace"])?, "another tollkeeper process").await?;
    ensure!(stage.world.gateway.terminate().await?.success());
    refused(restore(&file, &data, &[])?, "holds books already: 2 calls").await?;
    ensure!(call_ids(&data).await?.len() == 2, "a refused restore changed something");
    let said = run(restore(&file, &data, &["--replace"])?).await?;
    ensure!(said.contains("replaced-"), "{said}");
    ensure!(call_ids(&data).await?.len() == 1);
    stage.world.gateway.restart().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(2).await?;
    ensure!(crate::stage::nanos(&stage.user_state().await?["credited"]) == BALANCE);
    stage.audit().await
}

/// A wrong passphrase, and files that are cut off, altered, newer or no backup at all.
#[tokio::test]
async fn what_is_not_a_sound_backup_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let (shelf, data) = (Shelf::new()?, stage.gateway.data().to_owned());
    let file = shelf.at("a.backup");
    run(backup(&data, &file, None)?).await?;
    refused(backup(&data, &file, None)?, "exists already").await?;
    let unmade = shelf.at("b");
    let short = ["backup", "--data", path(&data)?, "--to", path(&unmade)?];
    refused(with_passphrase(&short, "short"), "too short").await?;
    refused(tollkeeper(&short), "no terminal").await?;
    ensure!(!unmade.exists());

    let bytes = std::fs::read(&file)?;
    let key = std::fs::read_to_string(data.join("master.key"))?;
    for secret in [key.trim(), PASSPHRASE, stage.key.secret.as_str(), "one two three"] {
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        ensure!(!found, "a secret is in the file");
    }
    let target = shelf.at("target");
    let wrong = ["restore", "--from", path(&file)?, "--data", path(&target)?];
    refused(with_passphrase(&wrong, "another passphrase"), "not the one").await?;
    let head_end = 20 + 4 + usize::try_from(u32::from_be_bytes(bytes[20..24].try_into()?))?;
    let altered = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let digit = find(&bytes, b"\\\"calls\\\":").context("no count of calls")?;
    let mut newer = bytes.clone();
    newer[18] = b'9';
    for (name, bytes, words) in [
        ("empty", Vec::new(), "is not a backup"),
        ("foreign", b"SQLite format 3\0, and more than enough bytes".to_vec(), "is not a backup"),
        ("head cut off", bytes[..60].to_vec(), "cut off"),
        ("cut off", bytes[..bytes.len() - 1].to_vec(), "cut off"),
        ("longer", [bytes.as_slice(), b"x"].concat(), "follows its end"),
        ("database altered", altered(head_end + 5_000), "database was altered"),
        ("last byte altered", altered(bytes.len() - 1), "database was altered"),
        ("head altered", altered(digit + 10), "damaged"),
        ("newer", newer, "newer release"),
    ] {
        let broken = shelf.at("broken.backup");
        std::fs::write(&broken, bytes)?;
        let check = ["backup", "--check", path(&broken)?];
        refused(tollkeeper(&check), words).await.with_context(|| format!("{name}, checked"))?;
        let restored = refused(restore(&broken, &target, &[])?, words).await;
        restored.with_context(|| format!("{name}, restored"))?;
        ensure!(!target.join("tollkeeper.db").exists(), "{name}: something was restored");
    }
    let check = ["backup", "--check", path(&file)?];
    ensure!(run(tollkeeper(&check)).await?.contains("is whole:"));
    ensure!(run(with_passphrase(&check, PASSPHRASE)).await?.contains("the passphrase opens it"));
    refused(with_passphrase(&check, "another passphrase"), "not the one").await?;
    run(restore(&file, &target, &[])?).await?;
    ensure!(verified(&target, &[]).await?["differences"] == json!([]));
    ensure!(std::fs::read_to_string(target.join("master.key"))? == key);
    Ok(())
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// After a crash and before the next start, what the journal alone knows is in the backup.
#[tokio::test]
async fn a_backup_after_a_crash_has_what_the_journal_has() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let mut ids = HashSet::new();
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    for _ in 0..20 {
        let answer = stage.ask(&request(json!({}))).await?.success()?;
        ids.insert(answer.header("x-request-id").context("no id")?.to_owned());
    }
    stage.world.gateway.kill9().await?;
    let (shelf, data) = (Shelf::new()?, stage.gateway.data().to_owned());
    run(backup(&data, &shelf.at("a"), None)?).await?;
    let restored = shelf.at("restored");
    run(restore(&shelf.at("a"), &restored, &[])?).await?;
    let report = verified(&restored, &[]).await?;
    ensure!(report["differences"] == json!([]) && report["in_doubt"] == 1, "{report}");
    let found: HashSet<String> = call_ids(&restored).await?.into_iter().collect();
    ensure!(found == ids, "{} of {} calls", found.len(), ids.len());
    Ok(())
}
