//! Another channel is tried as long as no byte of an answer has come, and never after.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::provider::{Matcher, ProviderConfig, Script};
use testkit::world::{Key, UPSTREAM_SECRET, World};

use crate::stage::{MODEL, PROMPT_TOKENS, cost, eventually, merged, nanos, request, verify};

/// Two channels for one model: the first is preferred and can be told apart by its secret.
struct Pair {
    world: World,
    key: Key,
    first: String,
    second: String,
}

const FIRST_SECRET: &str = "first-secret";

impl Pair {
    async fn set(first: Value, arguments: &[&str]) -> anyhow::Result<Self> {
        let provider = ProviderConfig::default().require_secret(FIRST_SECRET);
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let world = World::start_with(provider, |gateway| gateway.args(arguments)).await?;
        world.price(MODEL, json!({"input": 1, "output": 2})).await?;
        let preferred = json!({"models": [MODEL], "priority": 10, "secret": FIRST_SECRET});
        let first = world.channel_with(merged(preferred, first)).await?;
        let second = world.channel(&[MODEL]).await?;
        let key = world.key(json!({})).await?;
        Ok(Self { world, key, first, second })
    }

    /// What the provider does to requests of the first channel.
    fn first_is(&self, script: Value) -> anyhow::Result<()> {
        let script: Script = serde_json::from_value(script)?;
        self.world.provider.script(Matcher::secret(FIRST_SECRET), script);
        Ok(())
    }

    /// Makes a call, which must be served by the second channel after one failure of the first.
    async fn fails_over(&self, status: Value) -> anyhow::Result<()> {
        let body = request(json!({"metadata": {"simulate": null}}));
        let answer = self.world.chat(&self.key, &without_script(body)).await?;
        ensure!(answer.status == 200, "{}", answer.text());
        let calls = self.world.calls_when(1).await?;
        let call = calls.first().context("no call")?;
        let attempts = call["attempts"].as_array().context("no attempts")?;
        let [failed, served] = attempts.as_slice() else { anyhow::bail!("{call}") };
        ensure!(failed["channel_id"] == self.first && failed["status"] == status, "{call}");
        ensure!(failed["error"].as_str().is_some_and(|error| !error.is_empty()), "{call}");
        ensure!(served["channel_id"] == self.second && served["status"] == 200, "{call}");
        ensure!(call["channel_id"] == self.second && call["outcome"] == "completed", "{call}");
        let output = call["usage"]["output"].as_i64().context("no output")?;
        ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, output), "{call}");
        verify(self.world.gateway.data()).await
    }
}

fn without_script(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove("metadata");
    }
    body
}

macro_rules! fails_over {
    ($($test:ident: $script:tt is listed as $status:tt;)*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                let pair = Pair::set(json!({}), &["--first-byte-timeout", "1"]).await?;
                pair.first_is(json!($script))?;
                pair.fails_over(json!($status)).await
            }
        )*
    };
}

fails_over! {
    after_a_500: {"error": {"status": 500}} is listed as 500;
    after_a_503: {"error": {"status": 503}} is listed as 503;
    after_a_429: {"error": {"status": 429, "retry_after": "30"}} is listed as 429;
    after_a_408: {"error": {"status": 408}} is listed as 408;
    after_a_401_of_the_channels_own_secret: {"error": {"status": 401}} is listed as 401;
    after_a_403_of_the_channels_own_secret: {"error": {"status": 403}} is listed as 403;
    after_a_402_of_the_channels_own_account: {"error": {"status": 402}} is listed as 402;
    after_a_connection_that_breaks_off: {"cut": {"at": "before_head"}} is listed as null;
    after_a_connection_that_is_reset: {"cut": {"at": "before_head", "ending": "reset"}} is listed as null;
    after_a_time_out: {"hang": true} is listed as null;
}

#[tokio::test]
async fn after_a_refused_connection() -> anyhow::Result<()> {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let pair = Pair::set(json!({"base_url": format!("http://{nobody}")}), &[]).await?;
    pair.fails_over(json!(null)).await
}

