//! How a call can end, and what each end costs: {client, upstream} × {before the first byte, amid
//! the answer, before the usage, after it} × {JSON, events}.
//!
//! The policy: an answer whose client left is read on and billed exactly; one that the upstream cut
//! is billed by the usage seen, else by an estimate of what was delivered, and says so; before any
//! byte, and where nothing of a JSON answer was delivered, nothing is charged.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::Event;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stage::{PROMPT_TOKENS, Stage, cost, eventually, nanos, scripted};

/// What a call must be charged.
enum Bill {
    /// Nothing: the call is listed as failed.
    Nothing,
    /// What was delivered, counted by the gateway.
    Estimated,
    /// What the upstream's final usage says.
    Exact,
}

macro_rules! upstream_cuts {
    ($($test:ident: $form:ident at $at:literal costs $bill:ident;)*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                upstream_cuts::$form($at, &Bill::$bill).await
            }
        )*
    };
}

upstream_cuts! {
    the_upstream_cuts_events_before_the_head: events at "before_head" costs Nothing;
    the_upstream_cuts_events_before_the_first: events at "after_head" costs Nothing;
    the_upstream_cuts_amid_the_events: events at "mid_stream" costs Estimated;
    the_upstream_cuts_events_before_the_usage: events at "before_usage" costs Estimated;
    the_upstream_cuts_events_after_the_usage: events at "after_usage" costs Exact;
    the_upstream_cuts_json_before_the_head: json at "before_head" costs Nothing;
    the_upstream_cuts_json_before_the_first_byte: json at "after_head" costs Nothing;
    the_upstream_cuts_amid_the_json: json at "mid_stream" costs Nothing;
    the_upstream_cuts_json_before_the_usage: json at "before_usage" costs Nothing;
    the_upstream_cuts_json_after_the_usage: json at "after_usage" costs Nothing;
}

mod upstream_cuts {
    use super::*;

    pub(super) async fn events(at: &str, bill: &Bill) -> anyhow::Result<()> {
        let stage = Stage::set().await?;
        let script = json!({"output_tokens": 20, "cut": {"at": at}});
        let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
        let (events, _) = stream.until_end_or_break().await;
        check(&stage, bill, &content(&events)).await?;
        let whole = events.iter().any(|event| event.data == "[DONE]");
        ensure!(!whole, "a cut answer ends like a whole one: {events:?}");
        Ok(())
    }

    pub(super) async fn json(at: &str, bill: &Bill) -> anyhow::Result<()> {
        let stage = Stage::set().await?;
        let script = json!({"output_tokens": 20, "cut": {"at": at}});
        let answer = stage.ask(&scripted(script, json!({}))).await?;
        ensure!(answer.status == 502, "{}: {}", answer.status, answer.text());
        ensure!(answer.code().as_deref() == Some("upstream_failed"), "{}", answer.text());
        check(&stage, bill, "").await
    }

    async fn check(stage: &Stage, bill: &Bill, delivered: &str) -> anyhow::Result<()> {
        let call = stage.only_call().await?;
        match bill {
            Bill::Nothing => {
                ensure!(nanos(&call["cost"]) == 0, "{call}");
                ensure!(call["usage_source"] == "none" && call["outcome"] == "failed", "{call}");
            }
            Bill::Estimated => {
                ensure!(!delivered.is_empty(), "nothing was delivered");
                ensure!(call["usage_source"] == "estimated", "{call}");
                let output = estimated(delivered);
                ensure!(call["usage"]["output"] == output, "{output} was delivered: {call}");
                let input = call["usage"]["input"].as_i64().context("no input")?;
                ensure!(input > 0 && nanos(&call["cost"]) == cost(input, output), "{call}");
            }
            Bill::Exact => {
                ensure!(call["usage_source"] == "upstream_final", "{call}");
                ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 20), "{call}");
            }
        }
        stage.audit().await
    }
}

