//! Clients that leave: their answers are read on, and billed exactly.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Gemini, Messages, Responses};
use domain::usage::Usage;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{OUTPUT, Pair, of_each_pair};
use crate::stage::crossing::{Crossing, cost_of};
use crate::stage::events::{error_code, is_last, words};
use crate::stage::{eventually, nanos};

mod before_the_first_byte {
    use super::*;

    of_each_pair!(super::before_anything);
}

mod amid_the_events {
    use super::*;

    of_each_pair!(super::between_events);
}

mod amid_the_json {
    use super::*;

    of_each_pair!(super::between_bytes);
}

/// The provider takes its time, so the client is gone for certain before it answers.
async fn before_anything(pair: &Pair) -> anyhow::Result<()> {
    pair.crossing.provider_does(json!({"output_tokens": OUTPUT, "delay_ms": 500}))?;
    for (count, stream) in [(1, false), (2, true)] {
        let question = pair.question(stream);
        let (path, body) = (question.path(pair.from), question.body(pair.from));
        let client = pair.crossing.caller(pair.from)?;
        let arrived = eventually("the call is at the provider", || async {
            Ok(pair.crossing.provider.totals().received == count)
        });
        tokio::select! {
            answer = client.post_json(&path, &body) => anyhow::bail!("too early: {answer:?}"),
            arrived = arrived => arrived?,
        }
        let call = billed_exactly(pair, count).await?;
        ensure!(call["outcome"] == "client_gone", "{call}");
    }
    Ok(())
}

/// Amid the content, behind its last word, and behind the final usage.
async fn between_events(pair: &Pair) -> anyhow::Result<()> {
    pair.crossing.provider_does(json!({"output_tokens": OUTPUT, "chunk_delay_ms": 10}))?;
    for (count, wanted) in [(1, Some(5)), (2, Some(OUTPUT)), (3, None)] {
        let question = pair.question(true);
        let (path, body) = (question.path(pair.from), question.body(pair.from));
        let mut stream = pair.crossing.caller(pair.from)?.stream(&path, &body).await?;
        let mut said = 0;
        loop {
            let event = stream.next().await?.context("the stream ended early")?;
            ensure!(error_code(pair.from, &event).is_none(), "{event:?}");
            said += u64::from(words(pair.from, &event).is_some());
            let enough = wanted.is_some_and(|wanted| said == wanted);
            if enough || is_last(pair.from, &event) || event.name == "message_delta" {
                break;
            }
        }
        drop(stream);
        billed_exactly(pair, count).await?;
    }
    Ok(())
}

async fn between_bytes(pair: &Pair) -> anyhow::Result<()> {
    pair.crossing.provider_does(json!({"output_tokens": OUTPUT}))?;
    let question = pair.question(false);
    let (path, body) = (question.path(pair.from), question.body(pair.from).to_string());
    let mut connection = TcpStream::connect(pair.crossing.gateway.address).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n{body}",
        pair.crossing.key.secret,
        body.len()
    );
    connection.write_all(head.as_bytes()).await?;
    let mut first = [0; 20];
    connection.read_exact(&mut first).await?;
    drop(connection);
    billed_exactly(pair, 1).await?;
    Ok(())
}

/// The last of so many calls.
async fn billed_exactly(pair: &Pair, count: u64) -> anyhow::Result<Value> {
    let calls = pair.crossing.calls_when(usize::try_from(count)?).await?;
    let call = calls.first().cloned().context("no call")?;
    let usage: Usage = serde_json::from_value(call["usage"].clone())?;
    ensure!(usage == pair.truth()?, "{:?}: {call}", pair.truth()?);
    ensure!(nanos(&call["cost"]) == cost_of(&usage), "{call}");
    ensure!(call["usage_source"] == "upstream_final", "{call}");
    let totals = pair.crossing.provider.totals();
    ensure!(totals.usage_sent == count && totals.client_gone == 0, "{totals:?}");
    Ok(call)
}

/// Where an answer without its client is not read on, what was delivered is charged, not the count
/// that the upstream happened to tell before it.
#[tokio::test]
async fn what_was_delivered_is_charged_where_nobody_reads_on() -> anyhow::Result<()> {
    for (from, to) in [
        (Chat, Chat),
        (Responses, Responses),
        (Messages, Messages),
        (Gemini, Gemini),
        (Messages, Chat),
        (Responses, Messages),
    ] {
        let provider = testkit::provider::ProviderConfig::default().strict(true);
        let gateway = |gateway: testkit::gateway_process::GatewayBuilder| {
            gateway.args(["--read-on-calls", "0"])
        };
        let crossing = Crossing::set_with(provider, gateway, json!({})).await?;
        let pair = Pair { crossing, from, to };
        pair.crossing.provider_does(json!({"output_tokens": 4000, "chunk_delay_ms": 20}))?;
        let question = pair.question(true);
        let (path, body) = (question.path(from), question.body(from));
        let mut stream = pair.crossing.caller(from)?.stream(&path, &body).await?;
        let mut delivered = 0;
        while delivered < 100 {
            let event = stream.next().await?.context("the stream ended early")?;
            delivered += words(from, &event).map_or(0, |words| words.len() as u64);
        }
        drop(stream);
        let call = pair.crossing.only_call().await?;
        let usage: Usage = serde_json::from_value(call["usage"].clone())?;
        ensure!(call["outcome"] == "client_gone" && usage.input > 0, "{call}");
        ensure!(nanos(&call["cost"]) == cost_of(&usage), "{call}");
        ensure!(usage.output >= delivered / 8, "{delivered} bytes were delivered: {call}");
        ensure!(usage.output < 400, "{call}");
        pair.crossing.audit().await?;
    }
    Ok(())
}
