//! `POST /v1/completions`: the older API, on channels that have it.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Messages};
use serde_json::json;

use crate::stage::crossing::{Crossing, model};

const PATH: &str = "/v1/completions";

#[tokio::test]
async fn a_completion_is_billed_exactly() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    crossing.provider_does(json!({"answer": "four five"}))?;
    let body =
        json!({"model": model(Chat), "prompt": ["one two three", "x"], "max_tokens": 50, "n": 2});
    let answer = crossing.caller(Chat)?.post_json(PATH, &body).await?.success()?;
    let texts = answer.json()?["choices"].as_array().cloned().context("no choices")?;
    ensure!(texts.len() == 4 && texts.iter().all(|choice| choice["text"] == "four five"));
    let usage =
        crossing.billed(answer.header("x-request-id").context("no id")?, Chat, Chat).await?;
    ensure!(usage.output == 8, "{usage:?}");
    let seen = crossing.last_seen()?;
    ensure!(seen.path == PATH && seen.json() == body, "{} {}", seen.path, seen.json());
    crossing.audit().await
}

/// The usage that only the gateway asked for is taken out again.
#[tokio::test]
async fn a_stream_is_billed_exactly() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    crossing.provider_does(json!({"answer": "four five six"}))?;
    for asks in [false, true] {
        let mut body = json!({"model": model(Chat), "prompt": "one two three", "stream": true});
        if asks {
            body["stream_options"] = json!({"include_usage": true});
        }
        let mut stream = crossing.caller(Chat)?.stream(PATH, &body).await?;
        let events = stream.rest().await?;
        let text: String = events
            .iter()
            .filter_map(|event| Some(event.json()["choices"][0]["text"].as_str()?.to_owned()))
            .collect();
        ensure!(text == "four five six", "{events:?}");
        ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
        let told = events.iter().any(|event| !event.json()["usage"].is_null());
        ensure!(told == asks, "{events:?}");
        let id = stream.headers.get("x-request-id").context("no id")?.to_str()?.to_owned();
        crossing.billed(&id, Chat, Chat).await?;
    }
    crossing.audit().await
}

/// Nothing is like it in other dialects.
#[tokio::test]
async fn it_is_not_translated() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let body = json!({"model": model(Messages), "prompt": "one two three"});
    let answer = crossing.caller(Chat)?.post_json(PATH, &body).await?;
    ensure!(answer.status.is_client_error() || answer.status == 503, "{}", answer.text());
    ensure!(answer.json()?["error"]["message"].is_string(), "{}", answer.text());
    ensure!(crossing.provider.totals().received == 0);
    crossing.audit().await
}
