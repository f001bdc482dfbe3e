//! `calls.csv`, `usage.csv`, `ledger.csv` and OpenAI's billing routes: they agree with the ledger to
//! the nano-dollar.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{BALANCE, Stage, nanos, request, scripted};

/// The cells of a table without a quoted line break.
fn table(text: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if quoted && characters.peek() == Some(&'"') => {
                    characters.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                other => cell.push(other),
            }
        }
        cells.push(cell);
        cells
    };
    text.split("\r\n").filter(|line| !line.is_empty()).map(row).collect()
}

/// The sum of a column of exact decimals, in nano-USD.
fn sum(rows: &[Vec<String>], column: &str) -> anyhow::Result<i64> {
    let at = rows[0].iter().position(|name| name == column).context("no such column")?;
    let nanos = |cell: &String| Ok(domain::money::Nanos::parse_usd(cell)?.get());
    rows[1..].iter().map(|row| nanos(&row[at])).sum()
}

#[tokio::test]
async fn every_export_adds_up_to_the_ledger() -> anyhow::Result<()> {
    let stage =
        Stage::set_with(|gateway| gateway.args(["--time-zone", "America/Sao_Paulo"])).await?;
    for tokens in [1, 7, 33] {
        stage.ask(&scripted(json!({"output_tokens": tokens}), json!({}))).await?.success()?;
    }
    let other = stage.world.key(json!({"owner": stage.user})).await?;
    stage.chat(&other, &request(json!({}))).await?.success()?;
    stage.calls_when(4).await?;
    let user = stage.user_state().await?;
    let spent = nanos(&user["spent"]);
    ensure!(spent > 0, "{user}");
    let get = async |path: &str| -> anyhow::Result<Vec<Vec<String>>> {
        let answer = stage.management.get(path).await?.success()?;
        ensure!(answer.header("content-type") == Some("text/csv; charset=utf-8"), "{path}");
        Ok(table(&answer.text()))
    };
    let calls = get(&format!("/api/v1/calls.csv?user_id={}", stage.user)).await?;
    ensure!(calls.len() == 5 && sum(&calls, "charged")? == spent, "{calls:?}");
    for by in ["day", "hour", "model", "key"] {
        let usage = get(&format!("/v1/usage.csv?user_id={}&by={by}", stage.user)).await?;
        ensure!(sum(&usage, "cost")? == spent, "by {by}: {usage:?}");
        let own = stage.holder()?.get(&format!("/v1/usage.csv?by={by}")).await?.success()?;
        let one = sum(&table(&own.text()), "cost")?;
        let other = stage.client.bearer(&other.secret)?.get("/v1/usage.csv").await?.success()?;
        ensure!(one + sum(&table(&other.text()), "cost")? == spent, "by {by}");
    }
    let ledger = get(&format!("/api/v1/users/{}/ledger.csv", stage.user)).await?;
    ensure!(sum(&ledger, "amount")? == BALANCE - spent, "{ledger:?}");
    let none = get("/api/v1/calls.csv?since=2999-01-01T00:00:00Z").await?;
    ensure!(none.len() == 1 && none[0][0] == "id", "the head alone: {none:?}");
    for path in
        ["/api/v1/calls.csv?limit=5", "/api/v1/calls.csv?status=party", "/v1/usage.csv?by=moon"]
    {
        let answer = stage.management.get(path).await?;
        ensure!(answer.status == 422, "{path}: {}", answer.text());
    }
    Ok(())
}

