//! The same checks against gateways that are broken on purpose: each must be caught.
//!
//! `TOLLKEEPER_FLAWS_BIN` names a `tollkeeper` built with the feature `flaws`.

use std::time::Duration;

use anyhow::{Context, ensure};

use crate::burst::{Limit, bursts};
use crate::doubts::{cut_amid_streams, killed_amid_streams, overspending, rounds_that_end};
use crate::house::Program;
use crate::rounds::Kill;
use crate::running_usage::running_usage;

/// Rounds of the checks that need some luck.
const ROUNDS: u64 = 3;

/// The flaw is caught if some difference speaks of it.
fn caught(flaw: &str, found: &[String], sign: &str) -> anyhow::Result<()> {
    let differs = found.iter().any(|difference| difference.contains(sign));
    ensure!(differs, "{flaw} was not caught; expected {sign:?} among:\n{}", found.join("\n"));
    Ok(())
}

fn sound(found: &[String]) -> anyhow::Result<()> {
    ensure!(found.is_empty(), "the sound gateway differs:\n{}", found.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn admitting_without_reserving_is_caught() -> anyhow::Result<()> {
    // The sound gateway's bursts are in `burst.rs`.
    let broken = Program::broken("AdmitWithoutReserving")?;
    let found = bursts(broken, &[Limit::KeyQuota, Limit::DailyRequests]).await?;
    caught("AdmitWithoutReserving", &found, "calls passed on a budget for")
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_the_end_before_the_journal_is_caught() -> anyhow::Result<()> {
    let broken = Program::broken("TerminalBeforeJournal")?;
    let found = rounds_that_end(broken, ROUNDS, Kill::AtTerminal(3)).await?;
    caught("TerminalBeforeJournal", &found, "but it is not billed")?;
    sound(&rounds_that_end(Program::sound(), ROUNDS, Kill::AtTerminal(3)).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn booking_a_charge_again_is_caught() -> anyhow::Result<()> {
    let end = Kill::WhenDone(Duration::from_millis(400));
    let broken = Program::broken("ReplayWithoutIdCheck")?;
    let found = rounds_that_end(broken, ROUNDS, end).await?;
    caught("ReplayWithoutIdCheck", &found, "is in the ledger 2 times")?;
    sound(&rounds_that_end(Program::sound(), ROUNDS, end).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_what_is_in_doubt_is_caught() -> anyhow::Result<()> {
    let found = overspending(Program::broken("DoubtForgotten")?).await?;
    caught("DoubtForgotten", &found, "the provider counts")?;
    let found = killed_amid_streams(Program::broken("DoubtForgotten")?).await?;
    caught("DoubtForgotten", &found, "neither billed nor released")?;
    sound(&killed_amid_streams(Program::sound()).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_partial_answers_away_is_caught() -> anyhow::Result<()> {
    let found = cut_amid_streams(Program::broken("PartialIsFree")?).await?;
    caught("PartialIsFree", &found, "and is free")?;
    sound(&cut_amid_streams(Program::sound()).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn believing_the_first_count_is_caught() -> anyhow::Result<()> {
    let found = running_usage(Program::broken("FirstUsageWins")?).await?;
    caught("FirstUsageWins", &found, "instead of").context("running usage")?;
    sound(&running_usage(Program::sound()).await?)
}
