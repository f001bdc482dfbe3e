//! `kill -9`: what was answered is in the books, once; what was not is held.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{PROMPT_TOKENS, Stage, cost, nanos, request, scripted, verify};

#[tokio::test]
async fn what_was_answered_is_in_the_books() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    for round in 1..=3_usize {
        for _ in 0..5 {
            stage.ask(&scripted(json!({"output_tokens": 10}), json!({}))).await?.success()?;
        }
        stage.world.gateway.kill9().await?;
        stage.world.gateway.restart().await?;
        let usage = stage.usage(&stage.key).await?;
        let spent = i64::try_from(5 * round)? * cost(PROMPT_TOKENS, 10);
        ensure!(nanos(&usage["total_usage"]) == spent, "round {round}: {usage}");
        ensure!(stage.calls().await?.len() == 5 * round);
    }
    stage.audit().await
}

/// The last segment that holds records, and where they end.
fn tail(data: &Path) -> anyhow::Result<(PathBuf, u64)> {
    let mut found = None;
    let mut paths: Vec<PathBuf> = std::fs::read_dir(data.join("journal"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let bytes = std::fs::read(&path)?;
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        if end > 256 {
            found = Some((path, u64::try_from(end)?));
        }
    }
    found.context("no segment holds records")
}

/// A torn tail is a record that was never acknowledged: the start warns, and books the rest.
async fn starts_with(
    tear: impl Fn(&std::fs::File, u64) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    stage.ask(&scripted(json!({"output_tokens": 10}), json!({}))).await?.success()?;
    stage.calls_when(1).await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    stage.world.gateway.kill9().await?;
    let (path, end) = tail(stage.gateway.data())?;
    tear(&OpenOptions::new().write(true).open(&path)?, end)?;
    stage.world.gateway.restart().await?;
    let log = std::fs::read_to_string(stage.gateway.stderr_path())?;
    ensure!(log.contains("not orderly"), "no warning: {log}");
    let usage = stage.usage(&stage.key).await?;
    ensure!(nanos(&usage["total_usage"]) == cost(PROMPT_TOKENS, 10), "{usage}");
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(2).await?;
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_record_that_was_cut_off() -> anyhow::Result<()> {
    starts_with(|file, end| file.set_len(end - 7)).await
}

#[tokio::test]
async fn a_record_that_was_half_written() -> anyhow::Result<()> {
    starts_with(|file, end| file.write_all_at(&[0; 9], end - 9)).await
}

#[tokio::test]
async fn a_record_that_was_garbled() -> anyhow::Result<()> {
    starts_with(|file, end| file.write_all_at(b"garbage", end - 20)).await
}

#[tokio::test]
async fn garbage_behind_the_last_record() -> anyhow::Result<()> {
    starts_with(|file, end| file.write_all_at(&[0xa5; 300], end + 3)).await
}

/// A journal of another node is not taken for one's own.
#[tokio::test]
async fn a_journal_of_another_node_is_refused() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.world.gateway.kill9().await?;
    let mut other = Stage::set().await?;
    other.world.gateway.kill9().await?;
    let from = other.gateway.data().join("node.id");
    std::fs::copy(from, stage.gateway.data().join("node.id"))?;
    let failed = stage.world.gateway.restart().await;
    let error = failed.err().context("it started")?.to_string();
    ensure!(error.contains("belongs to node"), "{error}");
    Ok(())
}