/// An upstream that breaks off is named as the cause, and the caller is told amid the stream.
#[tokio::test]
async fn a_cut_stream_ends_in_an_error_event_and_is_listed_as_cut() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let script = json!({"output_tokens": 20, "cut": {"at": "mid_stream", "after_chunks": 7}});
    let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
    let (events, _) = stream.until_end_or_break().await;
    let last = events.last().context("no event")?.json();
    ensure!(last["error"]["code"] == "upstream_failed", "{last}");
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "upstream_cut" && call["suspect"] == false, "{call}");
    stage.audit().await
}

/// The connection is reset rather than closed: what was lost on the way is nobody's fault.
#[tokio::test]
async fn a_reset_is_a_cut_too() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let cut = json!({"at": "mid_stream", "ending": "reset"});
    let script = json!({"output_tokens": 20, "cut": cut});
    let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
    let (events, _) = stream.until_end_or_break().await;
    ensure!(events.iter().all(|event| event.data != "[DONE]"), "{events:?}");
    let call = stage.only_call().await?;
    ensure!(call["usage_source"] == "estimated" || nanos(&call["cost"]) == 0, "{call}");
    stage.audit().await
}

#[tokio::test]
async fn an_error_event_amid_the_stream_is_a_cut() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let event = json!({"after_chunks": 5, "message": "The model is overloaded."});
    let script = json!({"output_tokens": 20, "error_event_mid_stream": event});
    let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
    let (events, _) = stream.until_end_or_break().await;
    let errors: Vec<Value> =
        events.iter().map(Event::json).filter(|event| event.get("error").is_some()).collect();
    ensure!(errors.len() == 1, "one error is told once: {errors:?}");
    ensure!(errors.iter().any(|e| e["error"]["message"] == "The model is overloaded."));
    let call = stage.only_call().await?;
    ensure!(call["usage"]["output"] == estimated(&content(&events)), "{call}");
    ensure!(call["usage_source"] == "estimated" && call["outcome"] == "upstream_cut", "{call}");
    stage.audit().await
}

#[tokio::test]
async fn an_error_event_before_any_content_costs_nothing() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let script = json!({"output_tokens": 20, "error_event_mid_stream": {"after_chunks": 0}});
    let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
    stream.until_end_or_break().await;
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == 0 && call["outcome"] == "failed", "{call}");
    stage.audit().await
}

/// Some vendors send their errors with status 200.
#[tokio::test]
async fn an_error_body_with_status_200_costs_nothing() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let error = json!({"error": {"message": "no quota", "type": "x", "code": "y"}});
    let script = json!({"error": {"status": 200, "body": error}});
    let answer = stage.ask(&scripted(script, json!({}))).await?;
    ensure!(answer.text().contains("no quota"), "{}", answer.text());
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == 0 && call["usage_source"] == "none", "{call}");
    stage.audit().await
}

#[tokio::test]
async fn the_client_leaves_events_before_the_first_byte() -> anyhow::Result<()> {
    leaves_before_the_first_byte(json!({"stream": true})).await
}

#[tokio::test]
async fn the_client_leaves_json_before_the_first_byte() -> anyhow::Result<()> {
    leaves_before_the_first_byte(json!({})).await
}

#[tokio::test]
async fn the_client_leaves_amid_the_events() -> anyhow::Result<()> {
    leaves_after_events(5, json!({})).await
}

#[tokio::test]
async fn the_client_leaves_events_before_the_usage() -> anyhow::Result<()> {
    leaves_after_events(21, json!({})).await
}

#[tokio::test]
async fn the_client_leaves_events_after_the_usage() -> anyhow::Result<()> {
    leaves_after_events(23, json!({"stream_options": {"include_usage": true}})).await
}

#[tokio::test]
async fn the_client_leaves_amid_the_json() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = scripted(json!({"output_tokens": 20}), json!({})).to_string();
    let mut connection = TcpStream::connect(stage.gateway.address).await?;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n{body}",
        stage.key.secret,
        body.len()
    );
    connection.write_all(head.as_bytes()).await?;
    let mut first = [0; 20];
    connection.read_exact(&mut first).await?;
    drop(connection);
    billed_exactly(&stage, 20).await
}