/// More than a page, and a note that would be a formula.
#[tokio::test]
async fn exports_are_whole_and_harmless() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/api/v1/users/{}/topups", stage.user);
    let body = json!({"amount": "0.000000001", "note": "=HYPERLINK(\"http://evil.example\",1)"});
    for _ in 0..510 {
        stage.management.post_json(&path, &body).await?.success()?;
    }
    let client = stage.holder()?.header("user-agent", "@SUM(1+1)*cmd|' /C calc'!A0")?;
    for _ in 0..205 {
        client.post_json("/v1/chat/completions", &request(json!({}))).await?.success()?;
    }
    let ledger = format!("/api/v1/users/{}/ledger.csv", stage.user);
    let rows = table(&stage.management.get(&ledger).await?.success()?.text());
    let notes = rows.iter().filter(|row| row[6].starts_with("'=HYPERLINK(\"http")).count();
    ensure!(notes == 510, "{notes}");
    let user = stage.user_state().await?;
    ensure!(sum(&rows, "amount")? == nanos(&user["balance"]), "{user}");
    let calls = table(&stage.management.get("/api/v1/calls.csv").await?.success()?.text());
    ensure!(calls.len() == 206 && calls[1][26].starts_with("'@SUM"), "{:?}", calls[1]);
    Ok(())
}

#[tokio::test]
async fn a_member_exports_what_is_theirs() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let foreign = stage.world.key(json!({})).await?;
    stage.chat(&foreign, &request(json!({}))).await?.success()?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(2).await?;
    let stranger = stage.world.user("1").await?;
    let body = json!({"name": "x", "owner": stage.user, "scopes": ["usage:read", "users:read"]});
    let made =
        stage.management.post_json("/api/v1/management-keys", &body).await?.success()?.json()?;
    let member = stage.client.bearer(made["key"].as_str().context("no key")?)?;
    let calls = table(&member.get("/api/v1/calls.csv").await?.success()?.text());
    ensure!(calls.len() == 2 && calls[1][2] == stage.key.id, "{calls:?}");
    for path in [
        format!("/api/v1/users/{stranger}/ledger.csv"),
        format!("/v1/usage.csv?key_id={}", foreign.id),
        format!("/v1/usage.csv?user_id={stranger}"),
    ] {
        ensure!(member.get(&path).await?.status == 404, "{path}");
    }
    ensure!(stage.holder()?.get("/v1/usage.csv?user_id=x").await?.status == 422);
    Ok(())
}

/// What OpenAI's old clients ask for, with and without `/v1`.
#[tokio::test]
async fn billing_routes_answer_as_openai_did() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "2.5"})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let used = nanos(&stage.key_state(&stage.key).await?["used"]);
    let holder = stage.holder()?;
    for prefix in ["/v1", ""] {
        let path = format!("{prefix}/dashboard/billing/subscription");
        let limit = holder.get(&path).await?.success()?.json()?;
        ensure!(limit["object"] == "billing_subscription" && limit["access_until"] == 0, "{limit}");
        ensure!(nanos(&limit["hard_limit_usd"]) == 2_500_000_000, "{limit}");
        let path = format!("{prefix}/dashboard/billing/usage");
        let usage = holder.get(&path).await?.success()?.json()?;
        ensure!(usage["object"] == "list" && nanos(&usage["total_usage"]) == used * 100, "{usage}");
        let old = holder.get(&format!("{path}?start_date=2020-1-1&end_date=2020-02-01")).await?;
        ensure!(nanos(&old.success()?.json()?["total_usage"]) == 0);
        ensure!(holder.get(&format!("{path}?start_date=soon")).await?.status == 422);
        ensure!(stage.client.get(&path).await?.status == 401);
    }
    let unlimited = stage.world.key(json!({})).await?;
    let client = stage.client.bearer(&unlimited.secret)?;
    let limit = client.get("/dashboard/billing/subscription").await?.success()?.json()?;
    ensure!(limit["hard_limit_usd"] == 100_000_000, "{limit}");
    // The owner's balance bounds a key without a quota.
    let bounded = stage.world.key(json!({"owner": stage.user})).await?;
    let client = stage.client.bearer(&bounded.secret)?;
    let limit = client.get("/v1/dashboard/billing/subscription").await?.success()?.json()?;
    ensure!(nanos(&limit["hard_limit_usd"]) == BALANCE - used, "{limit}");
    Ok(())
}
