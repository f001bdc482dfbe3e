//! Gemini: shapes, streams, signatures, embeddings, and what it refuses.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::ProviderConfig;

use super::stage::{GEMINI, GEMINI_STREAM, Stage, gemini, message};

fn tools() -> Value {
    json!([{"functionDeclarations": [{"name": "weather", "parameters": {
        "type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"],
    }}]}])
}

#[tokio::test]
async fn json_has_googles_shape() -> anyhow::Result<()> {
    let script = json!({"cached_tokens": 2, "reasoning_tokens": 4, "output_tokens": 3});
    let stage = Stage::scripted(script).await?;
    let answer = stage.post(GEMINI, &gemini(json!({"labels": {"call": "a"}}))).await?;
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    assert_eq!(answer["candidates"][0]["content"]["role"], "model");
    assert_eq!(answer["candidates"][0]["content"]["parts"][0]["text"], "Hello! I am ");
    let usage = &answer["usageMetadata"];
    assert_eq!(usage["promptTokenCount"], 7);
    assert_eq!(usage["cachedContentTokenCount"], 2);
    assert_eq!(usage["candidatesTokenCount"], 3);
    assert_eq!(usage["thoughtsTokenCount"], 4);
    assert_eq!(usage["totalTokenCount"], 14);
    assert_eq!(stage.books()?.by_call("a").len(), 1);
    Ok(())
}

#[tokio::test]
async fn streams_as_events_and_as_an_array() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"output_tokens": 2, "thoughts": "Let me see."})).await?;
    let shown = json!({"generation_config": {"thinking_config": {"include_thoughts": true}}});
    let events = stage.events(GEMINI_STREAM, &gemini(shown.clone())).await?;
    let chunks: Vec<Value> = events.iter().map(|event| event.json()).collect();
    assert_eq!(chunks.len(), 6);
    assert_eq!(chunks[0]["candidates"][0]["content"]["parts"][0]["thought"], true);
    assert_eq!(chunks[3]["usageMetadata"]["candidatesTokenCount"], 1);
    assert_eq!(chunks[4]["candidates"][0].get("finishReason"), None);
    assert_eq!(chunks[5]["candidates"][0]["finishReason"], "STOP");
    assert_eq!(chunks[5]["usageMetadata"]["candidatesTokenCount"], 2);

    let path = "/v1/models/sim-small:streamGenerateContent";
    let array = stage.post(path, &gemini(shown)).await?;
    assert_eq!(array.as_array().unwrap().len(), 6);
    assert_eq!(array[5]["usageMetadata"], chunks[5]["usageMetadata"]);
    Ok(())
}

#[tokio::test]
async fn signatures_come_back_with_their_calls() -> anyhow::Result<()> {
    let call = json!({"name": "weather", "arguments": {"city": "Bern", "at": "noon"}});
    let stage = Stage::scripted(json!({"tool_use": {"calls": [call]}})).await?;
    let path = "/v1beta/models/gemini-3-pro:generateContent";
    let answer = stage.post(path, &gemini(json!({"tools": tools()}))).await?;
    let said = answer["candidates"][0]["content"].clone();
    let part = &said["parts"][0];
    assert_eq!(part["functionCall"]["args"]["city"], "Bern");
    let response = json!({"name": "weather", "response": {"output": "rain"}});
    let second = |said: &Value| {
        let user = json!({"role": "user", "parts": [{"text": "go"}]});
        let result = json!({"role": "user", "parts": [{"functionResponse": response}]});
        gemini(json!({"tools": tools(), "contents": [user, said, result]}))
    };
    let answer = stage.post(path, &second(&said)).await?;
    // Google's own SDK sends bytes back in the other alphabet of base64.
    let mut respelt = said.clone();
    let signature = part["thoughtSignature"].as_str().unwrap();
    respelt["parts"][0]["thoughtSignature"] = signature.replace('+', "-").replace('/', "_").into();
    stage.post(path, &second(&respelt)).await?;
    let text = &answer["candidates"][0]["content"]["parts"][0]["text"];
    assert_eq!(text, "The tool said: rain");

    let mut forged = said.clone();
    forged["parts"][0]["functionCall"]["args"]["city"] = json!("Basel");
    let refused = stage.refused(path, &second(&forged)).await?;
    assert_eq!(refused, "Thought signature is not valid");
    let unsigned = json!({"role": "model", "parts": [{"functionCall": part["functionCall"]}]});
    let refused = stage.refused(path, &second(&unsigned)).await?;
    assert!(refused.contains("missing a thought_signature"), "{refused}");
    // Before version 3, a call without its signature is only less good.
    stage.post(GEMINI, &second(&unsigned)).await?;
    Ok(())
}

