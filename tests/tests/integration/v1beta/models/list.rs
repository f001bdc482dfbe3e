//! The list of models in every caller's shape, and one of them.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Gemini, Messages};
use serde_json::Value;

use crate::stage::crossing::Crossing;

/// What each shape calls the four models of the scene, in order.
const MODELS: [&str; 4] = ["claude-sonnet-4-5", "gemini-2.5-flash", "gpt-5.1", "vendor-chat-1"];

fn texts(list: &Value, of: &str, name: &str) -> Vec<String> {
    let entries = list[of].as_array().into_iter().flatten();
    entries.map(|entry| entry[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn each_caller_has_a_shape() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let openai = crossing.caller(Chat)?.get("/v1/models").await?.success()?.json()?;
    ensure!(openai["object"] == "list" && texts(&openai, "data", "id") == MODELS, "{openai}");
    ensure!(openai["data"][0]["object"] == "model", "{openai}");

    let path = "/v1/models?limit=1000";
    let answer = crossing.caller(Messages)?.get(path).await?.success()?;
    ensure!(answer.header("request-id").is_some(), "{:?}", answer.headers);
    let anthropic = answer.json()?;
    ensure!(texts(&anthropic, "data", "id") == MODELS, "{anthropic}");
    ensure!(anthropic["data"][0]["type"] == "model", "{anthropic}");
    ensure!(anthropic["data"][0]["display_name"] == MODELS[0], "{anthropic}");
    ensure!(anthropic["data"][0]["created_at"].is_string(), "{anthropic}");
    ensure!(anthropic["has_more"] == false && anthropic["first_id"] == MODELS[0], "{anthropic}");
    ensure!(anthropic["last_id"] == MODELS[3], "{anthropic}");

    let named = MODELS.map(|model| format!("models/{model}"));
    for (client, path) in [
        (crossing.caller(Gemini)?, "/v1beta/models?pageSize=1000".to_owned()),
        (crossing.caller(Gemini)?, "/v1/models".to_owned()),
        (crossing.caller(Chat)?, "/v1beta/models".to_owned()),
        (crossing.client.clone(), format!("/v1beta/models?key={}", crossing.key.secret)),
    ] {
        let google = client.get(&path).await?.success()?.json()?;
        ensure!(texts(&google, "models", "name") == named, "{path}: {google}");
        let methods = &google["models"][0]["supportedGenerationMethods"];
        ensure!(methods[0] == "generateContent", "{google}");
    }
    Ok(())
}

#[tokio::test]
async fn one_model_in_each_shape() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let model = MODELS[1];
    let path = format!("/v1/models/{model}");
    let openai = crossing.caller(Chat)?.get(&path).await?.success()?.json()?;
    ensure!(openai["id"] == model && openai["object"] == "model", "{openai}");
    let anthropic = crossing.caller(Messages)?.get(&path).await?.success()?.json()?;
    ensure!(anthropic["id"] == model && anthropic["type"] == "model", "{anthropic}");
    for path in [path, format!("/v1beta/models/{model}")] {
        let google = crossing.caller(Gemini)?.get(&path).await?.success()?.json()?;
        ensure!(google["name"] == format!("models/{model}"), "{google}");
    }
    Ok(())
}

/// Refusals have the shape that the list would have had.
#[tokio::test]
async fn refusals_have_the_callers_shape() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let nothing = "/v1/models/nothing-1";
    let openai = crossing.caller(Chat)?.get(nothing).await?;
    ensure!(openai.status == 404 && openai.json()?["error"]["code"] == "model_not_found");
    let anthropic = crossing.caller(Messages)?.get(nothing).await?;
    ensure!(anthropic.json()?["error"]["type"] == "not_found_error", "{}", anthropic.text());
    let google = crossing.caller(Gemini)?.get("/v1beta/models/nothing-1").await?;
    ensure!(google.json()?["error"]["status"] == "NOT_FOUND", "{}", google.text());
    let nobody = crossing.client.get("/v1beta/models").await?;
    let reason = nobody.json()?["error"]["details"][0]["reason"].clone();
    ensure!(nobody.status == 401 && reason == "MISSING_KEY", "{}", nobody.text());
    let post = crossing.caller(Gemini)?.post_json("/v1beta/models", &Value::Null).await?;
    ensure!(post.status == 405 && post.header("allow").context("no allow")? == "GET");
    Ok(())
}
