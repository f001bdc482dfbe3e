//! Rounds of traffic, each ended by a kill and a restart on the same directory, each followed by
//! the three-way reconciliation.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use serde_json::json;
use testkit::client::Client;
use testkit::provider::Script;
use tokio::task::JoinSet;

use crate::api::{self, View};
use crate::chance::Chance;
use crate::house::{House, Program};
use crate::money::{Nanos, Tariff};
use crate::reconcile::{Case, Lane, differences};
use crate::traffic::{Order, Receipt, Trap, any_order, kill, make};

/// The models: one is priced per token, the other per call.
pub(crate) const BY_TOKEN: &str = "sim-small";
pub(crate) const BY_CALL: &str = "sim-large";
pub(crate) const TOKEN_TARIFF: Tariff =
    Tariff::Tokens { input: 150_000_007, cached: 75_000_001, output: 600_000_011 };
pub(crate) const CALL_TARIFF: Tariff = Tariff::Call(12_345_679);

/// Keys, and so calls of a round: each key makes one.
const LANES: usize = 24;
/// What each of the two users has.
const BALANCE: &str = "1000.000000007";

/// When a round's gateway is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// So long after the round's start.
    After(Duration),
    /// The moment a client has the terminal bytes of the nth complete answer.
    AtTerminal(usize),
    /// When all clients have gone, after so long: what was settled is perhaps not shipped yet.
    WhenDone(Duration),
    /// When nothing is under way any more and the running books were reconciled.
    Idle,
    /// Not at all: it is asked to stop and finishes what is under way.
    Asked(Duration),
}

/// What rounds came to.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) rounds: u64,
    pub(crate) calls: usize,
    pub(crate) kills: usize,
    pub(crate) in_doubt: usize,
    pub(crate) receipts: usize,
}

/// A deployment with keys to make calls with, and all that happened to it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) house: House,
    pub(crate) case: Case,
    pub(crate) figures: Figures,
    /// The next restart is interrupted after so long, and tried again.
    pub(crate) before_restart: Option<Duration>,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.calls += other.calls;
        self.kills += other.kills;
        self.in_doubt += other.in_doubt;
        self.receipts += other.receipts;
    }
}

