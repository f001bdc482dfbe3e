//! `GET /v1/usage`: exact at once.

use anyhow::ensure;
use serde_json::json;

use crate::stage::{MODEL, PROMPT_TOKENS, Stage, cost, nanos, scripted};

#[tokio::test]
async fn usage_is_exact_as_soon_as_the_answer_is_there() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for count in 1..=5 {
        stage.ask(&scripted(json!({"output_tokens": 10}), json!({}))).await?.success()?;
        let usage = stage.usage(&stage.key).await?;
        let spent = count * cost(PROMPT_TOKENS, 10);
        for name in ["today_usage", "month_usage", "total_usage"] {
            ensure!(nanos(&usage[name]) == spent, "{name} after {count} calls: {usage}");
        }
        ensure!(usage["requests"]["today"] == count, "{usage}");
        ensure!(usage["tokens"]["today"]["output"] == 10 * count, "{usage}");
        ensure!(usage["tokens"]["today"]["input"] == PROMPT_TOKENS * count, "{usage}");
        ensure!(usage["by_model"][0]["model"] == MODEL, "{usage}");
        ensure!(usage["by_model"][0]["requests"] == count, "{usage}");
    }
    Ok(())
}

/// With a management key: any key, any user.
#[tokio::test]
async fn a_manager_reads_any_usage() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let other = stage.world.key(json!({"owner": stage.user})).await?;
    let body = scripted(json!({"output_tokens": 10}), json!({}));
    stage.ask(&body).await?.success()?;
    stage.chat(&other, &body).await?.success()?;
    let one = cost(PROMPT_TOKENS, 10);
    for (query, spent) in [
        (format!("key_id={}", stage.key.id), one),
        (format!("user_id={}", stage.user), 2 * one),
        (String::new(), 2 * one),
    ] {
        let usage = stage.management.get(&format!("/v1/usage?{query}")).await?.success()?.json()?;
        ensure!(nanos(&usage["total_usage"]) == spent, "{query}: {usage}");
    }
    for by in ["day", "hour", "model", "key"] {
        let path = format!("/v1/usage?user_id={}&by={by}", stage.user);
        let usage = stage.management.get(&path).await?.success()?.json()?;
        let slices = usage["data"].as_array().cloned().unwrap_or_default();
        let sum: i64 = slices.iter().map(|slice| nanos(&slice["cost"])).sum();
        ensure!(sum == 2 * one, "by {by}: {usage}");
    }
    Ok(())
}

/// As a table, by key, in the order in which the keys were made; those that were not used are left out.
#[tokio::test]
async fn usage_by_key_is_a_table_of_the_keys_that_were_used() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let many: Vec<_> = (0..1_000).map(|n| json!({"name": format!("k{n}")})).collect();
    for _ in 0..2 {
        let made = json!({ "keys": many });
        stage.management.post_json("/v1/api-keys/bulk", &made).await?.success()?;
    }
    let last = stage.world.key(json!({"owner": stage.user})).await?;
    let body = scripted(json!({"output_tokens": 10}), json!({}));
    stage.chat(&last, &body).await?.success()?;
    stage.chat(&last, &body).await?.success()?;
    stage.ask(&body).await?.success()?;
    for query in [String::new(), format!("&user_id={}", stage.user)] {
        let path = format!("/v1/usage.csv?by=key{query}");
        let table = stage.management.get(&path).await?.success()?.text();
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
        let keys: Vec<(&str, &str)> = rows.iter().skip(1).map(|row| (row[2], row[3])).collect();
        ensure!(keys == [(stage.key.id.as_str(), "1"), (last.id.as_str(), "2")], "{table}");
    }
    let usage = stage.management.get("/v1/usage?by=key").await?.success()?.json()?;
    let keys: Vec<_> = usage["data"].as_array().into_iter().flatten().collect();
    ensure!(keys.len() == 2 && keys[0]["key_id"] == last.id.as_str(), "{usage}");
    ensure!(usage["more"] == false, "{usage}");
    Ok(())
}