/// The channel's own patience, shorter than the deployment's.
#[tokio::test]
async fn after_the_channels_own_time_out() -> anyhow::Result<()> {
    let pair = Pair::set(json!({"timeouts": {"first_byte_ms": 200}}), &[]).await?;
    pair.first_is(json!({"hang": true}))?;
    pair.fails_over(json!(null)).await
}

/// The request's own fault is nobody else's: no other channel is asked.
#[tokio::test]
async fn not_after_the_requests_own_fault() -> anyhow::Result<()> {
    for status in [400, 404, 413, 422] {
        let pair = Pair::set(json!({}), &[]).await?;
        pair.first_is(json!({"error": {"status": status}}))?;
        let answer = pair.world.chat(&pair.key, &request(json!({}))).await?;
        ensure!(answer.status == status, "{}", answer.text());
        ensure!(answer.code().as_deref() == Some("upstream_rejected"), "{}", answer.text());
        ensure!(answer.text().contains(&format!("Simulated error {status}.")), "{}", answer.text());
        ensure!(pair.world.provider.totals().received == 1);
    }
    Ok(())
}

#[tokio::test]
async fn never_after_the_first_byte_of_a_stream() -> anyhow::Result<()> {
    never_after(json!({"cut": {"at": "mid_stream"}}), true).await
}

#[tokio::test]
async fn never_after_the_head_of_a_stream() -> anyhow::Result<()> {
    never_after(json!({"cut": {"at": "after_head"}}), true).await
}

#[tokio::test]
async fn never_after_the_first_byte_of_json() -> anyhow::Result<()> {
    never_after(json!({"cut": {"at": "mid_stream"}}), false).await
}

async fn never_after(script: Value, stream: bool) -> anyhow::Result<()> {
    let pair = Pair::set(json!({}), &[]).await?;
    pair.first_is(script)?;
    let body = request(json!({"stream": stream}));
    pair.world.chat_stream(&pair.key, &body).await?.until_end_or_break().await;
    let calls = pair.world.calls_when(1).await?;
    let call = calls.first().context("no call")?;
    ensure!(call["attempts"].as_array().is_some_and(|all| all.len() == 1), "{call}");
    ensure!(pair.world.provider.totals().received == 1);
    verify(pair.world.gateway.data()).await
}

/// Every candidate is rate-limited: the caller is told so, and for how long at the longest.
#[tokio::test]
async fn a_429_of_all_channels_is_a_429_with_the_longest_wait() -> anyhow::Result<()> {
    let pair = Pair::set(json!({}), &[]).await?;
    let second = Matcher::secret(UPSTREAM_SECRET);
    let limited = json!({"error": {"status": 429, "retry_after": "3"}});
    pair.world.provider.script(second, serde_json::from_value(limited)?);
    pair.first_is(json!({"error": {"status": 429, "retry_after": "21"}}))?;
    let answer = pair.world.chat(&pair.key, &request(json!({}))).await?;
    ensure!(answer.code().as_deref() == Some("upstream_rate_limited"), "{}", answer.text());
    ensure!(answer.status == 429 && answer.header("retry-after") == Some("21"));
    let calls = pair.world.calls_when(1).await?;
    ensure!(calls.iter().all(|call| nanos(&call["cost"]) == 0), "{calls:?}");
    verify(pair.world.gateway.data()).await
}

/// Its `Retry-After` is honoured: until then the channel is left alone.
#[tokio::test]
async fn a_rate_limited_channel_rests() -> anyhow::Result<()> {
    let pair = Pair::set(json!({}), &[]).await?;
    pair.first_is(json!({"error": {"status": 429, "retry_after": "60"}}))?;
    for _ in 0..4 {
        pair.world.chat(&pair.key, &request(json!({}))).await?.success()?;
    }
    ensure!(pair.world.provider.totals().failed == 1, "{:?}", pair.world.provider.totals());
    Ok(())
}

