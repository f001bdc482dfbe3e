//! Limits on money, calls and output: they hold to the nano-USD, and they let go at once.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::stage::{INPUT, MODEL, OUTPUT, PROMPT_TOKENS, Stage, cost, nanos, request, scripted};

/// What every call of [`per_call`] costs, in USD.
const PER_CALL: &str = "0.01";

/// A model with a price per call, so that a call's bound is its cost.
async fn per_call(fields: Value) -> anyhow::Result<Stage> {
    let billing = json!({"billing_method": "pay_per_use"});
    let stage = Stage::with_key(crate::stage::merged(billing, fields)).await?;
    stage.price(MODEL, json!({"per_request": PER_CALL})).await?;
    Ok(stage)
}

/// Sends so many calls at once; returns how many were served, and the codes of the others.
async fn burst(stage: &Stage, count: usize) -> anyhow::Result<(usize, Vec<String>)> {
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..count {
        let client = stage.holder()?;
        calls.spawn(
            async move { client.post_json("/v1/chat/completions", &request(json!({}))).await },
        );
    }
    let (mut served, mut codes) = (0, Vec::new());
    while let Some(answer) = calls.join_next().await {
        let answer = answer??;
        match answer.code() {
            None => served += 1,
            Some(code) => codes.push(code),
        }
    }
    codes.sort();
    codes.dedup();
    Ok((served, codes))
}

macro_rules! exactly_ten_of_sixty {
    ($($test:ident: $limit:tt refuses $code:literal;)*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                let stage = per_call(json!($limit)).await?;
                let (served, codes) = burst(&stage, 60).await?;
                ensure!(served == 10 && codes == [$code], "{served} served, {codes:?}");
                ensure!(stage.calls_when(10).await?.len() == 10);
                stage.audit().await
            }
        )*
    };
}

exactly_ten_of_sixty! {
    a_quota_for_ten_serves_ten: {"quota": "0.1"} refuses "key_quota_exhausted";
    a_quota_for_less_than_eleven_serves_ten: {"quota": 0.109999999} refuses "key_quota_exhausted";
    a_day_for_ten_serves_ten: {"daily_limit": {"amount": 0.1}} refuses "daily_limit_reached";
    a_day_of_ten_calls_serves_ten: {"daily_limit": {"requests": 10}} refuses "daily_limit_reached";
    a_month_for_ten_serves_ten: {"monthly_limit": {"amount": 0.1}} refuses "monthly_limit_reached";
    a_month_of_ten_calls_serves_ten: {"monthly_limit": {"requests": 10}} refuses "monthly_limit_reached";
}

#[tokio::test]
async fn a_balance_for_ten_serves_ten_over_all_keys() -> anyhow::Result<()> {
    let stage = per_call(json!({})).await?;
    let poor = stage.user("0.1").await?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let fields = json!({"owner": poor, "billing_method": "pay_per_use"});
        let client = stage.client.bearer(&stage.world.key(fields).await?.secret)?;
        for _ in 0..10 {
            let client = client.clone();
            calls.spawn(async move {
                client.post_json("/v1/chat/completions", &request(json!({}))).await
            });
        }
    }
    let mut served = 0;
    while let Some(answer) = calls.join_next().await {
        let answer = answer??;
        served += usize::from(answer.status == 200);
        ensure!(answer.code().is_none_or(|code| code == "balance_exhausted"), "{}", answer.text());
    }
    ensure!(served == 10, "{served} served");
    let user = stage.management.get(&format!("/api/v1/users/{poor}")).await?.json()?;
    stage.calls_when(10).await?;
    ensure!(nanos(&user["balance"]) == 0, "{user}");
    crate::stage::verify(stage.gateway.data()).await
}

/// The narrowest limit binds, and its code says which it was.
#[tokio::test]
async fn of_several_limits_the_narrowest_binds() -> anyhow::Result<()> {
    let limits = json!({
        "quota": "0.05", "daily_limit": {"amount": "0.03", "requests": 4},
        "monthly_limit": {"amount": "0.04"},
    });
    let stage = per_call(limits).await?;
    let (served, codes) = burst(&stage, 20).await?;
    ensure!(served == 3 && codes == ["daily_limit_reached"], "{served} served, {codes:?}");
    stage.edit_key(json!({"daily_limit": {"amount": null}})).await?;
    let (served, codes) = burst(&stage, 20).await?;
    ensure!(served == 1, "the fourth call of the day is the last: {served} served, {codes:?}");
    stage.audit().await
}

