//! Starts that must fail: each says what is wrong and changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::json;
use sqlx::{AnyConnection, Connection};

use crate::stage::{Stage, path, request, said, tollkeeper, verify};

/// Starts a gateway on the directory, which must fail and say these words.
async fn refused(data: &Path, arguments: &[&str], words: &str) -> anyhow::Result<()> {
    let mut command = tollkeeper(&["serve", "--listen", "127.0.0.1:0", "--data", path(data)?]);
    let output = tokio::time::timeout(crate::stage::PATIENCE, command.args(arguments).output());
    let output = output.await.context("it started")??;
    let said = said(&output);
    ensure!(!output.status.success() && said.contains(words), "{words:?} is not in {said}");
    ensure!(!said.contains("panicked"), "{said}");
    Ok(())
}

/// A deployment that was stopped in order.
async fn stopped() -> anyhow::Result<Stage> {
    let mut stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(1).await?;
    ensure!(stage.world.gateway.terminate().await?.success());
    Ok(stage)
}

/// What the directory holds; not the lock, nor what SQLite puts beside a database that is open.
fn files(directory: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.file_type()?.is_file() || name == "lock" || name.ends_with("-shm") {
            continue;
        }
        let bytes = std::fs::read(entry.path())?;
        if !(name.ends_with("-wal") && bytes.is_empty()) {
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

async fn execute(data: &Path, sql: &'static str) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", data.join("tollkeeper.db").display());
    let mut database = AnyConnection::connect(&url).await?;
    sqlx::raw_sql(sql).execute(&mut database).await?;
    database.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_second_process_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    refused(stage.gateway.data(), &[], "another tollkeeper process is running").await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(1).await?;
    stage.audit().await
}

#[tokio::test]
async fn a_port_in_use_is_named() -> anyhow::Result<()> {
    let stage = stopped().await?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let mut command = tollkeeper(&["serve", "--listen", &address, "--data"]);
    let output = command.arg(stage.gateway.data()).output().await?;
    let said = said(&output);
    ensure!(!output.status.success() && said.contains(&address), "{said}");
    ensure!(said.contains("--listen"), "{said}");
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_directory_without_a_deployment_is_named() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let missing = directory.path().join("missing");
    for data in [directory.path(), &missing] {
        let mut command = tollkeeper(&["serve", "--listen", "127.0.0.1:0", "--data", path(data)?]);
        let output = command.output().await?;
        let said = said(&output);
        ensure!(!output.status.success() && said.contains("init"), "{said}");
    }
    ensure!(!missing.exists(), "a failed start made a directory");
    Ok(())
}

#[tokio::test]
async fn another_master_key_is_refused() -> anyhow::Result<()> {
    let stage = stopped().await?;
    let file = stage.gateway.data().join("master.key");
    let right = std::fs::read(&file)?;
    std::fs::write(&file, "00".repeat(32))?;
    let before = files(stage.gateway.data())?;
    refused(stage.gateway.data(), &[], "master key is not the one").await?;
    let after = files(stage.gateway.data())?;
    let changed =
        before.keys().chain(after.keys()).find(|name| before.get(*name) != after.get(*name));
    ensure!(changed.is_none(), "a refused start changed {changed:?}");
    std::fs::write(&file, "not a key")?;
    refused(stage.gateway.data(), &[], "64 hexadecimal digits").await?;
    std::fs::remove_file(&file)?;
    refused(stage.gateway.data(), &[], "no master key").await?;
    std::fs::write(&file, right)?;
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() -> anyhow::Result<()> {
    let stage = stopped().await?;
    let data = stage.gateway.data();
    std::fs::remove_file(data.join("tollkeeper.db"))?;
    execute(data, "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x');").await?;
    refused(data, &[], "belongs to another program").await?;
    let output = tollkeeper(&["verify", "--data", path(data)?]).output().await?;
    ensure!(said(&output).contains("belongs to another program"), "{}", said(&output));
    execute(data, "DELETE FROM bookmarks WHERE url = 'x';").await
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() -> anyhow::Result<()> {
    let stage = stopped().await?;
    let database = stage.gateway.data().join("tollkeeper.db");
    let text = "This is a letter, not a database. ".repeat(200);
    std::fs::write(&database, &text)?;
    refused(stage.gateway.data(), &[], "database").await?;
    ensure!(std::fs::read_to_string(&database)? == text);
    Ok(())
}

#[tokio::test]
async fn a_newer_database_is_left_alone() -> anyhow::Result<()> {
    let stage = stopped().await?;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9000, 'later', 1, x'00', 0);";
    execute(stage.gateway.data(), newer).await?;
    refused(stage.gateway.data(), &[], "newer release").await
}

#[tokio::test]
async fn a_migration_altered_by_hand_is_named() -> anyhow::Result<()> {
    let stage = stopped().await?;
    execute(stage.gateway.data(), "UPDATE _sqlx_migrations SET checksum = x'00';").await?;
    refused(stage.gateway.data(), &[], "migration 1 of this database").await
}

/// A directory that may be read and not written: a user without rights, even where the tests run
/// as root.
#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut stage = stopped().await?;
    let data = stage.gateway.data().to_owned();
    let root = data.parent().context("no parent")?.to_owned();
    let mode =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    mode(&root, 0o755)?;
    mode(&data, 0o555)?;
    for entry in std::fs::read_dir(&data)? {
        let entry = entry?.path();
        mode(&entry, if entry.is_dir() { 0o555 } else { 0o444 })?;
    }
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", path(&data)?];
    let output = if rustix::process::geteuid().is_root() {
        let binary = testkit::gateway_process::default_binary();
        let mut command = tokio::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(binary);
        command.args(serve).output().await?
    } else {
        tollkeeper(&serve).output().await?
    };
    let said = said(&output);
    ensure!(!output.status.success(), "{said}");
    ensure!(said.contains("ermission denied") && said.contains(path(&data)?), "{said}");
    ensure!(!said.contains("panicked"), "{said}");
    mode(&data, 0o755)?;
    for entry in std::fs::read_dir(&data)? {
        let entry = entry?.path();
        mode(&entry, if entry.is_dir() { 0o755 } else { 0o644 })?;
    }
    stage.world.gateway.restart().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(2).await?;
    stage.audit().await
}

/// Settings that cannot be used are named before anything is opened.
#[tokio::test]
async fn a_wrong_setting_is_named() -> anyhow::Result<()> {
    let stage = stopped().await?;
    let data = stage.gateway.data();
    refused(data, &["--time-zone", "Mars/Olympus"], "time-zone").await?;
    refused(data, &["--allow-egress", "10.0.0.1/8"], "allow-egress").await?;
    refused(data, &["--durability", "maybe"], "durability").await?;
    verify(data).await
}

/// The strict mode keeps the same books.
#[tokio::test]
async fn strict_durability_serves_the_same() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--durability", "strict"])).await?;
    for stream in [false, true] {
        stage.ask(&request(json!({"stream": stream}))).await?.success()?;
    }
    stage.calls_when(2).await?;
    stage.audit().await
}

/// A shared runtime, too.
#[tokio::test]
async fn a_shared_runtime_serves_the_same() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--runtime", "shared"])).await?;
    for stream in [false, true] {
        stage.ask(&request(json!({"stream": stream}))).await?.success()?;
    }
    stage.calls_when(2).await?;
    stage.audit().await
}
