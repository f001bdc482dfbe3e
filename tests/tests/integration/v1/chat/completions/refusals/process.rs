//! Refusals of a gateway that is ending or failing, or of a client that is too slow.

use anyhow::ensure;
use domain::refusal::RefusalCode;
use rustix::process::Signal;
use serde_json::json;
use testkit::client::raw::exchange;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};

use super::check;
use crate::stage::disk::{limit_files, limited};
use crate::stage::wire::{answer_in, signal, until_read};
use crate::stage::{Stage, eventually, request, scripted, verify};

#[tokio::test]
async fn request_timeout() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\
         content-length: 1000\r\n\r\n{{\"model\":",
        stage.key.secret
    );
    let started = Instant::now();
    let patience = Duration::from_secs(25);
    let answer = exchange(stage.gateway.address, head.as_bytes(), patience).await?;
    check(&answer_in(&answer)?, RefusalCode::RequestTimeout, 408, "1 KB a second")?;
    let waited = started.elapsed();
    ensure!(waited > Duration::from_secs(8) && waited < Duration::from_secs(15), "{waited:?}");
    Ok(())
}

#[tokio::test]
async fn shutting_down() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let slow = json!({"output_tokens": 40, "chunk_delay_ms": 100});
    let mut under_way = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    let address = stage.gateway.address;
    let mut late = TcpStream::connect(address).await?;
    late.write_all(b"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n").await?;
    until_read(&late).await?;
    signal(&stage.gateway, Signal::TERM)?;
    eventually("the gateway stops listening", || async {
        Ok(TcpStream::connect(address).await.is_err())
    })
    .await?;

    let body = request(json!({})).to_string();
    let rest = format!(
        "authorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        stage.key.secret,
        body.len()
    );
    late.write_all(rest.as_bytes()).await?;
    let mut answer = Vec::new();
    late.read_to_end(&mut answer).await?;
    check(&answer_in(&answer)?, RefusalCode::ShuttingDown, 503, "shutting down")?;
    let events = under_way.rest().await?;
    ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
    ensure!(stage.world.gateway.terminate().await?.success());
    verify(stage.gateway.data()).await
}

/// Larger than the log, smaller than the journal so far: only the journal cannot be written.
const LOG_ONLY: u64 = 2_048;

#[tokio::test]
async fn books_unavailable() -> anyhow::Result<()> {
    refused_for_lack_of_books(LOG_ONLY).await
}

/// Where the log lies on the same full disk, nothing changes for the caller.
#[tokio::test]
async fn books_unavailable_and_the_log_too() -> anyhow::Result<()> {
    refused_for_lack_of_books(0).await
}

async fn refused_for_lack_of_books(bytes: u64) -> anyhow::Result<()> {
    let mut stage = with_some_books().await?;
    limit_files(&stage.gateway, bytes)?;
    let answer = stage.ask(&request(json!({}))).await;
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(74), "{ended}");
    check(&answer?, RefusalCode::BooksUnavailable, 503, "cannot write its books")?;

    stage.world.gateway.restart().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(SOME + 1).await?;
    stage.audit().await
}

/// A call whose charge cannot be written: its answer is withheld, and its amount is held.
#[tokio::test]
async fn an_answer_whose_charge_cannot_be_written_is_withheld() -> anyhow::Result<()> {
    let mut stage = with_some_books().await?;
    let body = scripted(json!({"delay_ms": 1500}), json!({}));
    let asking = stage.ask(&body);
    let limiting = async {
        eventually("the call is at the provider", || async {
            Ok(stage.provider.totals().received == u64::try_from(SOME + 1)?)
        })
        .await?;
        limit_files(&stage.gateway, LOG_ONLY)
    };
    let (answer, limited) = tokio::join!(asking, limiting);
    limited?;
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(74), "{ended}");
    check(&answer?, RefusalCode::BooksUnavailable, 503, "withheld")?;

    stage.world.gateway.restart().await?;
    let key = stage.key_state(&stage.key).await?;
    ensure!(key["held"].as_f64().is_some_and(|held| held > 0.0), "{key}");
    verify(stage.gateway.data()).await
}

/// Calls that make the journal longer than [`LOG_ONLY`].
const SOME: usize = 8;

async fn with_some_books() -> anyhow::Result<Stage> {
    let stage = Stage::set_with(limited).await?;
    for _ in 0..SOME {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    stage.calls_when(SOME).await?;
    Ok(stage)
}