#[tokio::test]
async fn a_raised_quota_revives_an_exhausted_key_at_once() -> anyhow::Result<()> {
    let stage = per_call(json!({"quota": PER_CALL})).await?;
    ensure!(burst(&stage, 2).await?.0 == 1);
    ensure!(stage.key_state(&stage.key).await?["status"] == "exhausted");
    stage.edit_key(json!({"quota": "0.02"})).await?;
    ensure!(stage.key_state(&stage.key).await?["status"] == "active");
    ensure!(burst(&stage, 2).await?.0 == 1);
    stage.edit_key(json!({"quota_delta": PER_CALL})).await?;
    ensure!(burst(&stage, 2).await?.0 == 1);
    stage.edit_key(json!({"quota": null})).await?;
    ensure!(burst(&stage, 5).await?.0 == 5);
    stage.audit().await
}

/// A quota below what was used already refuses, and owes nothing.
#[tokio::test]
async fn a_lowered_quota_holds_at_once() -> anyhow::Result<()> {
    let stage = per_call(json!({"quota": "1"})).await?;
    ensure!(burst(&stage, 5).await?.0 == 5);
    stage.edit_key(json!({"quota": "0.03"})).await?;
    let (served, codes) = burst(&stage, 3).await?;
    ensure!(served == 0 && codes == ["key_quota_exhausted"], "{served} served, {codes:?}");
    let key = stage.key_state(&stage.key).await?;
    ensure!(key["status"] == "exhausted" && nanos(&key["used"]) == 50_000_000, "{key}");
    stage.audit().await
}

#[tokio::test]
async fn a_top_up_revives_at_once_but_lifts_no_cap() -> anyhow::Result<()> {
    let stage = per_call(json!({})).await?;
    let poor = stage.user(PER_CALL).await?;
    let fields = json!({"owner": poor, "billing_method": "pay_per_use", "quota": "0.02"});
    let key = stage.world.key(fields).await?;
    let ask = async || stage.chat(&key, &request(json!({}))).await;
    ensure!(ask().await?.status == 200);
    ensure!(ask().await?.code().as_deref() == Some("balance_exhausted"));
    stage.top_up(&poor, "5").await?;
    ensure!(ask().await?.status == 200);
    ensure!(ask().await?.code().as_deref() == Some("key_quota_exhausted"));
    stage.top_up(&poor, "5").await?;
    ensure!(ask().await?.code().as_deref() == Some("key_quota_exhausted"));
    crate::stage::verify(stage.gateway.data()).await
}

/// A user's credit can be unlimited, and limited again.
#[tokio::test]
async fn unlimited_credit_needs_no_balance() -> anyhow::Result<()> {
    let stage = per_call(json!({})).await?;
    stage.edit_user(json!({"credit": "unlimited"})).await?;
    ensure!(burst(&stage, 5).await?.0 == 5);
    stage.edit_user(json!({"credit": "balance"})).await?;
    ensure!(burst(&stage, 5).await?.0 == 5, "10 USD were topped up");
    stage.audit().await
}

/// Calls that were refused or failed give their place back; forwarded ones count.
#[tokio::test]
async fn failed_and_refused_calls_do_not_count() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"daily_limit": {"requests": 1}})).await?;
    stage.ask(&request(json!({"model": "nothing"}))).await?;
    stage.ask(&request(json!({"messages": 1}))).await?;
    let failing = scripted(json!({"error": {"status": 500}}), json!({}));
    ensure!(stage.ask(&failing).await?.status == 502);
    stage.ask(&request(json!({}))).await?.success()?;
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("daily_limit_reached"), "{}", refused.text());
    let key = stage.key_state(&stage.key).await?;
    ensure!(key["daily"]["requests"] == 1 && key["monthly"]["requests"] == 1, "{key}");
    stage.audit().await
}

