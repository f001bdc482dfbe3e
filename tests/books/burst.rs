//! The burst: a thousand parallel calls, each costing exactly its bound, on a budget for ten.

use std::collections::BTreeMap;

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::{Script, TokenCounts};
use tokio::task::JoinSet;

use crate::api::{self, KeyFigures};
use crate::house::{House, Key, Program};
use crate::money::{Nanos, Tariff};
use crate::traffic::{Order, Trap, make};

const CALLS: usize = 1_000;
const AFFORDABLE: usize = 10;

/// The limit that binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    KeyQuota,
    DailyAmount,
    MonthlyAmount,
    Balance,
    DailyRequests,
}

const LIMITS: [Limit; 5] = [
    Limit::KeyQuota,
    Limit::DailyAmount,
    Limit::MonthlyAmount,
    Limit::Balance,
    Limit::DailyRequests,
];

impl Limit {
    const fn code(self) -> &'static str {
        match self {
            Self::KeyQuota => "key_quota_exhausted",
            Self::DailyAmount | Self::DailyRequests => "daily_limit_reached",
            Self::MonthlyAmount => "monthly_limit_reached",
            Self::Balance => "balance_exhausted",
        }
    }

    /// The fields of a key that this limit holds for.
    fn fields(self, budget: Nanos) -> Value {
        let amount = budget.to_string();
        match self {
            Self::KeyQuota => json!({"quota": amount}),
            Self::DailyAmount => json!({"daily_limit": {"amount": amount}}),
            Self::MonthlyAmount => json!({"monthly_limit": {"amount": amount}}),
            Self::Balance => json!({}),
            Self::DailyRequests => json!({"daily_limit": {"requests": AFFORDABLE}}),
        }
    }
}

/// Prices that make a call's bound its cost: the provider reports the whole context window as read
/// and writes the whole maximum.
const WINDOW: u64 = 100;
const OUTPUT: u64 = 8;
const BY_TOKEN: Tariff = Tariff::Tokens { input: 1_000_000_007, cached: 0, output: 3_000_000_001 };
const BY_CALL: Tariff = Tariff::Call(7_000_003);

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_parallel_calls_exactly_ten_pass() -> anyhow::Result<()> {
    let found = bursts(Program::sound(), &LIMITS).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_more_on_postgresql() -> anyhow::Result<()> {
    let found =
        bursts(Program::on_postgres().await?, &[Limit::Balance, Limit::DailyRequests]).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// A burst against each limit, priced by token and by call.
pub(crate) async fn bursts(program: Program, limits: &[Limit]) -> anyhow::Result<Vec<String>> {
    let script =
        Script { prompt_tokens: Some(WINDOW), output_tokens: Some(OUTPUT), ..Script::default() };
    let house = House::open(program, &script).await?;
    let factor = json!({"multiplier": "1.25"});
    house.management()?.put("/api/v1/groups/default", &factor).await?.success()?;
    house.channel(&house.upstream.base_url, &["by-token", "by-call"]).await?;
    let by_token =
        json!({"input": "1.000000007", "output": "3.000000001", "context_window": WINDOW});
    house.price("by-token", &by_token).await?;
    house.price("by-call", &json!({"per_request": "0.007000003"})).await?;
    let mut found = Vec::new();
    for limit in limits {
        for (model, tariff) in [("by-token", BY_TOKEN), ("by-call", BY_CALL)] {
            found.extend(burst(&house, *limit, model, tariff).await?);
        }
    }
    found.extend(house.verify().await?);
    Ok(found)
}

async fn burst(
    house: &House,
    limit: Limit,
    model: &str,
    tariff: Tariff,
) -> anyhow::Result<Vec<String>> {
    let tokens = TokenCounts { prompt: WINDOW, completion: OUTPUT, ..TokenCounts::default() };
    let cost = tariff.cost(tokens);
    let budget = Nanos(cost.0 * AFFORDABLE as i128);
    let what = format!("{limit:?} {model}");
    let name = what.replace(' ', "-").to_lowercase();
    let balance = if limit == Limit::Balance { budget } else { Nanos(cost.0 * 10_000) };
    let user = house.user(&name, &balance.to_string()).await?;
    let mut fields = limit.fields(budget);
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("name".to_owned(), json!(name));
        fields.insert("owner".to_owned(), json!(user));
        fields.insert("when_short".to_owned(), json!("refuse"));
        fields.insert(
            "billing_method".to_owned(),
            json!(if model == "by-call" { "pay_per_use" } else { "usage_based" }),
        );
    }
    let key = house.key(&fields).await?;
    let (passed, mut found) = send(house, &key, limit, model, &name).await?;
    if passed != AFFORDABLE {
        found.push(format!("{passed} calls passed on a budget for {AFFORDABLE}"));
    }
    let seen = house.upstream.books()?.of(&name).len();
    if seen != AFFORDABLE {
        found.push(format!("the provider served {seen} calls on a budget for {AFFORDABLE}"));
    }
    let management = house.management()?;
    api::until_idle(&management, &[user]).await?;
    let figures: KeyFigures = api::get(&management, &format!("/v1/api-keys/{}", key.id)).await?;
    if (figures.used, figures.held, figures.reserved) != (budget, Nanos::ZERO, Nanos::ZERO) {
        found.push(format!("{figures:?} after a burst on {budget} USD"));
    }
    Ok(found.into_iter().map(|difference| format!("{what}: {difference}")).collect())
}

/// All calls at once, half of them streams; gives how many passed, and the refusals that are wrong.
async fn send(
    house: &House,
    key: &Key,
    limit: Limit,
    model: &str,
    name: &str,
) -> anyhow::Result<(usize, Vec<String>)> {
    let client = Client::new(house.gateway.base_url()).bearer(&key.secret)?;
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let body = json!({"model": model, "user": name, "max_completion_tokens": OUTPUT, "stream": number % 2 == 1,
            "messages": [{"role": "user", "content": "A call that costs exactly what it may cost at most."}]});
        let order = Order { name: name.to_owned(), body, ..Order::default() };
        calls.spawn(make(client.clone(), order, Trap::never()));
    }
    let (mut passed, mut wrong) = (0, BTreeMap::<String, usize>::new());
    for receipt in calls.join_all().await {
        match (receipt.status, receipt.code.as_deref()) {
            (Some(200), None) if receipt.complete => passed += 1,
            (Some(402), Some(code)) if code == limit.code() => {}
            (status, code) => {
                *wrong
                    .entry(format!("{status:?}, {code:?}, whole: {}", receipt.complete))
                    .or_default() += 1;
            }
        }
    }
    let found = wrong.into_iter().map(|(what, count)| format!("{count} calls ended with {what}"));
    Ok((passed, found.collect()))
}
