//! `POST /v1/messages/count_tokens`: asked of a channel that speaks it, else estimated; free.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Messages};
use serde_json::{Value, json};

use crate::stage::crossing::{Crossing, model, price, speaking};
use crate::stage::{merged, nanos};

const PATH: &str = "/v1/messages/count_tokens";

fn body(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "one two three"}]})
}

/// Nothing is charged, listed or counted.
async fn free(crossing: &Crossing) -> anyhow::Result<()> {
    ensure!(crossing.calls().await?.is_empty());
    let key = crossing.key_state(&crossing.key).await?;
    ensure!(nanos(&key["used"]) == 0 && nanos(&key["reserved"]) == 0, "{key}");
    crossing.audit().await
}

#[tokio::test]
async fn a_channel_of_the_dialect_counts() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    crossing.price("house-name", price()).await?;
    let map = json!({"model_map": {"house-name": "claude-mapped"}});
    crossing.channel_with(merged(speaking(Messages, &["house-name"]), map)).await?;
    for (asked, there) in
        [(model(Messages), model(Messages)), ("house-name".into(), "claude-mapped".into())]
    {
        let client = crossing.caller(Messages)?.header("anthropic-beta", "token-counting-x")?;
        let answer = client.post_json(PATH, &body(&asked)).await?.success()?;
        ensure!(answer.json()? == json!({"input_tokens": 6}), "{}", answer.text());
        ensure!(answer.header("request-id").is_some_and(|id| id.starts_with("call_")));
        let seen = crossing.last_seen()?;
        ensure!(seen.path == PATH && seen.json() == body(&there), "{} {}", seen.path, seen.json());
        ensure!(seen.header("anthropic-beta") == Some("token-counting-x"), "{:?}", seen.headers);
    }
    free(&crossing).await
}

#[tokio::test]
async fn elsewhere_it_is_estimated() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let count = async |words: &str| -> anyhow::Result<u64> {
        let mut body = body(&model(Chat));
        body["messages"][0]["content"] = json!(words);
        body["system"] = json!("Be brief.");
        let answer = crossing.caller(Messages)?.post_json(PATH, &body).await?.success()?.json()?;
        answer["input_tokens"].as_u64().with_context(|| answer.to_string())
    };
    let (short, long) = (count("one two three").await?, count(&"one two ".repeat(500)).await?);
    ensure!((4..=30).contains(&short), "{short}");
    ensure!((900..=1_100).contains(&long), "{long}");
    ensure!(crossing.provider.seen().is_empty(), "a channel of another dialect was asked");
    free(&crossing).await
}

/// So it is where the provider fails: a count is never worth a refusal.
#[tokio::test]
async fn a_provider_that_fails_is_not_waited_for() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    crossing.price("elsewhere", price()).await?;
    let channel = merged(speaking(Messages, &["elsewhere"]), json!({"secret": "refused"}));
    crossing.channel_with(channel).await?;
    let client = crossing.caller(Messages)?;
    let answer = client.post_json(PATH, &body("elsewhere")).await?.success()?.json()?;
    ensure!(answer["input_tokens"].as_u64().is_some_and(|tokens| tokens > 0), "{answer}");
    ensure!(crossing.provider.seen().len() == 1);
    free(&crossing).await
}

/// Its rate is not that of calls, and an exhausted key may count as well.
#[tokio::test]
async fn it_has_a_rate_of_its_own() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let limits = json!({"owner": crossing.user, "rate_limits": {"requests_per_minute": 1}});
    let key = crossing.world.key(limits).await?;
    let client = crossing.client.bearer(&key.secret)?;
    let mut served = 0;
    let refused = loop {
        let answer = client.post_json(PATH, &body(&model(Chat))).await?;
        if answer.status != 200 {
            break answer;
        }
        served += 1;
        ensure!(served < 700, "no end of counting");
    };
    // As many as a minute has at once, and those that a slow machine was given back meanwhile.
    ensure!(served >= 600, "{served} counts: {}", refused.text());
    ensure!(refused.status == 429, "{}", refused.text());
    ensure!(refused.code().as_deref() == Some("rate_limited"), "{}", refused.text());
    ensure!(refused.json()?["error"]["type"] == "rate_limit_error", "{}", refused.text());
    ensure!(refused.header("retry-after").is_some(), "{:?}", refused.headers);
    crossing.chat(&key, &body(&model(Chat))).await?.success()?;
    let spent = crossing.world.key(json!({"owner": crossing.user, "quota": 0})).await?;
    let spent = crossing.client.bearer(&spent.secret)?;
    spent.post_json(PATH, &body(&model(Chat))).await?.success()?;
    Ok(())
}

#[tokio::test]
async fn refusals_are_anthropics() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let client = crossing.caller(Messages)?;
    for (body, status, code) in [
        (body("nothing-1"), 404, "model_not_found"),
        (json!({"model": model(Messages), "messages": 7}), 400, "invalid_request"),
        (json!({"messages": []}), 400, "invalid_request"),
    ] {
        let answer = client.post_json(PATH, &body).await?;
        ensure!(answer.status == status, "{}", answer.text());
        ensure!(answer.code().as_deref() == Some(code), "{}", answer.text());
        ensure!(answer.json()?["type"] == "error", "{}", answer.text());
    }
    free(&crossing).await
}
