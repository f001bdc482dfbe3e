//! `:countTokens`: asked of a channel that speaks it, else estimated; free.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Gemini};
use serde_json::{Value, json};

use crate::stage::crossing::{Crossing, model};
use crate::stage::nanos;

fn path(model: &str) -> String {
    format!("/v1beta/models/{model}:countTokens")
}

fn contents() -> Value {
    json!([{"role": "user", "parts": [{"text": "one two three"}]}])
}

#[tokio::test]
async fn a_channel_of_the_dialect_counts() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let whole = json!({"model": format!("models/{}", model(Gemini)), "contents": contents()});
    for body in [json!({"contents": contents()}), json!({"generateContentRequest": whole})] {
        let path = path(&model(Gemini));
        let answer = crossing.caller(Gemini)?.post_json(&path, &body).await?.success()?.json()?;
        ensure!(answer["totalTokens"] == 6, "{answer}");
        let seen = crossing.last_seen()?;
        ensure!(seen.path == path && seen.json() == body, "{} {}", seen.path, seen.json());
    }
    ensure!(crossing.calls().await?.is_empty());
    crossing.audit().await
}

#[tokio::test]
async fn elsewhere_it_is_estimated() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let body = json!({"contents": contents()});
    let client = crossing.caller(Gemini)?;
    let answer = client.post_json(&path(&model(Chat)), &body).await?.success()?.json()?;
    let tokens = answer["totalTokens"].as_u64().context("no count")?;
    ensure!((3..=30).contains(&tokens), "{answer}");
    ensure!(crossing.provider.seen().is_empty(), "a channel of another dialect was asked");
    let key = crossing.key_state(&crossing.key).await?;
    ensure!(nanos(&key["used"]) == 0, "{key}");
    crossing.audit().await
}

#[tokio::test]
async fn another_model_inside_is_refused() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let whole = json!({"model": "models/gemini-2.5-pro", "contents": contents()});
    let body = json!({"generateContentRequest": whole});
    let answer = crossing.caller(Gemini)?.post_json(&path(&model(Gemini)), &body).await?;
    ensure!(answer.status == 400, "{}", answer.text());
    ensure!(crossing.provider.seen().is_empty());
    Ok(())
}