#[tokio::test]
async fn refuses_what_google_refuses() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let declare = |schema: Value| json!({"tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]});
    let parts = |role: &str, parts: Value| json!({"role": role, "parts": parts});
    let user = parts("user", json!([{"text": "x"}]));
    let call = parts("model", json!([{"functionCall": {"name": "f", "args": {}}}]));
    let result = parts("user", json!([{"functionResponse": {"name": "f", "response": {}}}]));
    let wrong = [
        (json!({"messages": []}), "Unknown name \"messages\": Cannot find field."),
        (json!({"contents": []}), "contents is not specified"),
        (
            json!({"contents": [parts("assistant", json!([{"text": "x"}]))]}),
            "valid role: user, model",
        ),
        (json!({"contents": [parts("user", json!([]))]}), "parts must not be empty"),
        (json!({"contents": [parts("user", json!([{}]))]}), "required oneof field 'data'"),
        (json!({"contents": [user, call]}), "number of function response parts is equal"),
        (json!({"contents": [user, result]}), "number of function response parts is equal"),
        (json!({"contents": [call, result]}), "immediately after a user turn"),
        (
            declare(json!({"type": "object", "additionalProperties": false})),
            "\"additionalProperties\" at 'tools[0]",
        ),
        (declare(json!({"type": "array"})), "items: missing field"),
        (
            declare(json!({"type": "object", "required": ["a"], "properties": {}})),
            "property is not defined",
        ),
        (json!({"generationConfig": {"max_tokens": 5}}), "\"maxTokens\" at 'generationConfig'"),
        (json!({"generationConfig": {"maxOutputTokens": "5"}}), "Invalid value at"),
    ];
    for (fields, expected) in wrong {
        let message = stage.refused(GEMINI, &gemini(fields.clone())).await?;
        assert!(message.contains(expected), "{fields}: {message}");
    }
    stage.post(GEMINI, &gemini(json!({"contents": [user, call, result]}))).await?;
    Ok(())
}

#[tokio::test]
async fn counts_embeds_and_lists() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let counted = stage.post("/v1beta/models/m:countTokens", &gemini(json!({}))).await?;
    assert_eq!(counted["totalTokens"], 7);
    let content = json!({"parts": [{"text": "x"}]});
    let one = json!({"content": content, "outputDimensionality": 3});
    let embedded = stage.post("/v1beta/models/m:embedContent", &one).await?;
    assert_eq!(embedded["embedding"]["values"].as_array().unwrap().len(), 3);
    let batch = json!({"requests": [{"model": "models/m", "content": content}, {"model": "models/m", "content": content}]});
    let embedded = stage.post("/v1beta/models/m:batchEmbedContents", &batch).await?;
    assert_eq!(embedded["embeddings"].as_array().unwrap().len(), 2);
    let models = Client::new(stage.provider.base_url()).get("/v1beta/models").await?.json()?;
    assert_eq!(models["models"][0]["name"], "models/sim-small");
    let by_sdk = Client::new(stage.provider.base_url()).header("x-goog-api-key", "k")?;
    assert_eq!(by_sdk.get("/v1/models").await?.json()?, models);
    Ok(())
}

#[tokio::test]
async fn takes_its_key_in_a_header_or_in_the_query() -> anyhow::Result<()> {
    let stage = Stage::with(ProviderConfig::default().require_secret("s")).await?;
    let body = gemini(json!({}));
    let missing = stage.client.bearer("s")?.post_json(GEMINI, &body).await?;
    assert_eq!(missing.json()?["error"]["status"], "PERMISSION_DENIED");
    let wrong = stage.client.header("x-goog-api-key", "t")?.post_json(GEMINI, &body).await?;
    assert_eq!(message(&wrong), "API key not valid. Please pass a valid API key.");
    stage.client.header("x-goog-api-key", "s")?.post_json(GEMINI, &body).await?.success()?;
    stage.client.post_json(&format!("{GEMINI}?key=s"), &body).await?.success()?;
    Ok(())
}
