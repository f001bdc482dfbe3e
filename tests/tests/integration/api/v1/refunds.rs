//! `POST /api/v1/calls/{id}/refund`: exact, whoever else refunds.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{BALANCE, Stage, nanos, scripted};

#[tokio::test]
async fn parallel_refunds_never_give_back_more_than_was_charged() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&scripted(json!({"output_tokens": 50}), json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    let charged = nanos(&call["charged"]);
    let path = format!("/api/v1/calls/{}/refund", call["id"].as_str().context("no id")?);
    // Two of them fit, and a rest.
    let amount = format!("0.{:09}", charged * 2 / 5);
    let mut tries = Vec::new();
    for _ in 0..10 {
        let (management, path) = (stage.management.clone(), path.clone());
        let body = json!({"amount": amount, "reason": "test"});
        tries.push(tokio::spawn(async move { management.post_json(&path, &body).await }));
    }
    let mut booked = 0;
    for one in tries {
        let answer = one.await??;
        ensure!(answer.status == 201 || answer.status == 422, "{}", answer.text());
        booked += usize::from(answer.status == 201);
    }
    ensure!(booked == 2, "{booked} were booked");
    let user = stage.user_state().await?;
    ensure!(nanos(&user["balance"]) == BALANCE - charged + charged * 2 / 5 * 2, "{user}");

    let management = stage.management.header("idempotency-key", "rest")?;
    let rest = json!({"reason": "the rest"});
    let first = management.post_json(&path, &rest).await?;
    ensure!(first.status == 201, "{}", first.text());
    let second = management.post_json(&path, &rest).await?;
    ensure!(second.json()? == first.json()?, "{}", second.text());
    let spent = stage.management.post_json(&path, &rest).await?;
    ensure!(
        spent.status == 409 && spent.json()?["code"] == "nothing_to_refund",
        "{}",
        spent.text()
    );
    let call = stage.only_call().await?;
    ensure!(
        nanos(&call["refunded"]) == charged && call["refunds"].as_array().map(Vec::len) == Some(3)
    );
    let user = stage.user_state().await?;
    ensure!(nanos(&user["balance"]) == BALANCE && nanos(&user["available"]) == BALANCE, "{user}");
    let ledger = format!("/api/v1/users/{}/ledger", stage.user);
    let ledger = stage.management.get(&ledger).await?.success()?.json()?;
    let lines = ledger["data"].as_array().context("no data")?;
    let refunds: Vec<_> = lines.iter().filter(|line| line["kind"] == "refund").collect();
    ensure!(refunds.len() == 3 && refunds.iter().all(|line| line["reference"] == call["id"]));
    stage.audit().await
}
