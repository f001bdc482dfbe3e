//! `:generateContent` and `:streamGenerateContent`: the model stands in the path.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Gemini, Messages, Responses};
use serde_json::{Value, json};

use crate::stage::crossing::{Crossing, model, price, speaking};
use crate::stage::merged;
use crate::stage::question::Question;

/// A model's name may hold slashes and colons: the last colon ends it.
#[tokio::test]
async fn names_with_slashes_and_colons() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let names = ["vendor/team/model:7b", "a:b:c", "models/inner"];
    for name in names {
        let path = format!("/api/v1/prices/{}", name.replace('/', "%2F"));
        crossing.management.put(&path, &price()).await?.success()?;
        crossing.channel_with(speaking(Gemini, &[name])).await?;
        for from in [Gemini, Chat, Messages, Responses] {
            for stream in [false, true] {
                let question = Question::to(name).stream(stream);
                let answer = question.ask(&crossing.caller(from)?, from).await?;
                let call = crossing.call(&answer.id).await?;
                ensure!(call["model"] == name, "{call}");
                crossing.billed(&answer.id, from, Gemini).await?;
            }
        }
        let body = Question::to(name).body(Gemini);
        for path in [
            format!("/v1/models/{name}:generateContent"),
            format!("/v1beta/models/{name}:streamGenerateContent?alt=sse"),
        ] {
            crossing.caller(Gemini)?.post_json(&path, &body).await?.success().context(path)?;
        }
    }
    crossing.calls_when(names.len() * 10).await?;
    crossing.audit().await
}

/// As some clients write them in a path.
#[tokio::test]
async fn names_that_are_escaped() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let path = "/api/v1/prices/vendor%2Fmodel:7b";
    crossing.management.put(path, &price()).await?.success()?;
    crossing.channel_with(speaking(Gemini, &["vendor/model:7b"])).await?;
    let body = Question::to("vendor/model:7b").body(Gemini);
    for path in [
        "/v1beta/models/vendor%2Fmodel%3A7b:generateContent",
        "/v1beta/models/vendor%2fmodel:7b:generateContent",
        "/v1beta/models/vendor/model%3a7b:streamGenerateContent?alt=sse",
    ] {
        let answer = crossing.caller(Gemini)?.post_json(path, &body).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.text());
    }
    let shown = crossing.caller(Gemini)?.get("/v1beta/models/vendor%2Fmodel%3A7b").await?;
    ensure!(shown.json()?["name"] == "models/vendor/model:7b", "{}", shown.text());
    crossing.calls_when(3).await?;
    crossing.audit().await
}

/// The body may repeat the path's model, and may not ask for another.
#[tokio::test]
async fn the_body_may_repeat_the_model() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let question = Question::to(model(Gemini));
    let client = crossing.caller(Gemini)?;
    let path = question.path(Gemini);
    for repeated in [model(Gemini), format!("models/{}", model(Gemini))] {
        let body = merged(question.body(Gemini), json!({"model": repeated}));
        client.post_json(&path, &body).await?.success()?;
    }
    for other in ["models/gemini-2.5-pro", "gpt-5.1", "models/"] {
        let body = merged(question.body(Gemini), json!({"model": other}));
        let answer = client.post_json(&path, &body).await?;
        ensure!(answer.status == 400, "{other}: {}", answer.text());
        let details: Value = answer.json()?["error"]["details"].clone();
        ensure!(details[0]["reason"] == "INVALID_REQUEST", "{details}");
        ensure!(details[1]["fieldViolations"][0]["field"] == "model", "{details}");
    }
    crossing.calls_when(2).await?;
    crossing.audit().await
}

/// Google's names are good in snake case, too.
#[tokio::test]
async fn snake_case_is_read() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    for on in [Gemini, Chat, Messages] {
        let body = json!({
            "system_instruction": {"parts": [{"text": "Be brief."}]},
            "contents": [{"role": "user", "parts": [{"text": "one two three"}]}],
            "generation_config": {"max_output_tokens": 20},
        });
        crossing.provider_does(json!({"output_tokens": 45}))?;
        let path = Question::to(model(on)).path(Gemini);
        let answer = crossing.caller(Gemini)?.post_json(&path, &body).await?.success()?;
        let reason = &answer.json()?["candidates"][0]["finishReason"];
        ensure!(reason == "MAX_TOKENS", "{}: {}", on.name(), answer.text());
        let id = answer.header("x-request-id").context("no id")?;
        let usage = crossing.billed(id, Gemini, on).await?;
        ensure!(usage.output == 20, "{usage:?}");
    }
    crossing.audit().await
}
