//! Which channel serves a call, what it calls the model, and at which group's factor.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::stage::{MODEL, PROMPT_TOKENS, Stage, cost, nanos, request, scripted};

/// How many calls each channel served.
async fn served(stage: &Stage, bodies: &[Value]) -> anyhow::Result<BTreeMap<String, usize>> {
    let before = stage.calls().await?.len();
    for body in bodies {
        stage.ask(body).await?.success()?;
    }
    let mut served = BTreeMap::new();
    let calls = stage.calls_when(before + bodies.len()).await?;
    for call in calls.iter().take(bodies.len()) {
        let channel = call["channel_id"].as_str().context("no channel")?;
        *served.entry(channel.to_owned()).or_default() += 1;
    }
    Ok(served)
}

#[tokio::test]
async fn the_highest_priority_serves_alone() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let preferred = stage.channel_with(json!({"models": [MODEL], "priority": 5})).await?;
    stage.channel_with(json!({"models": [MODEL], "priority": -5, "weight": 1000})).await?;
    let served = served(&stage, &vec![request(json!({})); 20]).await?;
    ensure!(served == BTreeMap::from([(preferred, 20)]), "{served:?}");
    Ok(())
}

/// Three to one over 240 calls: outside 150 to 210 lies less than one chance in ten thousand.
#[tokio::test]
async fn weights_share_the_calls() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let heavy = stage.channel_with(json!({"models": [MODEL], "weight": 3})).await?;
    let served = served(&stage, &vec![request(json!({})); 240]).await?;
    let share = served.get(&heavy).copied().unwrap_or(0);
    ensure!((150..=210).contains(&share), "{served:?}");
    Ok(())
}

#[tokio::test]
async fn weight_zero_is_the_last_resort() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let idle = stage.channel_with(json!({"models": [MODEL], "weight": 0})).await?;
    let usual = served(&stage, &vec![request(json!({})); 20]).await?;
    ensure!(!usual.contains_key(&idle), "{usual:?}");
    stage.edit_channel(json!({"disabled": true})).await?;
    let rest = served(&stage, &[request(json!({}))]).await?;
    ensure!(rest.contains_key(&idle), "{rest:?}");
    Ok(())
}

/// A conversation keeps to its channel, whose prompt cache is warm; conversations spread.
#[tokio::test]
async fn a_conversation_keeps_to_its_channel() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for _ in 0..3 {
        stage.channel_with(json!({"models": [MODEL]})).await?;
    }
    let mut all = BTreeSet::new();
    for session in 0..12 {
        let body = request(json!({"prompt_cache_key": format!("conversation-{session}")}));
        let one = served(&stage, &vec![body; 4]).await?;
        ensure!(one.len() == 1, "conversation {session}: {one:?}");
        all.extend(one.into_keys());
    }
    ensure!(all.len() > 1, "every conversation went to {all:?}");
    Ok(())
}

/// The upstream gets its own name of the model; the bill and the list keep the client's.
#[tokio::test]
async fn a_mapped_model_is_billed_at_the_clients_name() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("house-blend", json!({"input": 5, "output": 7})).await?;
    stage.price("vendor/blend-2", json!({"input": 500, "output": 700})).await?;
    let channel =
        json!({"models": ["house-blend"], "model_map": {"house-blend": "vendor/blend-2"}});
    stage.channel_with(channel).await?;
    let body = scripted(json!({"output_tokens": 11}), json!({"model": "house-blend"}));
    let answer = stage.ask(&body).await?.success()?;
    let seen = stage.provider.seen();
    let sent = seen.last().context("nothing")?;
    ensure!(sent.json()["model"] == "vendor/blend-2", "{}", sent.json());
    ensure!(answer.json()?["choices"][0]["message"]["role"] == "assistant");
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == PROMPT_TOKENS * 5_000 + 11 * 7_000, "{call}");
    ensure!(call["model"] == "house-blend" && call["upstream_model"] == "vendor/blend-2", "{call}");
    let listed = stage.holder()?.get("/v1/models").await?.text();
    ensure!(listed.contains("house-blend") && !listed.contains("vendor/blend-2"), "{listed}");
    stage.audit().await
}

#[tokio::test]
async fn a_groups_factor_is_in_the_bill() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.management.put("/api/v1/groups/vip", &json!({"multiplier": "1.5"})).await?.success()?;
    stage.edit_channel(json!({"groups": ["vip"]})).await?;
    stage.edit_user(json!({"groups": ["default", "vip"]})).await?;
    stage.edit_key(json!({"groups": ["vip"]})).await?;
    stage.ask(&scripted(json!({"output_tokens": 11}), json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 11) * 3 / 2, "{call}");
    ensure!(call["group"] == "vip" && call["multiplier"] == 1.5, "{call}");
    stage.audit().await
}

/// The bound is the dearest group's, the charge that of the one that served.
#[tokio::test]
async fn the_group_that_served_is_charged() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.management.put("/api/v1/groups/dear", &json!({"multiplier": 10})).await?.success()?;
    stage.channel_with(json!({"models": [MODEL], "groups": ["dear"]})).await?;
    stage.edit_user(json!({"groups": ["default", "dear"]})).await?;
    stage.edit_key(json!({"groups": ["default", "dear"]})).await?;
    let plain = scripted(json!({"output_tokens": 10}), json!({}));
    stage.ask(&plain).await?.success()?;
    stage.edit_channel(json!({"disabled": true})).await?;
    stage.ask(&plain).await?.success()?;
    let mut costs: Vec<i64> =
        stage.calls_when(2).await?.iter().map(|call| nanos(&call["cost"])).collect();
    costs.sort_unstable();
    let one = cost(PROMPT_TOKENS, 10);
    ensure!(costs == [one, 10 * one], "{costs:?}");
    stage.audit().await
}

/// Several secrets take turns, and one that is refused leaves the others to serve.
#[tokio::test]
async fn secrets_of_a_channel_take_turns() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let secrets = json!([testkit::world::UPSTREAM_SECRET, "refused-secret"]);
    stage.edit_channel(json!({"secrets": secrets})).await?;
    for _ in 0..6 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    let tried: BTreeSet<String> = stage
        .provider
        .seen()
        .iter()
        .filter_map(|seen| seen.header("authorization").map(str::to_owned))
        .collect();
    ensure!(tried.len() == 2, "{tried:?}");
    stage.calls_when(6).await?;
    stage.audit().await
}

/// Headers that the operator adds reach the upstream.
#[tokio::test]
async fn a_channels_own_headers_are_sent() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.edit_channel(json!({"headers": {"x-house": "ours"}})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let seen = stage.provider.seen();
    ensure!(seen.last().context("nothing")?.header("x-house") == Some("ours"));
    Ok(())
}

/// Upstreams on private addresses are refused unless the operator allows them.
#[tokio::test]
async fn a_private_upstream_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for base_url in ["http://10.1.2.3", "http://169.254.169.254/latest", "http://[::1]:9"] {
        let channel = json!({
            "name": "inside", "provider": "openai", "base_url": base_url, "secret": "x",
            "models": ["m"],
        });
        let made = stage.management.post_json("/api/v1/channels", &channel).await?;
        ensure!(made.status == 422, "{base_url}: {}", made.text());
    }
    Ok(())
}
