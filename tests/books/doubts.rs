//! Calls in doubt: held until someone decides, and then settled or released exactly.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::{Cut, Script};

use crate::api;
use crate::chance::Chance;
use crate::house::{House, Program, text};
use crate::money::{Nanos, Tariff};
use crate::reconcile::{Lane, Resolved, differences};
use crate::rounds::{Kill, Site};
use crate::traffic::{Order, Trap, make};
use crate::upstream::Billed;

/// Resolves every doubt of a site, alternately by settling and by releasing: half of them on the
/// stopped deployment, the rest on the running one. Gives what does not fit together then.
pub(crate) async fn resolve_all(site: &mut Site) -> anyhow::Result<Vec<String>> {
    let doubts = site.view().await?.doubts;
    let (stopped, running) = doubts.split_at(doubts.len() / 2);
    site.house.gateway.terminate().await?;
    for (number, doubt) in stopped.iter().enumerate() {
        let (verb, resolved) = alternate(number);
        let output = site.house.run(&["doubt", verb, &doubt.id, "--json"]).await?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "doubt {verb} {}: {error}", doubt.id);
        let answer: Value =
            serde_json::from_slice(&output.stdout).context("doubt printed no JSON")?;
        ensure!(text(&answer, "id")? == doubt.id, "doubt {verb} answered {answer}");
        site.case.resolved.insert(doubt.id.clone(), resolved);
    }
    site.house.restart(&[]).await?;
    let management = site.house.management()?;
    for (number, doubt) in running.iter().enumerate() {
        let (verb, resolved) = alternate(number);
        api::resolve(&management, &doubt.id, verb).await?;
        site.case.resolved.insert(doubt.id.clone(), resolved);
    }
    let mut found = reconciled(site).await?;
    if let Some(doubt) = doubts.first() {
        let again = management
            .post_json(&format!("/api/v1/doubts/{}/settle", doubt.id), &json!({}))
            .await?;
        if again.status != 404 {
            found.push(format!("{} was resolved twice: {}", doubt.id, again.status));
        }
    }
    // The same, from the files alone.
    site.house.kill().await?;
    site.house.restart(&[]).await?;
    found.extend(reconciled(site).await?);
    Ok(found)
}

const fn alternate(number: usize) -> (&'static str, Resolved) {
    if number.is_multiple_of(2) {
        ("settle", Resolved::Settled)
    } else {
        ("release", Resolved::Released)
    }
}

