//! Top-ups and edits of limits while calls run: each is in force when answered, each counts once,
//! and what is spent and held never exceeds what was allowed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::client::Client;
use testkit::provider::Script;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::api::{self, Call, KeyFigures, User};
use crate::chance::Chance;
use crate::house::{House, Program};
use crate::money::{Nanos, Tariff};
use crate::traffic::{Order, Receipt, Trap, make};
use crate::upstream::Billed;

const CALLERS: u64 = 8;
const TOP_UPS: u64 = 60;
const EDITS: u64 = 80;
const TARIFF: Tariff =
    Tariff::Tokens { input: 1_000_000_003, cached: 1_000_000_003, output: 9_000_000_001 };
/// A call costs up to about 0.001 USD.
const FIRST_CREDIT: &str = "0.002";

#[tokio::test(flavor = "multi_thread")]
async fn edits_under_load_are_exact() -> anyhow::Result<()> {
    let found = edits_under_load(Program::sound()).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn also_on_postgresql() -> anyhow::Result<()> {
    let found = edits_under_load(Program::on_postgres().await?).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

async fn edits_under_load(program: Program) -> anyhow::Result<Vec<String>> {
    let script = Script { output_tokens: Some(30), delay_ms: 2, ..Script::default() };
    let house = House::open(program, &script).await?;
    let factor = json!({"multiplier": "1.25"});
    house.management()?.put("/api/v1/groups/default", &factor).await?.success()?;
    house.channel(&house.upstream.base_url, &["sim"]).await?;
    house.price("sim", &json!({"input": "1.000000003", "output": "9.000000001"})).await?;
    let user = house.user("owner", FIRST_CREDIT).await?;
    let key = house.key(&json!({"name": "raced", "owner": user, "quota": "0.001"})).await?;
    let management = house.management()?;
    let client = Client::new(house.gateway.base_url()).bearer(&key.secret)?;
    let over = Arc::new(AtomicBool::new(false));

    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(call_until(client.clone(), caller, Arc::clone(&over)));
    }
    let topping_up = tokio::spawn(top_up(management.clone(), user.clone()));
    let mut found = edit(&management, &client, &key.id, &user).await?;
    let (credited, topped_up) = topping_up.await??;
    found.extend(topped_up);
    over.store(true, Ordering::Release);
    let receipts: Vec<Receipt> = callers.join_all().await.into_iter().flatten().collect();
    api::until_idle(&management, std::slice::from_ref(&user)).await?;

    found.extend(refusals(&receipts));
    let upstream = house.upstream.books()?;
    let spent: Nanos =
        upstream.all().filter_map(Billed::reported).map(|tokens| TARIFF.cost(tokens)).sum();
    let calls: Vec<Call> = api::list(&management, "/api/v1/calls?limit=200").await?;
    let charged: Nanos = calls.iter().map(|call| call.charged).sum();
    let figures: User = api::get(&management, &format!("/api/v1/users/{user}")).await?;
    let of_key: KeyFigures = api::get(&management, &format!("/v1/api-keys/{}", key.id)).await?;
    let served = receipts.iter().filter(|receipt| receipt.complete).count();
    let sums = [
        ("what the provider counts", spent, charged),
        ("the key's use", of_key.used, charged),
        ("the credit", figures.credited, credited),
        ("the balance", figures.balance, credited - charged),
        ("what the user spent", figures.spent, charged),
        ("what is held", figures.held, Nanos::ZERO),
        ("the account", api::account(&management, &user).await?, credited - charged),
    ];
    for (sum, is, should) in sums {
        if is != should {
            found.push(format!("{sum} comes to {is} USD instead of {should} USD"));
        }
    }
    if served < 20 || charged > credited {
        found.push(format!("{served} calls were served, for {charged} USD of {credited} USD"));
    }
    found.extend(house.verify().await?);
    Ok(found)
}

/// Calls one after the other.
async fn call_until(client: Client, caller: u64, over: Arc<AtomicBool>) -> Vec<Receipt> {
    let mut chance = Chance::new(caller);
    let mut receipts = Vec::new();
    for number in 0.. {
        if over.load(Ordering::Acquire) {
            break;
        }
        let order = order(format!("c{caller}-{number}"), chance.pick(&[20, 60]), chance.one_in(2));
        receipts.push(make(client.clone(), order, Trap::never()).await);
        tokio::time::sleep(chance.up_to(10)).await;
    }
    receipts
}

fn order(name: String, most: u64, stream: bool) -> Order {
    let body = json!({"model": "sim", "user": name, "stream": stream, "max_completion_tokens": most,
        "messages": [{"role": "user", "content": "Cost something."}]});
    Order { name, body, ..Order::default() }
}

/// What may come of a call while limits go up and down: an answer, or the right refusal.
fn refusals(receipts: &[Receipt]) -> Vec<String> {
    let mut wrong: BTreeMap<String, usize> = BTreeMap::new();
    for receipt in receipts {
        let refused =
            matches!(receipt.code.as_deref(), Some("key_quota_exhausted" | "balance_exhausted"));
        if !receipt.complete && (!refused || receipt.status != Some(402)) {
            *wrong.entry(format!("{:?} {:?}", receipt.status, receipt.code)).or_default() += 1;
        }
    }
    wrong.into_iter().map(|(what, count)| format!("{count} calls ended with {what}")).collect()
}

/// Tops up in parallel, each three times under one idempotency key; gives the credit that is due,
/// and what went wrong.
async fn top_up(management: Client, user: String) -> anyhow::Result<(Nanos, Vec<String>)> {
    let mut due = Nanos::parse(FIRST_CREDIT)?;
    let mut found = Vec::new();
    let path = format!("/api/v1/users/{user}/topups");
    for number in 0..TOP_UPS {
        let amount = Nanos(i128::from(500_000 + number * 1_001));
        let mut sent = JoinSet::new();
        for _ in 0..3 {
            let client = management.header("idempotency-key", &format!("top-up-{number}"))?;
            let (path, body) =
                (path.clone(), json!({"amount": amount.to_string(), "note": "raced"}));
            sent.spawn(async move { client.post_json(&path, &body).await });
        }
        let mut booked = Vec::new();
        for answer in sent.join_all().await {
            let answer = answer?;
            if answer.status == 201 {
                booked.push(crate::house::text(&answer.json()?, "id")?);
            } else {
                found.push(format!("a top-up was answered {}: {}", answer.status, answer.text()));
            }
        }
        booked.dedup();
        if booked.len() != 1 {
            found.push(format!("top-up {number} was booked as {booked:?}"));
        }
        due = due + amount;
    }
    let client = management.header("idempotency-key", "top-up-0")?;
    let other = client.post_json(&path, &json!({"amount": "5"})).await?;
    if other.status != 422 {
        found.push(format!(
            "another top-up under a used idempotency key was answered {}",
            other.status
        ));
    }
    Ok((due, found))
}

/// Moves the quota up and down; after each answer it must be in force.
async fn edit(
    management: &Client,
    client: &Client,
    key: &str,
    user: &str,
) -> anyhow::Result<Vec<String>> {
    let mut chance = Chance::new(7);
    let mut found = Vec::new();
    let path = format!("/v1/api-keys/{key}");
    for number in 0..EDITS {
        let before: KeyFigures = api::get(management, &path).await?;
        let shut = chance.one_in(5);
        let step = i128::from(chance.below(2_500_000));
        let quota = if shut { Nanos::ZERO } else { before.used + Nanos(step) - Nanos(500_000) };
        let quota = quota.max(Nanos::ZERO);
        let answer =
            management.patch(&path, &json!({"quota": quota.to_string()})).await?.success()?;
        let then: KeyFigures = serde_json::from_slice(&answer.body).context("an edited key")?;
        if then.quota != Some(quota) {
            found.push(format!(
                "the quota was set to {quota} USD, the answer says {:?}",
                then.quota
            ));
        }
        // What was admitted before the edit may exceed the new quota; nothing is added to it.
        let most = quota.max(then.used + then.held + then.reserved);
        if shut {
            let receipt =
                make(client.clone(), order(format!("shut-{number}"), 20, false), Trap::never())
                    .await;
            if receipt.code.as_deref() != Some("key_quota_exhausted") {
                found.push(format!("a call on a quota of 0 ended with {receipt:?}"));
            }
        }
        for _ in 0..3 {
            let now: KeyFigures = api::get(management, &path).await?;
            let taken = now.used + now.held + now.reserved;
            if taken > most {
                found.push(format!("{taken} USD are taken of {most} USD after edit {number}"));
            }
            let of_user: User = api::get(management, &format!("/api/v1/users/{user}")).await?;
            // The credit may have been raised since the figures were taken: it is read again.
            let later: User = api::get(management, &format!("/api/v1/users/{user}")).await?;
            let taken = of_user.spent + of_user.held + of_user.reserved;
            if taken > later.credited {
                found.push(format!("{taken} USD are taken of a credit of {} USD", later.credited));
            }
        }
        tokio::time::sleep(chance.up_to(20)).await;
    }
    // Open at the end, so that the last top-ups can be spent.
    management.patch(&path, &json!({"quota": null})).await?.success()?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_holds_for_calls_whose_body_is_still_coming() -> anyhow::Result<()> {
    let house = House::open(Program::sound(), &Script::default()).await?;
    house.channel(&house.upstream.base_url, &["sim"]).await?;
    house.price("sim", &json!({"input": 1, "output": 1})).await?;
    let user = house.user("owner", "1").await?;
    let management = house.management()?;
    let mut found = Vec::new();
    for (edit, code) in [
        ("quota", "key_quota_exhausted"),
        ("daily", "daily_limit_reached"),
        ("disable", "key_disabled"),
        ("revoke", "key_revoked"),
    ] {
        let key = house.key(&json!({"name": edit, "owner": user})).await?;
        let body = json!({"model": "sim", "user": edit, "max_completion_tokens": 5,
            "messages": [{"role": "user", "content": "Here I come."}]})
        .to_string();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            key.secret,
            body.len()
        );
        let (begun, rest) = body.split_at(10);
        let mut stream = TcpStream::connect(house.gateway.address).await?;
        stream.write_all(format!("{head}{begun}").as_bytes()).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let path = format!("/v1/api-keys/{}", key.id);
        let answer = match edit {
            "quota" => management.patch(&path, &json!({"quota": 0})).await?,
            "daily" => management.patch(&path, &json!({"daily_limit": {"requests": 0}})).await?,
            verb => management.post_json(&format!("{path}/{verb}"), &json!({})).await?,
        };
        answer.success()?;
        stream.write_all(rest.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        if !answer.contains(code) {
            let status = answer.lines().next().unwrap_or_default();
            found.push(format!("a call that was admitted after {edit} was answered: {status}"));
        }
    }
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}
