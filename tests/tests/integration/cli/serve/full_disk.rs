//! A disk that is full: admission stops, calls under way finish, nothing is lost.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::disk::{limit_files, limited};
use crate::stage::{PROMPT_TOKENS, Stage, cost, nanos, request, scripted, verify};

const SEGMENT: u64 = 256 * 1024;

/// No further segment of the journal can be made; what is reserved on the disk suffices for the
/// calls under way.
#[tokio::test]
async fn a_full_disk_loses_nothing() -> anyhow::Result<()> {
    let segment = SEGMENT.to_string();
    let mut stage =
        Stage::set_with(|gateway| limited(gateway).args(["--journal-segment-bytes", &segment]))
            .await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(1).await?;
    let slow = json!({"output_tokens": 60, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    limit_files(&stage.gateway, SEGMENT - 1)?;

    // A long name of the caller's program fills the journal sooner.
    let client = stage.holder()?.header("user-agent", &"a".repeat(256))?;
    let mut served = 1;
    let refused = loop {
        let body = scripted(json!({"output_tokens": 3}), json!({}));
        match client.post_json("/v1/chat/completions", &body).await {
            Ok(answer) if answer.status == 200 => served += 1,
            Ok(answer) => break Some(answer),
            Err(_) => break None,
        }
        ensure!(served < 2_000, "the journal never fills");
    };
    if let Some(refused) = refused {
        let code = refused.code().context("no code")?;
        ensure!(code == "books_unavailable" || code == "shutting_down", "{}", refused.text());
    }
    let events = stream.rest().await?;
    ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(74), "{ended}");

    stage.world.gateway.restart().await?;
    let calls = stage.calls().await?;
    // The call that was refused because its intent came too late is listed as failed, and free.
    let answered = calls.iter().filter(|call| call["outcome"] == "completed").count();
    ensure!(answered == served + 1, "{answered} calls of {}", served + 1);
    let long = calls.iter().filter(|call| nanos(&call["cost"]) == cost(PROMPT_TOKENS, 60));
    ensure!(long.count() == 1, "the stream under way was charged");
    let output: i64 = calls.iter().filter_map(|call| call["usage"]["output"].as_i64()).sum();
    let told = i64::try_from(stage.provider.totals().tokens.completion)?;
    ensure!(output == told, "{output} tokens in the books, {told} at the provider");
    stage.audit().await
}

/// A directory that cannot be written is named at the start.
#[tokio::test]
async fn a_start_without_space_says_so() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    ensure!(stage.world.gateway.terminate().await?.success());
    let data = crate::stage::path(stage.gateway.data())?.to_owned();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/stage/limited.sh");
    let command =
        format!("ulimit -f 100; exec {script} serve --listen 127.0.0.1:0 --data '{data}'");
    let output = tokio::process::Command::new("sh")
        .args(["-c", &command])
        .env("TESTED_BINARY", testkit::gateway_process::default_binary())
        .output()
        .await?;
    let said = crate::stage::said(&output);
    ensure!(!output.status.success() && said.contains("journal"), "{said}");
    stage.world.gateway.restart().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    verify(stage.gateway.data()).await
}
