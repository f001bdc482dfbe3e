//! Presets, proxies, tests and the health of channels.

use domain::time::UnixMillis;
use gateway::health::Trouble;
use serde_json::{Value, json};

use super::fixture::Deployment;

async fn made(deployment: &Deployment, body: Value) -> Value {
    deployment.post("/api/v1/channels", body).await.is(201)
}

#[tokio::test]
async fn a_preset_fills_in_what_is_left_out() {
    let deployment = Deployment::open().await;
    let presets = deployment.get("/api/v1/channel-presets").await.is(200);
    assert!(presets["data"].as_array().unwrap().len() >= 16);
    let bare = json!({"preset": "deepseek", "secret": "s", "models": ["deepseek-flash"]});
    let channel = made(&deployment, bare).await;
    assert_eq!(channel["name"], "deepseek");
    assert_eq!(channel["provider"], "openai-compatible");
    assert_eq!(channel["base_url"], "https://api.deepseek.com");
    assert_eq!(channel["dialects"], json!(["chat"]));
    let own = json!({"name": "d2", "provider": "deepseek", "base_url": "https://api.deepseek.com/anthropic",
        "secret": "s", "models": ["m"], "ask_usage": true});
    assert_eq!(made(&deployment, own).await["dialects"], json!(["messages"]));
    let mistral = json!({"preset": "mistral", "secret": "s", "models": ["m"], "dialects": ["responses", "chat"]});
    let mistral = made(&deployment, mistral).await;
    assert_eq!(mistral["ask_usage"], false);
    assert_eq!(mistral["dialects"], json!(["responses", "chat"]), "the order is kept");
    // Its own machine is a private address; the secret is not asked for.
    let ollama =
        deployment.post("/api/v1/channels", json!({"preset": "ollama", "models": ["m"]})).await;
    assert_eq!(ollama.fields(), ["base_url"]);
    let path = format!("/api/v1/channels/{}", mistral["id"].as_str().unwrap());
    let late = deployment.patch(&path, json!({"preset": "openai"})).await;
    assert_eq!(late.fields(), ["preset"]);
    for (field, value, named) in [
        ("preset", json!("nobody"), "preset"),
        ("preset", json!(7), "preset"),
        ("dialects", json!(["chat", "chat"]), "dialects[1]"),
        ("proxy", json!("proxy:1"), "proxy"),
        ("proxy", json!("http://127.0.0.1:1"), "proxy"),
        ("proxy", json!("http://***@p.example:1"), "proxy"),
    ] {
        let mut body = json!({"name": "x", "provider": "openai", "base_url": "https://x.example", "secret": "s", "models": ["m"]});
        body[field] = value;
        assert_eq!(deployment.post("/api/v1/channels", body).await.fields(), [named], "{field}");
    }
}

#[tokio::test]
async fn a_proxys_login_is_sealed_and_never_shown() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "provider": "openai", "base_url": "https://x.example", "secret": "s",
        "models": ["m"], "proxy": "http://user:hunter22@Proxy.example:3128"});
    let answer = deployment.post("/api/v1/channels", body).await;
    assert!(!answer.text.contains("hunter22") && !answer.text.contains("user:"), "{}", answer.text);
    let channel = answer.is(201);
    assert_eq!(channel["proxy"], "http://***@proxy.example:3128");
    let id: domain::id::ChannelId = channel["id"].as_str().unwrap().parse().unwrap();
    let stored = deployment.gateway.database.channel(id).await.unwrap();
    assert!(!format!("{stored:?}").contains("hunter22"));
    assert!(!serde_json::to_string(&stored.settings).unwrap().contains("hunter22"));
    let proxy =
        || deployment.gateway.catalog.load().channel(id).and_then(|entry| entry.proxy.clone());
    assert_eq!(proxy().unwrap().login().unwrap().expose(), "user\nhunter22");
    let path = format!("/api/v1/channels/{id}");
    // What was shown can be sent back.
    deployment.patch(&path, json!({"proxy": "http://***@proxy.example:3128"})).await.is(200);
    assert_eq!(proxy().unwrap().login().unwrap().expose(), "user\nhunter22");
    let other = deployment.patch(&path, json!({"proxy": "http://***@other.example:3128"})).await;
    assert_eq!(other.fields(), ["proxy"]);
    let plain =
        deployment.patch(&path, json!({"proxy": "socks5://other.example:1080"})).await.is(200);
    assert_eq!(plain["proxy"], "socks5://other.example:1080");
    assert!(proxy().unwrap().login().is_none());
    deployment.patch(&path, json!({"proxy": null})).await.is(200);
    assert!(proxy().is_none());
}

