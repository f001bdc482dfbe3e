//! What a test in another process can ask for: rules and the log of requests.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::ProviderConfig;

use super::stage::{Stage, documents};

#[tokio::test]
async fn rules_can_tell_dialects_and_texts_apart() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let control = Client::new(stage.provider.base_url());
    let rules = [
        json!({"match": {"dialect": "gemini"}, "script": {"answer": "I am Gemini."}}),
        json!({"match": {"text": "weather"}, "script": {"answer": "It rains."}}),
    ];
    for rule in &rules {
        control.post_json("/_control/script", rule).await?.success()?;
    }
    let gemini = stage.post(documents()[3].0, &documents()[3].1).await?;
    assert!(gemini.to_string().contains("I am Gemini."));
    let weather = json!({"model": "m", "input": "How is the weather?"});
    let answer = stage.post("/v1/responses", &weather).await?;
    assert_eq!(answer["output"][0]["content"][0]["text"], "It rains.");
    Ok(())
}

#[tokio::test]
async fn requests_can_be_read_over_http() -> anyhow::Result<()> {
    let stage = Stage::with(ProviderConfig::default().keep_seen(10)).await?;
    for (path, body) in documents() {
        stage.post(path, &body).await?;
    }
    let control = Client::new(stage.provider.base_url());
    let seen = control.get("/_control/seen").await?.json()?["data"].clone();
    let paths: Vec<&str> =
        seen.as_array().unwrap().iter().filter_map(|it| it["path"].as_str()).collect();
    assert_eq!(paths, documents().map(|(path, _)| path));
    assert_eq!(seen[2]["headers"]["anthropic-version"], "2023-06-01");
    assert_eq!(seen[2]["body"], documents()[2].1);
    control.delete("/_control/seen").await?.success()?;
    let seen: Value = control.get("/_control/seen").await?.json()?;
    assert_eq!(seen["data"], json!([]));
    Ok(())
}
