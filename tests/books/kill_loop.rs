//! The kill loop: whatever instant the gateway is killed at, nothing is lost, nothing is billed
//! twice, and what is unknown is held.
//!
//! `TOLLKEEPER_KILL_ROUNDS` says how many rounds (30 by default). `TOLLKEEPER_KILL_SEED` repeats the
//! rounds of an earlier run, whose seed every failure shows, and `TOLLKEEPER_KILL_FROM` begins with
//! that round.

use anyhow::{Context, ensure};

use crate::chance::Chance;
use crate::doubts::resolve_all;
use crate::house::Program;
use crate::rounds::{Figures, Kill, Site, say};

/// Rounds on one deployment, before a fresh one is made.
const ROUNDS_PER_SITE: u64 = 25;
/// Calls of each key in the rounds that are crowded.
const CROWD: usize = 20;
/// A progress line comes after so many rounds.
const PROGRESS: u64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_billed_twice_whenever_the_gateway_is_killed() -> anyhow::Result<()> {
    let rounds = number("TOLLKEEPER_KILL_ROUNDS")?.unwrap_or(30);
    kill_loop("SQLite", rounds, async || Ok(Program::sound())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_on_postgresql() -> anyhow::Result<()> {
    let rounds = number("TOLLKEEPER_KILL_ROUNDS")?.unwrap_or(30) / 5;
    kill_loop("PostgreSQL", rounds, Program::on_postgres).await
}

async fn kill_loop(
    database: &str,
    rounds: u64,
    program: impl AsyncFn() -> anyhow::Result<Program>,
) -> anyhow::Result<()> {
    let seed = match number("TOLLKEEPER_KILL_SEED")? {
        Some(seed) => seed,
        None => u64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_micros())?,
    };
    say(&format!("kill loop on {database}: {rounds} rounds, TOLLKEEPER_KILL_SEED={seed}"));
    let mut total = Figures::default();
    let first = number("TOLLKEEPER_KILL_FROM")?.unwrap_or(0);
    let (mut round, end) = (first, first + rounds);
    while round < end {
        let mut site = Site::open(program().await?).await?;
        let until = end.min(round + ROUNDS_PER_SITE);
        while round < until {
            let found = one_round(&mut site, round, seed)
                .await
                .with_context(|| format!("round {round} of seed {seed}"))?;
            ensure!(
                found.is_empty(),
                "round {round} of seed {seed} differs:\n{}",
                found.join("\n")
            );
            round += 1;
            if (round - first).is_multiple_of(PROGRESS) {
                say(&line(database, round - first, &total, &site.figures));
            }
        }
        let mut found = resolve_all(&mut site).await?;
        found.extend(site.account_differences().await?);
        ensure!(
            found.is_empty(),
            "after the doubts of seed {seed} were resolved:\n{}",
            found.join("\n")
        );
        total.add(&site.figures);
    }
    say(&format!("{}, differences = 0", line(database, rounds, &total, &Figures::default())));
    Ok(())
}

/// A round as chance has it: which calls, which kill, which durability afterwards.
async fn one_round(site: &mut Site, round: u64, seed: u64) -> anyhow::Result<Vec<String>> {
    let mut chance = Chance::new(seed.wrapping_add(round.wrapping_mul(0x9e37_79b9)));
    let each = if chance.one_in(12) { CROWD } else { 1 };
    let orders = site.orders(round, each, &mut chance);
    let end = match chance.below(20) {
        0..8 => Kill::After(chance.up_to(350)),
        8..14 => Kill::AtTerminal(usize::try_from(1 + chance.below(12))?),
        14..17 => Kill::WhenDone(chance.up_to(150)),
        17..19 => Kill::Idle,
        _ => Kill::Asked(chance.up_to(150)),
    };
    let interruption = chance.one_in(6).then(|| chance.up_to(250));
    let durability = if chance.one_in(5) { "strict" } else { "standard" };
    let segment = if chance.one_in(3) { "262144" } else { "8388608" };
    let arguments = ["--durability", durability, "--journal-segment-bytes", segment];
    site.before_restart = interruption;
    site.round(round, orders, end, &arguments).await
}

fn line(database: &str, round: u64, total: &Figures, now: &Figures) -> String {
    format!(
        "kill loop on {database}: rounds = {round}, calls = {}, kills = {}, in doubt = {}, receipts = {}",
        total.calls + now.calls,
        total.kills + now.kills,
        total.in_doubt + now.in_doubt,
        total.receipts + now.receipts,
    )
}

/// A number in an environment variable.
fn number(name: &str) -> anyhow::Result<Option<u64>> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty());
    text.map(|text| text.parse().with_context(|| format!("{name} is no whole number"))).transpose()
}