/// The provider takes its time, so the client is gone for certain before it answers.
async fn leaves_before_the_first_byte(fields: Value) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = scripted(json!({"output_tokens": 20, "delay_ms": 700}), fields);
    let arrived = eventually("the call is at the provider", || async {
        Ok(stage.provider.totals().received == 1)
    });
    tokio::select! {
        answer = stage.ask(&body) => anyhow::bail!("answered too early: {answer:?}"),
        arrived = arrived => arrived?,
    }
    billed_exactly(&stage, 20).await?;
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "client_gone", "{call}");
    Ok(())
}

async fn leaves_after_events(count: usize, fields: Value) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let script = json!({"output_tokens": 20, "chunk_delay_ms": 15});
    let body = crate::stage::merged(scripted(script, json!({"stream": true})), fields);
    let mut stream = stage.ask_stream(&body).await?;
    for _ in 0..count {
        stream.next().await?.context("the stream ended early")?;
    }
    drop(stream);
    billed_exactly(&stage, 20).await
}

async fn billed_exactly(stage: &Stage, output: i64) -> anyhow::Result<()> {
    let call = stage.only_call().await?;
    ensure!(call["usage_source"] == "upstream_final", "{call}");
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, output), "{call}");
    let totals = stage.provider.totals();
    ensure!(totals.usage_sent == 1 && totals.client_gone == 0, "{totals:?}");
    stage.audit().await
}

/// Reading on is bounded in time; then the call is billed by what was seen.
#[tokio::test]
async fn an_answer_without_its_client_is_read_on_for_a_while_only() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--read-on-timeout", "1"])).await?;
    abandoned(&stage).await
}

/// So is the number of answers that are read on.
#[tokio::test]
async fn only_so_many_answers_are_read_on() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--read-on-calls", "0"])).await?;
    abandoned(&stage).await
}

async fn abandoned(stage: &Stage) -> anyhow::Result<()> {
    let script = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
    for _ in 0..4 {
        stream.next().await?.context("the stream ended early")?;
    }
    drop(stream);
    let call = stage.only_call().await?;
    ensure!(call["usage_source"] == "estimated" && call["outcome"] == "client_gone", "{call}");
    let (charged, most) = (nanos(&call["cost"]), cost(PROMPT_TOKENS, 90));
    ensure!(charged > 0 && charged < most, "{call}");
    eventually("the provider notices", || async { Ok(stage.provider.totals().client_gone == 1) })
        .await?;
    stage.audit().await
}

/// A price per call is due when the answer came whole, or content came and the client left; not
/// where the upstream broke off.
#[tokio::test]
async fn a_price_per_call_is_due_once_the_answer_was_given() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("sim-large", json!({"per_request": "0.25"})).await?;
    stage.world.channel(&["sim-large"]).await?;
    let owned = json!({"owner": stage.user, "billing_method": "pay_per_use"});
    let key = stage.world.key(owned).await?;
    let body = |script| scripted(script, json!({"model": "sim-large", "stream": true}));

    stage.chat_stream(&key, &body(json!({}))).await?.rest().await?;
    let mut left =
        stage.chat_stream(&key, &body(json!({"output_tokens": 30, "chunk_delay_ms": 20}))).await?;
    for _ in 0..4 {
        left.next().await?;
    }
    drop(left);
    let cut = json!({"output_tokens": 30, "cut": {"at": "mid_stream"}});
    stage.chat_stream(&key, &body(cut)).await?.until_end_or_break().await;
    stage.chat(&key, &body(json!({"error": {"status": 500}}))).await?;

    let mut costs: Vec<i64> =
        stage.calls_when(4).await?.iter().map(|call| nanos(&call["cost"])).collect();
    costs.sort_unstable();
    ensure!(costs == [0, 0, 250_000_000, 250_000_000], "{costs:?}");
    stage.audit().await
}

/// The text of all deltas.
fn content(events: &[Event]) -> String {
    let delta = |event: &Event| {
        Some(event.json().pointer("/choices/0/delta/content")?.as_str()?.to_owned())
    };
    events.iter().filter_map(delta).collect()
}

/// Four bytes of ASCII to a token, three of anything else.
fn estimated(text: &str) -> i64 {
    let other = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let tokens = (text.len() - other).div_ceil(4) + other.div_ceil(3);
    i64::try_from(tokens).unwrap_or(i64::MAX)
}