/// The largest output that a key may ask for is lowered to, and put in.
#[tokio::test]
async fn the_output_maximum_of_a_key_is_put_in_and_lowered() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"max_tokens_per_request": 40})).await?;
    let plain = without(request(json!({})), "max_tokens");
    let bodies = [
        request(json!({"max_tokens": 100})),
        plain.clone(),
        request(json!({"max_tokens": 40})),
        request(json!({"max_tokens": 7})),
        crate::stage::merged(plain.clone(), json!({"max_completion_tokens": 41})),
        crate::stage::merged(plain, json!({"max_tokens": null})),
    ];
    let mut headers = Vec::new();
    for body in &bodies {
        let answer = stage.ask(body).await?.success()?;
        headers.push(answer.header("x-tollkeeper-max-tokens").map(str::to_owned));
    }
    let lowered = Some("40".to_owned());
    let expected = [lowered.clone(), lowered.clone(), None, None, lowered.clone(), lowered];
    ensure!(headers == expected, "{headers:?}");
    let most: Vec<Value> = stage.provider.seen().iter().map(|seen| maximum(&seen.json())).collect();
    ensure!(most == [40, 40, 40, 7, 40, 40].map(|most| json!(most)), "{most:?}");
    stage.calls_when(bodies.len()).await?;
    stage.audit().await
}

/// Both names at once: an upstream may go by either, so both are lowered.
#[tokio::test]
async fn both_names_of_the_maximum_are_lowered() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"max_tokens_per_request": 40})).await?;
    for (older, newer) in [(100, 90), (100, 30), (30, 100)] {
        let body = request(json!({"max_tokens": older, "max_completion_tokens": newer}));
        stage.ask(&body).await?.success()?;
        let seen = stage.provider.seen();
        let sent = seen.last().context("nothing")?.json();
        ensure!(sent["max_tokens"] == older.min(40), "{sent}");
        ensure!(sent["max_completion_tokens"] == newer.min(40), "{sent}");
    }
    Ok(())
}

/// Near a hard limit the maximum is lowered to what is affordable.
#[tokio::test]
async fn a_short_quota_lowers_the_maximum() -> anyhow::Result<()> {
    let body = scripted(json!({"output_tokens": 900}), json!({"max_tokens": 1000}));
    let stage = Stage::with_key(json!({"quota": usd(enough_for(&body, 500))})).await?;
    let answer = stage.ask(&body).await?.success()?;
    let most: i64 = answer.header("x-tollkeeper-max-tokens").context("not lowered")?.parse()?;
    ensure!((300..=600).contains(&most), "lowered to {most}");
    let seen = stage.provider.seen();
    ensure!(maximum(&seen.last().context("nothing")?.json()) == most, "{seen:?}");
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, most), "{call}");
    stage.audit().await
}

/// While nothing is short, the body is untouched.
#[tokio::test]
async fn an_ample_quota_lowers_nothing() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "1"})).await?;
    let answer = stage.ask(&request(json!({}))).await?.success()?;
    ensure!(answer.header("x-tollkeeper-max-tokens").is_none());
    let seen = stage.provider.seen();
    ensure!(seen.first().context("nothing")?.json() == request(json!({})), "{seen:?}");
    Ok(())
}

/// Where the client sent no maximum, the affordable one is put in.
#[tokio::test]
async fn a_short_quota_puts_a_maximum_in() -> anyhow::Result<()> {
    let body = without(request(json!({})), "max_tokens");
    let stage = Stage::with_key(json!({"quota": usd(enough_for(&body, 500))})).await?;
    stage.price(MODEL, json!({"input": 1, "output": 2, "max_output": 8000})).await?;
    let answer = stage.ask(&body).await?.success()?;
    let most: i64 = answer.header("x-tollkeeper-max-tokens").context("not put in")?.parse()?;
    let seen = stage.provider.seen();
    let got = seen.last().context("nothing")?.json();
    ensure!(got["max_completion_tokens"] == most && (300..=600).contains(&most), "{got}");
    Ok(())
}

/// `when_short: refuse` refuses instead, and nothing reaches the upstream.
#[tokio::test]
async fn a_key_can_choose_to_be_refused_instead() -> anyhow::Result<()> {
    let body = request(json!({"max_tokens": 1000}));
    let fields = json!({"quota": usd(enough_for(&body, 500)), "when_short": "refuse"});
    let stage = Stage::with_key(fields).await?;
    let refused = stage.ask(&body).await?;
    ensure!(refused.code().as_deref() == Some("key_quota_exhausted"), "{}", refused.text());
    ensure!(stage.provider.totals().received == 0);
    stage.edit_key(json!({"when_short": "lower"})).await?;
    stage.ask(&body).await?.success()?;
    stage.audit().await
}

