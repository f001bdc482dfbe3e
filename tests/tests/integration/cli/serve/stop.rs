//! SIGTERM: no further call, those under way finish, the books are flushed.

use anyhow::ensure;
use rustix::process::Signal;
use serde_json::json;
use tokio::net::TcpStream;

use crate::stage::wire::signal;
use crate::stage::{PROMPT_TOKENS, Stage, cost, eventually, nanos, scripted, verify};

/// Several streams are under way; each is delivered to its end, and charged.
#[tokio::test]
async fn calls_under_way_finish() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let slow = json!({"output_tokens": 30, "chunk_delay_ms": 40});
    let body = scripted(slow, json!({"stream": true}));
    let mut streams = Vec::new();
    for _ in 0..10 {
        let mut stream = stage.ask_stream(&body).await?;
        stream.next().await?;
        streams.push(stream);
    }
    let address = stage.gateway.address;
    signal(&stage.gateway, Signal::TERM)?;
    eventually("no connection is taken", || async {
        Ok(TcpStream::connect(address).await.is_err())
    })
    .await?;
    for stream in &mut streams {
        let events = stream.rest().await?;
        ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
    }
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(0), "{ended}");
    verify(stage.gateway.data()).await?;

    stage.world.gateway.restart().await?;
    let calls = stage.calls_when(10).await?;
    ensure!(calls.len() == 10);
    ensure!(calls.iter().all(|call| nanos(&call["cost"]) == cost(PROMPT_TOKENS, 30)), "{calls:?}");
    stage.audit().await
}

/// Answers that end at the very moment of the stop still reach their clients whole.
#[tokio::test]
async fn last_bytes_reach_their_clients() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = stage.holder()?;
        let body = scripted(json!({"output_tokens": 20, "delay_ms": 600}), json!({}));
        calls.spawn(async move { client.post_json("/v1/chat/completions", &body).await });
    }
    eventually("all calls are at the provider", || async {
        Ok(stage.provider.totals().received == 20)
    })
    .await?;
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(0), "{ended}");
    while let Some(answer) = calls.join_next().await {
        let answer = answer??;
        ensure!(answer.status == 200 && answer.json()?["usage"]["completion_tokens"] == 20);
    }
    verify(stage.gateway.data()).await
}

/// Finishing is bounded: what does not end in time is held in doubt.
#[tokio::test]
async fn finishing_is_bounded() -> anyhow::Result<()> {
    let mut stage = Stage::set_with(|gateway| gateway.args(["--shutdown-timeout", "1"])).await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 200});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(0), "{ended}");
    let (events, whole) = stream.until_end_or_break().await;
    ensure!(!whole || events.iter().all(|event| event.data != "[DONE]"), "{events:?}");
    stage.world.gateway.restart().await?;
    let key = stage.key_state(&stage.key).await?;
    ensure!(nanos(&key["held"]) > 0 && nanos(&key["used"]) == 0, "{key}");
    verify(stage.gateway.data()).await
}

/// As soon as it is ready it can be stopped in order.
#[tokio::test]
async fn a_stop_right_after_the_start_is_in_order() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    for round in 0..20 {
        let ended = stage.world.gateway.terminate().await?;
        ensure!(ended.code() == Some(0), "round {round}: {ended}");
        stage.world.gateway.restart().await?;
    }
    stage.audit().await
}

/// SIGINT is the same.
#[tokio::test]
async fn an_interrupt_is_a_stop() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    signal(&stage.gateway, Signal::INT)?;
    eventually("it ends", || async {
        Ok(TcpStream::connect(stage.gateway.address).await.is_err())
    })
    .await?;
    let ended = stage.world.gateway.terminate().await;
    ensure!(ended.is_err() || ended?.success());
    stage.world.gateway.restart().await?;
    stage.audit().await
}
