//! Groups, channels and prices.

use serde_json::json;

use super::fixture::Deployment;

#[tokio::test]
async fn a_group_is_set_listed_and_deleted() {
    let deployment = Deployment::open().await;
    let made = deployment.put("/api/v1/groups/vip", json!({"multiplier": "1.5"})).await;
    assert!(made.text.contains(r#""multiplier":1.5"#), "{}", made.text);
    let parts =
        || deployment.gateway.catalog.load().group("vip").map(|(_, multiplier)| multiplier.get());
    assert_eq!(parts(), Some(1_500_000));
    deployment.put("/api/v1/groups/vip", json!({"multiplier": 0.000001})).await.is(200);
    assert_eq!(parts(), Some(1));
    let list = deployment.get("/api/v1/groups").await.is(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    let user = deployment.member("1").await;
    deployment.patch(&format!("/api/v1/users/{user}"), json!({"groups": ["vip"]})).await.is(200);
    assert_eq!(deployment.delete("/api/v1/groups/vip").await.code(), "group_in_use");
    deployment
        .patch(&format!("/api/v1/users/{user}"), json!({"groups": ["default"]}))
        .await
        .is(200);
    deployment.delete("/api/v1/groups/vip").await.is(200);
    assert_eq!(parts(), None);
    deployment.delete("/api/v1/groups/vip").await.is(404);
    assert_eq!(deployment.delete("/api/v1/groups/default").await.code(), "default_group");
}

#[tokio::test]
async fn a_channel_keeps_its_secret_to_itself() {
    let deployment = Deployment::open().await;
    let body = json!({
        "name": "main", "provider": "openai", "base_url": "https://api.example.com/v1", "secret": "s3cret-value",
        "models": ["gpt-5", "org/model"], "model_map": {"gpt-5": "gpt-5-2026"}, "groups": ["default"],
        "priority": 3, "weight": 2, "dialects": ["chat"], "headers": {"X-Team": "a"}, "timeouts": {"total_ms": 60000},
        "ask_usage": false, "tags": ["eu"]
    });
    let answer = deployment.post("/api/v1/channels", body).await;
    let made = answer.is(201);
    assert!(!answer.text.contains("s3cret"));
    assert_eq!(made["secret_count"], 1);
    assert_eq!(made["model_map"], json!({"gpt-5": "gpt-5-2026"}));
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/v1/channels/{id}");
    let secret = || {
        let catalog = deployment.gateway.catalog.load();
        catalog
            .channel(id.parse().unwrap())
            .map(|channel| channel.secrets[0].value.expose().to_owned())
    };
    assert_eq!(secret().as_deref(), Some("s3cret-value"));
    // The same origin keeps the secret; another one needs it again.
    deployment.patch(&path, json!({"base_url": "https://api.example.com"})).await.is(200);
    assert_eq!(secret().as_deref(), Some("s3cret-value"));
    let moved = deployment.patch(&path, json!({"base_url": "https://evil.example.com"})).await;
    assert_eq!((moved.status.as_u16(), moved.fields()), (422, vec!["secret".to_owned()]));
    deployment
        .patch(&path, json!({"base_url": "https://new.example.com", "secret": "other"}))
        .await
        .is(200);
    assert_eq!(secret().as_deref(), Some("other"));
    assert_eq!(
        deployment.get("/api/v1/channels").await.is(200)["data"].as_array().unwrap().len(),
        1
    );
    deployment.patch(&path, json!({"disabled": true})).await.is(200);
    assert_eq!(secret(), None);
    deployment.delete(&path).await.is(200);
    deployment.get(&path).await.is(404);
}

#[tokio::test]
async fn a_private_address_is_refused_with_the_way_out() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "provider": "ollama", "base_url": "http://127.0.0.1:11434", "secret": "x", "models": ["m"]});
    let refused = deployment.post("/api/v1/channels", body).await;
    assert_eq!((refused.status.as_u16(), refused.fields()), (422, vec!["base_url".to_owned()]));
    assert!(refused.text.contains("--allow-egress"));
}

#[tokio::test]
async fn a_channel_takes_its_models_as_a_map_and_several_secrets() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "provider": "openai-compatible", "base_url": "https://x.example", "secrets": ["a", "b"],
        "models": {"small": "vendor/small-1"}});
    let made = deployment.post("/api/v1/channels", body).await.is(201);
    assert_eq!((&made["models"], &made["secret_count"]), (&json!(["small"]), &json!(2)));
    assert_eq!(made["model_map"], json!({"small": "vendor/small-1"}));
    let again = json!({"name": "a", "provider": "openai", "base_url": "https://x.example", "secret": "a", "models": ["m"]});
    assert_eq!(deployment.post("/api/v1/channels", again).await.code(), "already_exists");
}

#[tokio::test]
async fn a_price_is_set_read_and_deleted() {
    let deployment = Deployment::open().await;
    let body = json!({"input": "2.5", "output": 10, "cached_input": 0, "context_window": 400_000,
        "tiers": [{"above_input_tokens": 200_000, "input": 5, "output": "20.000000001"}]});
    let set = deployment.put("/api/v1/prices/org/model-1", body).await;
    assert!(
        set.text.contains(r#""input":2.5"#) && set.text.contains("20.000000001"),
        "{}",
        set.text
    );
    assert_eq!(set.is(200)["model"], "org/model-1");
    assert!(deployment.gateway.catalog.load().price("org/model-1").is_some());
    assert_eq!(deployment.get("/api/v1/prices/org%2Fmodel-1").await.is(200), set.json());
    assert_eq!(deployment.get("/api/v1/prices").await.is(200)["data"], json!([set.json()]));
    deployment.delete("/api/v1/prices/org/model-1").await.is(200);
    assert!(deployment.gateway.catalog.load().price("org/model-1").is_none());
    deployment.get("/api/v1/prices/org/model-1").await.is(404);
    deployment.delete("/api/v1/prices/org/model-1").await.is(404);
}