/// A thinking budget is part of the answer: the maximum is never lowered to less than it.
#[tokio::test]
async fn a_maximum_is_not_lowered_below_the_thinking_budget() -> anyhow::Result<()> {
    let thinking = json!({"type": "enabled", "budget_tokens": 2000});
    let body = request(json!({"max_tokens": 4000, "thinking": thinking}));
    let stage = Stage::with_key(json!({"quota": usd(enough_for(&body, 1000))})).await?;
    let refused = stage.ask(&body).await?;
    ensure!(refused.code().as_deref() == Some("key_quota_exhausted"), "{}", refused.text());
    stage.edit_key(json!({"quota": usd(enough_for(&body, 3000))})).await?;
    let answer = stage.ask(&body).await?.success()?;
    let most: i64 = answer.header("x-tollkeeper-max-tokens").context("not lowered")?.parse()?;
    ensure!(most > 2000, "lowered to {most}");
    Ok(())
}

/// A thinking budget above what the key may use is refused, whatever the vendor calls it.
#[tokio::test]
async fn a_thinking_budget_is_held_to_the_keys_maximum() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"max_tokens_per_request": 100})).await?;
    for (budget, served) in [(101, false), (100, true)] {
        for fields in [
            json!({"thinking_budget": budget}),
            json!({"thinking": {"type": "enabled", "budget_tokens": budget}}),
            json!({"reasoning": {"max_tokens": budget}}),
        ] {
            let answer = stage.ask(&request(fields.clone())).await?;
            let code = answer.code();
            let expected = (!served).then_some("max_tokens_exceeded");
            ensure!(code.as_deref() == expected, "{fields}: {}", answer.text());
        }
    }
    Ok(())
}

/// Less than min(256, what was asked for) is not worth having.
#[tokio::test]
async fn below_the_floor_a_call_is_refused() -> anyhow::Result<()> {
    for (asked, affordable) in [(1000, 200), (100, 60)] {
        let body = request(json!({"max_tokens": asked}));
        let quota = usd(enough_for(&body, affordable));
        let stage = Stage::with_key(json!({"quota": quota})).await?;
        let refused = stage.ask(&body).await?;
        ensure!(refused.code().as_deref() == Some("key_quota_exhausted"), "{}", refused.text());
    }
    Ok(())
}

#[tokio::test]
async fn allowed_models_are_names_and_patterns() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let allows = async |patterns: Value| {
        stage.edit_key(json!({"allowed_models": patterns})).await?;
        let answer = stage.ask(&request(json!({}))).await?;
        let listed = stage.holder()?.get("/v1/models").await?.text().contains(MODEL);
        let served = match answer.code().as_deref() {
            None => true,
            Some("model_not_allowed") => false,
            Some(code) => anyhow::bail!("{code}"),
        };
        ensure!(served == listed, "listed: {listed}, served: {served}");
        Ok(served)
    };
    for patterns in [json!(["sim-small"]), json!(["sim-*"]), json!(["*"]), json!(["x", "*-small"])]
    {
        ensure!(allows(patterns.clone()).await?, "{patterns}");
    }
    for patterns in
        [json!(["sim"]), json!(["sim-smal"]), json!(["sim-small-*"]), json!(["*-large"])]
    {
        ensure!(!allows(patterns.clone()).await?, "{patterns}");
    }
    for patterns in [json!([]), json!(null)] {
        ensure!(allows(patterns.clone()).await?, "{patterns}");
    }
    Ok(())
}

/// A call whose bound the books cannot hold is refused rather than wrapped.
#[tokio::test]
async fn a_bound_beyond_the_books_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.edit_user(json!({"credit": "unlimited"})).await?;
    stage.price(MODEL, json!({"input": 1_000_000, "output": 1_000_000})).await?;
    let huge = request(json!({"max_tokens": 2_147_483_648_u64, "n": 128}));
    let refused = stage.ask(&huge).await?;
    ensure!(refused.status == 400 || refused.status == 402, "{}", refused.text());
    ensure!(stage.provider.totals().received == 0);
    stage.audit().await
}

/// Nano-USD that are enough for the request's input at its longest and so much output.
fn enough_for(body: &Value, output: i64) -> i64 {
    let longest = i64::try_from(body.to_string().len()).unwrap_or(i64::MAX) + 64;
    longest * INPUT + output * OUTPUT
}

fn usd(nanos: i64) -> String {
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

fn maximum(body: &Value) -> Value {
    let maximum = |name| body.get(name).filter(|value| !value.is_null()).cloned();
    maximum("max_completion_tokens").or_else(|| maximum("max_tokens")).unwrap_or_default()
}

fn without(mut body: Value, name: &str) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove(name);
    }
    body
}
