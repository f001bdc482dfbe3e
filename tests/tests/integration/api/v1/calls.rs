//! `GET /api/v1/calls` and `GET /api/v1/calls/{id}`.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::stage::{MODEL, Stage, nanos, request, scripted};

/// The list is there as soon as the answer is, under the answer's own id.
#[tokio::test]
async fn a_call_is_listed_under_its_request_id() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.holder()?.header("user-agent", "tool/1.0 (test)")?;
    let answer = client.post_json("/v1/chat/completions", &request(json!({}))).await?.success()?;
    let id = answer.header("x-request-id").context("no x-request-id")?;
    let call = stage.management.get(&format!("/api/v1/calls/{id}")).await?.success()?.json()?;
    ensure!(call["id"] == id && call["key_id"] == stage.key.id.as_str(), "{call}");
    ensure!(call["user_id"] == stage.user.as_str() && call["model"] == MODEL, "{call}");
    ensure!(call["client_ip"] == "127.0.0.1" && call["user_agent"] == "tool/1.0 (test)", "{call}");
    ensure!(call["dialect"] == "chat" && call["upstream_dialect"] == "chat", "{call}");
    ensure!(call["status"] == 200 && call["counted"] == true, "{call}");
    ensure!(call["channel_id"] == stage.channel.as_str(), "{call}");
    let lines = call["bill"].as_array().context("no bill")?;
    ensure!(lines.len() == 2, "input and output: {call}");
    ensure!(!call.to_string().contains("one two three"), "a prompt is stored: {call}");
    Ok(())
}

#[tokio::test]
async fn calls_are_found_by_what_they_were() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let other = stage.world.key(json!({})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.chat(&other, &request(json!({}))).await?.success()?;
    stage.ask(&scripted(json!({"error": {"status": 500}}), json!({}))).await?;
    let count = async |query: &str| -> anyhow::Result<usize> {
        let path = format!("/api/v1/calls?{query}");
        let page = stage.management.get(&path).await?.success()?.json()?;
        Ok(page["data"].as_array().map_or(0, Vec::len))
    };
    for (query, expected) in [
        (String::new(), 3),
        (format!("key_id={}", stage.key.id), 2),
        (format!("user_id={}", stage.user), 2),
        (format!("key_id={}", other.id), 1),
        (format!("model={MODEL}"), 3),
        ("model=nothing".to_owned(), 0),
        ("status=502".to_owned(), 1),
        ("status=failed".to_owned(), 1),
        ("status=completed".to_owned(), 2),
        ("client_ip=127.0.0.1".to_owned(), 3),
        ("client_ip=%3A%3Affff%3A127.0.0.1".to_owned(), 3),
        ("client_ip=203.0.113.9".to_owned(), 0),
        (format!("channel_id={}", stage.channel), 3),
        ("since=2999-01-01T00:00:00Z".to_owned(), 0),
        ("until=2999-01-01T00:00:00Z".to_owned(), 3),
    ] {
        let found = count(&query).await?;
        ensure!(found == expected, "{query}: {found} instead of {expected}");
    }
    for query in ["limit=0", "key_id=nonsense", "since=yesterday", "client_ip=home", "colour=red"] {
        let refused = stage.management.get(&format!("/api/v1/calls?{query}")).await?;
        ensure!(refused.status == 422, "{query}: {} {}", refused.status, refused.text());
    }
    Ok(())
}

/// Refused calls are not in the books.
#[tokio::test]
async fn refused_calls_are_not_listed() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "0"})).await?;
    stage.ask(&request(json!({}))).await?;
    stage.ask(&request(json!({"model": "nothing"}))).await?;
    ensure!(stage.calls().await?.is_empty());
    ensure!(nanos(&stage.key_state(&stage.key).await?["reserved"]) == 0);
    stage.audit().await
}

/// A call names its key, its user and its channel; the channel only to who sees channels, and a key also
/// after it was deleted.
#[tokio::test]
async fn a_call_says_what_its_parts_are_called() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    let name = async |path: String| -> anyhow::Result<serde_json::Value> {
        Ok(stage.management.get(&path).await?.success()?.json()?["name"].clone())
    };
    let key = name(format!("/v1/api-keys/{}", stage.key.id)).await?;
    let channel = name(format!("/api/v1/channels/{}", stage.channel)).await?;
    ensure!(key.is_string() && call["key_name"] == key, "{call}");
    ensure!(call["user_name"] == name(format!("/api/v1/users/{}", stage.user)).await?, "{call}");
    ensure!(channel.is_string() && call["channel_name"] == channel, "{call}");
    ensure!(call["attempts"][0]["channel_name"] == channel, "{call}");

    let fields = json!({"name": "m", "owner": stage.user, "scopes": ["usage:read"]});
    let made = stage.management.post_json("/api/v1/management-keys", &fields).await?.success()?;
    ensure!(made.json()?["owner_name"] == call["user_name"], "{}", made.text());
    let member = stage.client.bearer(made.json()?["key"].as_str().context("no key")?)?;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().context("no id")?);
    let own = member.get(&path).await?.success()?.json()?;
    ensure!(own["key_name"] == key && own["channel_name"].is_null(), "{own}");
    ensure!(own["attempts"][0]["channel_name"].is_null(), "{own}");

    // Nor to an owner's key that may not read channels.
    let fields = json!({"name": "n", "scopes": ["usage:read"]});
    let made = stage.management.post_json("/api/v1/management-keys", &fields).await?.success()?;
    let narrow = stage.client.bearer(made.json()?["key"].as_str().context("no key")?)?;
    let seen = narrow.get(&path).await?.success()?.json()?;
    ensure!(seen["key_name"] == key && seen["channel_name"].is_null(), "{seen}");

    stage.management.delete(&format!("/v1/api-keys/{}", stage.key.id)).await?.success()?;
    stage.management.delete(&format!("/api/v1/channels/{}", stage.channel)).await?.success()?;
    let after = stage.management.get(&path).await?.success()?.json()?;
    ensure!(after["key_name"] == key && after["channel_name"] == channel, "{after}");
    Ok(())
}
