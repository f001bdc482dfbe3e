//! `:embedContent` and `:batchEmbedContents`. Google tells no usage: the input is estimated.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Gemini};
use serde_json::{Value, json};

use crate::stage::crossing::{Crossing, model};
use crate::stage::nanos;

fn one(text: &str) -> Value {
    json!({"content": {"parts": [{"text": text}]}, "outputDimensionality": 8})
}

fn named(model: &str, text: &str) -> Value {
    crate::stage::merged(one(text), json!({"model": format!("models/{model}")}))
}

#[tokio::test]
async fn only_input_is_charged() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let (model, text) = (model(Gemini), "one two three four five six seven eight");
    let batch = json!({"requests": [named(&model, text), named(&model, text)]});
    for (action, body, pointer) in
        [("embedContent", one(text), "/embedding"), ("batchEmbedContents", batch, "/embeddings/1")]
    {
        let path = format!("/v1beta/models/{model}:{action}");
        let answer = crossing.caller(Gemini)?.post_json(&path, &body).await?.success()?;
        let values = answer.json()?;
        let values = values.pointer(pointer).context("no embedding")?;
        ensure!(values["values"].as_array().map(Vec::len) == Some(8), "{values}");
        let seen = crossing.last_seen()?;
        ensure!(seen.path == path && seen.json() == body, "{} {}", seen.path, seen.json());
        let call = crossing.call(answer.header("x-request-id").context("no id")?).await?;
        ensure!(call["usage_source"] == "estimated" && call["usage"]["output"] == 0, "{call}");
        let input = call["usage"]["input"].as_i64().context("no input")?;
        let times = if action == "embedContent" { 1 } else { 2 };
        ensure!((5 * times..=30 * times).contains(&input), "{call}");
        ensure!(nanos(&call["cost"]) == input * 1_003, "{call}");
        ensure!(call["outcome"] == "completed" && call["counted"] == true, "{call}");
    }
    crossing.audit().await
}

#[tokio::test]
async fn another_model_in_a_batch_is_refused() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let model = model(Gemini);
    let requests = [named(&model, "x"), named("gemini-embedding-2", "x")];
    let path = format!("/v1beta/models/{model}:batchEmbedContents");
    let body = json!({"requests": requests});
    let answer = crossing.caller(Gemini)?.post_json(&path, &body).await?;
    ensure!(answer.status == 400, "{}", answer.text());
    ensure!(answer.text().contains("gemini-embedding-2"), "{}", answer.text());
    ensure!(crossing.provider.seen().is_empty());
    crossing.audit().await
}

/// Nothing is like it in other dialects.
#[tokio::test]
async fn it_is_not_translated() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let path = format!("/v1beta/models/{}:embedContent", model(Chat));
    let answer = crossing.caller(Gemini)?.post_json(&path, &one("x")).await?;
    ensure!(answer.status.is_client_error() || answer.status == 503, "{}", answer.text());
    ensure!(answer.json()?["error"]["status"].is_string(), "{}", answer.text());
    ensure!(crossing.provider.totals().received == 0);
    crossing.audit().await
}

/// A model whose channels have no embeddings is refused for good, in Google's shape.
#[tokio::test]
async fn a_model_of_another_kind_is_refused_for_good() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    for action in ["embedContent", "batchEmbedContents"] {
        let path = format!("/v1beta/models/{}:{action}", model(Chat));
        let content = json!({"parts": [{"text": "x"}]});
        let body = match action {
            "embedContent" => json!({"content": content}),
            _ => json!({"requests": [{"model": model(Chat), "content": content}]}),
        };
        let answer = crossing.caller(Gemini)?.post_json(&path, &body).await?;
        ensure!(answer.status == 400, "{}", answer.text());
        ensure!(answer.header("x-should-retry") == Some("false"), "{:?}", answer.headers);
        let error = &answer.json()?["error"];
        ensure!(error["details"][0]["reason"] == "OPERATION_NOT_SUPPORTED", "{error}");
        ensure!(error["message"].as_str().is_some_and(|text| text.contains("chat")), "{error}");
    }
    ensure!(crossing.provider.totals().received == 0);
    crossing.audit().await
}
