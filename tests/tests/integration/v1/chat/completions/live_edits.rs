//! Every edit is in force when its answer returns.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::stage::{MODEL, PROMPT_TOKENS, Stage, cost, nanos, request, scripted};

/// The code that a plain call is answered with; `ok` for an answer.
async fn code(stage: &Stage) -> anyhow::Result<String> {
    let answer = stage.ask(&request(json!({}))).await?;
    Ok(answer.code().unwrap_or_else(|| "ok".to_owned()))
}

#[tokio::test]
async fn an_edit_of_a_key_holds_at_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let edits = [
        (
            json!({"allowed_models": ["other"]}),
            "model_not_allowed",
            json!({"allowed_models": null}),
        ),
        (json!({"ip_allowlist": ["192.0.2.1"]}), "ip_not_allowed", json!({"ip_allowlist": null})),
        (json!({"permissions": "read_only"}), "permission_denied", json!({"permissions": "full"})),
        (json!({"quota": "0"}), "key_quota_exhausted", json!({"quota": null})),
        (
            json!({"daily_limit": {"requests": 0}}),
            "daily_limit_reached",
            json!({"daily_limit": {"requests": null}}),
        ),
        (
            json!({"monthly_limit": {"amount": 0}}),
            "monthly_limit_reached",
            json!({"monthly_limit": null}),
        ),
    ];
    for round in 0..3 {
        for (edit, refused, undo) in &edits {
            stage.edit_key(edit.clone()).await?;
            let answered = code(&stage).await?;
            ensure!(answered == *refused, "round {round}, {edit}: {answered}");
            stage.edit_key(undo.clone()).await?;
            let answered = code(&stage).await?;
            ensure!(answered == "ok", "round {round}, {undo}: {answered}");
        }
    }
    stage.audit().await
}

#[tokio::test]
async fn an_edit_of_a_user_holds_at_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for _ in 0..5 {
        stage.edit_user(json!({"disabled": true})).await?;
        ensure!(code(&stage).await? == "user_disabled");
        stage.edit_user(json!({"disabled": false})).await?;
        ensure!(code(&stage).await? == "ok");
    }
    stage.management.put("/api/v1/groups/vip", &json!({"multiplier": 2})).await?.success()?;
    stage.edit_user(json!({"groups": ["vip"]})).await?;
    ensure!(code(&stage).await? == "model_not_found");
    stage.edit_user(json!({"groups": ["vip", "default"]})).await?;
    ensure!(code(&stage).await? == "ok");
    Ok(())
}

#[tokio::test]
async fn an_edit_of_a_channel_holds_at_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let edits = [
        (json!({"disabled": true}), json!({"disabled": false})),
        (json!({"models": ["other"]}), json!({"models": [MODEL]})),
    ];
    for (edit, undo) in edits {
        stage.edit_channel(edit.clone()).await?;
        let answered = code(&stage).await?;
        ensure!(answered == "model_not_found" || answered == "no_channel", "{edit}: {answered}");
        stage.edit_channel(undo.clone()).await?;
        ensure!(code(&stage).await? == "ok", "{undo}");
    }
    stage.management.delete(&format!("/api/v1/channels/{}", stage.channel)).await?.success()?;
    ensure!(code(&stage).await? == "model_not_found");
    Ok(())
}

/// A price holds for calls that are admitted after it; those under way keep theirs.
#[tokio::test]
async fn a_new_price_holds_for_new_calls() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let slow = json!({"output_tokens": 20, "chunk_delay_ms": 20});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;
    stage.price(MODEL, json!({"input": 10, "output": 20})).await?;
    stage.ask(&scripted(json!({"output_tokens": 20}), json!({}))).await?.success()?;
    stream.rest().await?;
    let mut calls = stage.calls_when(2).await?;
    calls.sort_by_key(|call| nanos(&call["cost"]));
    let costs: Vec<i64> = calls.iter().map(|call| nanos(&call["cost"])).collect();
    let old = cost(PROMPT_TOKENS, 20);
    ensure!(costs == [old, 10 * old], "{costs:?}");
    let versions: Vec<&Value> = calls.iter().map(|call| &call["price_version"]).collect();
    ensure!(versions.first() != versions.last(), "{versions:?}");
    stage.audit().await
}

#[tokio::test]
async fn a_price_that_is_taken_away_refuses() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.management.delete(&format!("/api/v1/prices/{MODEL}")).await?.success()?;
    ensure!(code(&stage).await? == "model_not_priced");
    stage.price(MODEL, json!({"input": 1, "output": 2})).await?;
    ensure!(code(&stage).await? == "ok");
    Ok(())
}

#[tokio::test]
async fn an_edit_of_a_group_holds_at_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = scripted(json!({"output_tokens": 10}), json!({}));
    for factor in ["2", "0.5", "0"] {
        let group = json!({"multiplier": factor});
        stage.management.put("/api/v1/groups/default", &group).await?.success()?;
        stage.ask(&body).await?.success()?;
    }
    let mut costs: Vec<i64> =
        stage.calls_when(3).await?.iter().map(|call| nanos(&call["cost"])).collect();
    costs.sort_unstable();
    let one = cost(PROMPT_TOKENS, 10);
    ensure!(costs == [0, one / 2, 2 * one], "{costs:?}");
    stage.audit().await
}