/// Over plain http a proxy reads the secret: whoever may edit channels must not learn it that way.
#[tokio::test]
async fn a_new_proxy_on_a_plain_address_needs_the_secret_again() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "provider": "openai", "base_url": "http://x.example", "secret": "s", "models": ["m"]});
    let channel = made(&deployment, body).await;
    let path = format!("/api/v1/channels/{}", channel["id"].as_str().unwrap());
    let proxy = json!({"proxy": "http://proxy.example:1"});
    assert_eq!(deployment.patch(&path, proxy).await.fields(), ["secret"]);
    deployment
        .patch(&path, json!({"proxy": "http://proxy.example:1", "secret": "s"}))
        .await
        .is(200);
    deployment.patch(&path, json!({"priority": 3})).await.is(200);
}

#[tokio::test]
async fn the_health_of_each_secret_is_shown() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "provider": "openai", "base_url": "https://x.example", "models": ["m"],
        "secrets": ["sk-0123456789abcdef", "sk-fedcba9876543210"]});
    let channel = made(&deployment, body).await;
    let id: domain::id::ChannelId = channel["id"].as_str().unwrap().parse().unwrap();
    let now = deployment.gateway.ledger.now();
    {
        let catalog = deployment.gateway.catalog.load();
        let secret = &catalog.channel(id).unwrap().secrets[1];
        secret.health.note(Trouble::Quota);
        secret.health.exhausted(now);
    }
    let path = format!("/api/v1/channels/{id}");
    let answer = deployment.get(&path).await;
    assert!(!answer.text.contains("sk-0123456789abcdef"));
    let secrets = answer.is(200)["secrets"].clone();
    assert_eq!(
        secrets[0],
        json!({"masked": "sk-0123…cdef", "state": "healthy", "until": null, "last_error": null})
    );
    assert_eq!(
        (&secrets[1]["state"], &secrets[1]["last_error"]),
        (&json!("resting"), &json!("quota_exhausted"))
    );
    let until = UnixMillis::parse_rfc3339(secrets[1]["until"].as_str().unwrap()).unwrap();
    assert!(until.since(now) >= 3_599_000, "{secrets}");
    deployment.patch(&path, json!({"disabled": true})).await.is(200);
    assert_eq!(deployment.get(&path).await.is(200)["secrets"], json!([]));
}

#[tokio::test]
async fn a_test_wants_a_model_and_a_dialect_of_the_channel() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "provider": "openai", "base_url": "https://192.0.2.1", "secret": "s", "models": ["m"]});
    let channel = made(&deployment, body).await;
    let path = format!("/api/v1/channels/{}/test", channel["id"].as_str().unwrap());
    for (body, named) in [
        (json!({"model": "other"}), "model"),
        (json!({"dialect": "gemini"}), "dialect"),
        (json!({"dialect": "soap"}), "dialect"),
        (json!({"models": ["m"]}), "models"),
    ] {
        assert_eq!(deployment.post(&path, body).await.fields(), [named]);
    }
    deployment
        .post("/api/v1/channels/chn_00000000000000000000000000000000/test", json!({}))
        .await
        .is(404);
}