impl Site {
    pub(crate) async fn open(program: Program) -> anyhow::Result<Self> {
        let house = House::open(program, &Script::default()).await?;
        let factor = json!({"multiplier": "1.25"});
        house.management()?.put("/api/v1/groups/default", &factor).await?.success()?;
        house.channel(&house.upstream.base_url, &[BY_TOKEN, BY_CALL]).await?;
        let by_token =
            json!({"input": "0.150000007", "cached_input": "0.075000001", "output": "0.600000011"});
        house.price(BY_TOKEN, &by_token).await?;
        house.price(BY_CALL, &json!({"per_request": "0.012345679"})).await?;
        let mut case = Case::default();
        let mut users = Vec::new();
        for name in ["first", "second"] {
            users.push(house.user(name, BALANCE).await?);
        }
        for number in 0..LANES {
            let user = users.get(number % 2).context("two users")?;
            let by_call = number % 4 == 3;
            let fields = json!({
                "name": format!("lane {number}"),
                "owner": user,
                "billing_method": if by_call { "pay_per_use" } else { "usage_based" },
                "quota": "400.5",
                "daily_limit": {"requests": 1_000_000, "amount": 300},
            });
            let (model, tariff) =
                if by_call { (BY_CALL, CALL_TARIFF) } else { (BY_TOKEN, TOKEN_TARIFF) };
            case.lanes.push(Lane {
                key: house.key(&fields).await?,
                user: user.clone(),
                model,
                tariff,
            });
        }
        case.credited = users
            .into_iter()
            .map(|user| Ok((user, Nanos::parse(BALANCE)?)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { house, case, figures: Figures::default(), before_restart: None })
    }

    /// Calls of any kind, so many for each key. In a crowd they have long names, which fill the
    /// journal.
    pub(crate) fn orders(&self, round: u64, each: usize, chance: &mut Chance) -> Vec<Order> {
        let filler = if each > 1 { "-".repeat(180) } else { String::new() };
        let mut orders = Vec::new();
        for turn in 0..each {
            for (number, lane) in self.case.lanes.iter().enumerate() {
                let name = format!("r{round}-k{number}-{turn}{filler}");
                orders.push(any_order(chance, name, number, lane.model));
            }
        }
        orders
    }

    /// Makes the calls and ends the gateway; gives what does not fit together after its restart
    /// with these arguments.
    pub(crate) async fn round(
        &mut self,
        round: u64,
        orders: Vec<Order>,
        end: Kill,
        arguments: &[&str],
    ) -> anyhow::Result<Vec<String>> {
        let mut found = self.traffic(round, orders, end).await?;
        if let Some(after) = self.before_restart.take() {
            self.house.interrupted_start(after).await?;
            self.figures.kills += 1;
        }
        self.house.restart(arguments).await?;
        let view = self.view().await?;
        let fresh = self.case.note_doubts(round, &view);
        self.figures.in_doubt += fresh;
        found.extend(differences(&self.case, &view, &self.house.upstream.books()?));
        if matches!(end, Kill::Asked(_) | Kill::Idle) && fresh > 0 {
            found.push(format!(
                "{fresh} calls are in doubt although nothing was under way at the end"
            ));
        }
        found.extend(self.house.verify().await?);
        Ok(found)
    }

    /// Makes the calls and ends the gateway, in whatever way; gives what does not fit together
    /// before that, if nothing is under way.
    async fn traffic(
        &mut self,
        round: u64,
        orders: Vec<Order>,
        end: Kill,
    ) -> anyhow::Result<Vec<String>> {
        let process = self.house.gateway.process_id().context("the gateway has ended by itself")?;
        let trap = match end {
            Kill::AtTerminal(nth) => Trap::at_answer(nth, process),
            _ => Trap::never(),
        };
        let client = Client::new(self.house.gateway.base_url());
        let mut calls = JoinSet::new();
        for order in &orders {
            let lane = self.case.lanes.get(order.lane).context("no such lane")?;
            calls.spawn(make(client.bearer(&lane.key.secret)?, order.clone(), trap.clone()));
        }
        let signal = match end {
            Kill::After(time) => Some((time, Signal::KILL)),
            Kill::Asked(time) => Some((time, Signal::TERM)),
            Kill::AtTerminal(_) | Kill::WhenDone(_) | Kill::Idle => None,
        };
        if let Some((time, signal)) = signal {
            tokio::time::sleep(time).await;
            kill(process, signal);
        }
        let receipts: Vec<Receipt> = calls.join_all().await;
        self.figures.rounds += 1;
        self.figures.calls += orders.len();
        self.figures.receipts += receipts.iter().filter(|receipt| receipt.complete).count();
        let mut by_name: HashMap<String, Receipt> =
            receipts.into_iter().map(|receipt| (receipt.name.clone(), receipt)).collect();
        for order in &orders {
            let receipt = by_name.remove(&order.name).context("a call without a receipt")?;
            self.case.note(round, order, receipt);
        }
        let mut found = Vec::new();
        match end {
            Kill::WhenDone(time) => tokio::time::sleep(time).await,
            Kill::Idle => {
                api::until_idle(&self.house.management()?, &self.case.users()).await?;
                found = differences(&self.case, &self.view().await?, &self.house.upstream.books()?);
            }
            Kill::Asked(_) => {
                // Ends after what is under way, and says that it ended well.
                let ended = self.house.gateway.terminate().await?;
                anyhow::ensure!(
                    ended.success(),
                    "the gateway was asked to stop and ended with {ended}"
                );
                return Ok(found);
            }
            Kill::After(_) | Kill::AtTerminal(_) => {}
        }
        self.house.kill().await?;
        self.figures.kills += 1;
        Ok(found)
    }

    /// What the ledger says now.
    pub(crate) async fn view(&self) -> anyhow::Result<View> {
        let plain = Client::new(self.house.gateway.base_url());
        let keys: Vec<(String, Client)> = self
            .case
            .lanes
            .iter()
            .map(|lane| Ok((lane.key.id.clone(), plain.bearer(&lane.key.secret)?)))
            .collect::<anyhow::Result<_>>()?;
        View::read(&self.house.management()?, &self.case.users(), &keys).await
    }

    /// Whether each user's account in the ledger comes to the balance shown.
    pub(crate) async fn account_differences(&self) -> anyhow::Result<Vec<String>> {
        let management = self.house.management()?;
        let mut found = Vec::new();
        for user in self.case.users() {
            let figures: api::User =
                api::get(&management, &format!("/api/v1/users/{user}")).await?;
            let account = api::account(&management, &user).await?;
            if account != figures.balance {
                found.push(format!(
                    "{user}: the account comes to {account} USD, the balance is {} USD",
                    figures.balance
                ));
            }
        }
        Ok(found)
    }
}

/// A line that is seen even though the tests' output is captured.
pub(crate) fn say(line: &str) {
    // Nobody is left to tell if the standard error is closed.
    let _unseen = writeln!(std::io::stderr(), "{line}");
}