/// While every channel rests, a refusal says for how long, truthfully.
#[tokio::test]
async fn a_refusal_while_all_channels_rest_says_for_how_long() -> anyhow::Result<()> {
    let stage = crate::stage::Stage::set().await?;
    let limited = json!({"error": {"status": 429, "retry_after": "60"}});
    stage.provider.script(Matcher::any(), serde_json::from_value(limited)?);
    stage.ask(&request(json!({}))).await?;
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.status == 429 || refused.status == 503, "{}", refused.text());
    let wait: u64 = refused.header("retry-after").context("no retry-after")?.parse()?;
    ensure!((50..=60).contains(&wait), "the channel rests for a minute, not {wait} seconds");
    ensure!(stage.provider.totals().received == 1);
    Ok(())
}

/// Each of a channel's own time-outs holds.
#[tokio::test]
async fn a_channels_own_total_time_out_ends_an_answer() -> anyhow::Result<()> {
    let stage = crate::stage::Stage::set().await?;
    stage.edit_channel(json!({"timeouts": {"total_ms": 600}})).await?;
    let slow = json!({"output_tokens": 60, "chunk_delay_ms": 100});
    let body = crate::stage::scripted(slow, json!({"stream": true}));
    let (events, _) = stage.ask_stream(&body).await?.until_end_or_break().await;
    ensure!(events.len() < 30, "{} events came in 600 ms", events.len());
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "upstream_cut", "{call}");
    stage.audit().await
}

#[tokio::test]
async fn a_channels_own_idle_time_out_ends_an_answer() -> anyhow::Result<()> {
    let stage = crate::stage::Stage::set().await?;
    stage.edit_channel(json!({"timeouts": {"idle_ms": 200}})).await?;
    let slow = json!({"output_tokens": 9, "chunk_delay_ms": 700});
    let body = crate::stage::scripted(slow, json!({"stream": true}));
    let (events, _) = stage.ask_stream(&body).await?.until_end_or_break().await;
    ensure!(events.len() < 4, "{events:?}");
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "failed" && nanos(&call["cost"]) == 0, "{call}");
    stage.audit().await
}

/// Five failures in a row open the circuit; after a pause one call probes, and closes it.
#[tokio::test]
async fn a_circuit_opens_and_closes_again() -> anyhow::Result<()> {
    let pair = Pair::set(json!({}), &[]).await?;
    pair.first_is(json!({"error": {"status": 500}, "fail_times": 5}))?;
    let ask = async || -> anyhow::Result<Value> {
        let answer = pair.world.chat(&pair.key, &request(json!({}))).await?.success()?;
        let id = answer.header("x-request-id").context("no x-request-id")?;
        let path = format!("/api/v1/calls/{id}");
        pair.world.management.get(&path).await?.success()?.json()
    };
    for _ in 0..5 {
        let call = ask().await?;
        ensure!(call["attempts"].as_array().is_some_and(|all| all.len() == 2), "{call}");
    }
    let call = ask().await?;
    ensure!(call["attempts"].as_array().is_some_and(|all| all.len() == 1), "open: {call}");
    ensure!(call["channel_id"] == pair.second, "{call}");
    eventually("the first channel serves again", || async {
        Ok(ask().await?["channel_id"] == pair.first)
    })
    .await?;
    ensure!(ask().await?["channel_id"] == pair.first);
    verify(pair.world.gateway.data()).await
}

/// An edit of the channel forgets its failures.
#[tokio::test]
async fn an_edited_channel_starts_afresh() -> anyhow::Result<()> {
    let pair = Pair::set(json!({}), &[]).await?;
    pair.first_is(json!({"error": {"status": 429, "retry_after": "600"}, "fail_times": 1}))?;
    pair.world.chat(&pair.key, &request(json!({}))).await?.success()?;
    let path = format!("/api/v1/channels/{}", pair.first);
    pair.world.management.patch(&path, &json!({"secret": FIRST_SECRET})).await?.success()?;
    pair.world.chat(&pair.key, &request(json!({}))).await?.success()?;
    let calls = pair.world.calls_when(2).await?;
    ensure!(calls.iter().any(|call| call["channel_id"] == pair.first), "{calls:?}");
    Ok(())
}
