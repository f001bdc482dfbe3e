//! `/api/v1/users`.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{BALANCE, Stage, nanos, request, verify};

/// Parallel top-ups all count, and the ledger adds up to the balance.
#[tokio::test]
async fn top_ups_add_up() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/api/v1/users/{}/topups", stage.user);
    let mut top_ups = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (client, path) = (stage.management.clone(), path.clone());
        let body = json!({"amount": "0.000000001", "note": "x"});
        top_ups.spawn(async move { client.post_json(&path, &body).await });
    }
    while let Some(answer) = top_ups.join_next().await {
        answer??.success()?;
    }
    stage.ask(&request(json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    let user = stage.user_state().await?;
    let expected = BALANCE + 20 - nanos(&call["cost"]);
    ensure!(nanos(&user["balance"]) == expected, "{user}");
    let ledger = format!("/api/v1/users/{}/ledger?limit=200", stage.user);
    let ledger = stage.management.get(&ledger).await?.success()?.json()?;
    let lines = ledger["data"].as_array().context("no data")?;
    let sum: i64 = lines.iter().map(|line| nanos(&line["amount"])).sum();
    ensure!(sum == expected, "{sum} instead of {expected}: {ledger}");
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_repeated_top_up_counts_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.management.header("idempotency-key", "payment-1")?;
    let path = format!("/api/v1/users/{}/topups", stage.user);
    for _ in 0..3 {
        client.post_json(&path, &json!({"amount": "5", "note": "paid"})).await?.success()?;
    }
    ensure!(nanos(&stage.user_state().await?["balance"]) == BALANCE + 5_000_000_000);
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn amounts_that_are_none_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/api/v1/users/{}/topups", stage.user);
    for amount in [
        json!(0),
        json!("NaN"),
        json!(1e308),
        json!("99999999999999"),
        json!(null),
        json!([]),
        json!("1e400"),
    ] {
        let refused = stage.management.post_json(&path, &json!({"amount": amount})).await?;
        ensure!(refused.status == 422, "{amount}: {} {}", refused.status, refused.text());
    }
    ensure!(nanos(&stage.user_state().await?["balance"]) == BALANCE);
    verify(stage.gateway.data()).await
}

/// A deployment is never left without an owner.
#[tokio::test]
async fn the_last_owner_stays() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let owner = stage.gateway.init["owner"].as_str().context("no owner")?;
    let path = format!("/api/v1/users/{owner}");
    for edit in [json!({"role": "member"}), json!({"disabled": true})] {
        let refused = stage.management.patch(&path, &edit).await?;
        ensure!(refused.status == 409, "{edit}: {}", refused.text());
    }
    Ok(())
}