async fn reconciled(site: &Site) -> anyhow::Result<Vec<String>> {
    let mut found = differences(&site.case, &site.view().await?, &site.house.upstream.books()?);
    found.extend(site.house.verify().await?);
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_doubt_is_settled_or_released_exactly() -> anyhow::Result<()> {
    let mut site = Site::open(Program::sound()).await?;
    site.house.kill().await?;
    site.house.restart(&["--checkpoint-every", "1"]).await?;
    let orders = long_streams(&site);
    let found = site.round(0, orders, Kill::After(Duration::from_millis(1_800)), &[]).await?;
    ensure!(found.is_empty(), "after the kill:\n{}", found.join("\n"));
    ensure!(site.figures.in_doubt == site.case.lanes.len(), "{:?}", site.figures);
    let found = resolve_all(&mut site).await?;
    ensure!(found.is_empty(), "after the doubts were resolved:\n{}", found.join("\n"));
    let calls = site.view().await?.calls;
    let by_checkpoint = calls.iter().filter(|call| call.usage_source == "checkpoint").count();
    ensure!(by_checkpoint > 0, "no long stream was settled by its checkpoint");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_leave_early_leave_nothing_in_doubt() -> anyhow::Result<()> {
    for durability in ["standard", "strict"] {
        let mut site = Site::open(Program::sound()).await?;
        site.house.kill().await?;
        site.house.restart(&["--durability", durability]).await?;
        let mut chance = Chance::new(3);
        let mut orders = Vec::new();
        for round in 0..20 {
            orders.extend(site.orders(round, 1, &mut chance));
        }
        for order in &mut orders {
            order.leave_after = Some(chance.up_to(30));
        }
        let found = site.round(0, orders, Kill::Asked(Duration::from_millis(300)), &[]).await?;
        ensure!(found.is_empty(), "in {durability} mode:\n{}", found.join("\n"));
    }
    Ok(())
}

/// A stream on every key that lasts longer than the round.
fn long_streams(site: &Site) -> Vec<Order> {
    let script = Script { output_tokens: Some(300), chunk_delay_ms: 20, ..Script::default() };
    streams(site, "long", &script)
}

/// A stream on every key that follows this script.
fn streams(site: &Site, name: &str, script: &Script) -> Vec<Order> {
    let order = |(lane, of): (usize, &Lane)| {
        let name = format!("{name}-{lane}");
        let body = json!({
            "model": of.model,
            "user": name,
            "stream": true,
            "max_completion_tokens": 400,
            "messages": [{"role": "user", "content": "Tell me a long story."}],
            "metadata": {"simulate": script},
        });
        Order { name, lane, body, ..Order::default() }
    };
    site.case.lanes.iter().enumerate().map(order).collect()
}

/// Streams that the provider breaks off amid their content, before any usage.
pub(crate) async fn cut_amid_streams(program: Program) -> anyhow::Result<Vec<String>> {
    let mut site = Site::open(program).await?;
    let cut = Some(Cut::after_chunks(30));
    let script = Script { output_tokens: Some(60), cut, ..Script::default() };
    let orders = streams(&site, "cut", &script);
    site.round(0, orders, Kill::Idle, &[]).await
}

/// What one call of [`overspending`] costs at most, and at least if it is answered.
const TARIFF: Tariff = Tariff::Tokens { input: 0, cached: 0, output: 8_000_000_000 };
const OUTPUT: u64 = 100;
/// Calls that the balance pays for.
const AFFORDABLE: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_doubt_cannot_be_spent_again() -> anyhow::Result<()> {
    let found = overspending(Program::sound()).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// Kills the gateway amid five streams on a balance for ten, then spends until the balance is
/// used up. The provider's own count says whether more was spent than there was.
pub(crate) async fn overspending(program: Program) -> anyhow::Result<Vec<String>> {
    let script = Script { output_tokens: Some(OUTPUT), chunk_delay_ms: 10, ..Script::default() };
    let mut house = House::open(program, &script).await?;
    let factor = json!({"multiplier": "1.25"});
    house.management()?.put("/api/v1/groups/default", &factor).await?.success()?;
    house.channel(&house.upstream.base_url, &["sim"]).await?;
    house.price("sim", &json!({"input": 0, "output": 8, "context_window": 1_000})).await?;
    let most =
        TARIFF.cost(testkit::provider::TokenCounts { completion: OUTPUT, ..Default::default() });
    let budget = Nanos(most.0 * i128::from(AFFORDABLE));
    let user = house.user("spender", &budget.to_string()).await?;
    let key = house.key(&json!({"name": "spender", "owner": user, "when_short": "refuse"})).await?;

    let order = |name: String, stream: bool| Order {
        body: json!({"model": "sim", "user": name, "stream": stream, "max_completion_tokens": OUTPUT,
            "messages": [{"role": "user", "content": "Spend."}]}),
        name,
        ..Order::default()
    };
    let process = house.gateway.process_id().context("the gateway has ended by itself")?;
    let client = Client::new(house.gateway.base_url()).bearer(&key.secret)?;
    // Most of each answer is delivered then, and none is complete.
    let trap = Trap::at_event(5 * 80, process);
    let mut streams = tokio::task::JoinSet::new();
    for number in 0..5 {
        streams.spawn(make(client.clone(), order(format!("cut-{number}"), true), trap.clone()));
    }
    streams.join_all().await;
    house.kill().await?;
    house.restart(&[]).await?;

    house.upstream.script(&Script { output_tokens: Some(OUTPUT), ..Script::default() }).await?;
    let client = Client::new(house.gateway.base_url()).bearer(&key.secret)?;
    let mut served = 0;
    for number in 0..2 * AFFORDABLE {
        let receipt =
            make(client.clone(), order(format!("after-{number}"), false), Trap::never()).await;
        served += u64::from(receipt.complete);
    }
    let mut found = Vec::new();
    let spent: Nanos =
        house.upstream.books()?.all().map(|request| TARIFF.cost(request.counted())).sum();
    if spent > budget {
        found.push(format!("the provider counts {spent} USD on a balance of {budget} USD"));
    }
    if served != AFFORDABLE - 5 {
        let doubts: Vec<api::Doubt> = api::list(&house.management()?, "/api/v1/doubts?").await?;
        found
            .push(format!("{served} calls passed beside {doubts:?} on a balance for {AFFORDABLE}"));
    }
    found.extend(house.verify().await?);
    Ok(found)
}

/// One round of long streams, killed amid them: the reconciliation must miss nothing.
pub(crate) async fn killed_amid_streams(program: Program) -> anyhow::Result<Vec<String>> {
    let mut site = Site::open(program).await?;
    let orders = long_streams(&site);
    site.round(0, orders, Kill::After(Duration::from_millis(400)), &[]).await
}

/// Rounds of any calls that all end in this way.
pub(crate) async fn rounds_that_end(
    program: Program,
    rounds: u64,
    end: Kill,
) -> anyhow::Result<Vec<String>> {
    let mut site = Site::open(program).await?;
    let mut found = Vec::new();
    for round in 0..rounds {
        let orders = site.orders(round, 1, &mut Chance::new(round));
        found.extend(site.round(round, orders, end, &[]).await?);
    }
    Ok(found)
}
