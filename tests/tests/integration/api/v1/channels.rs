//! `/api/v1/channels`.

use anyhow::ensure;
use serde_json::json;
use testkit::provider::SimulatedProvider;

use crate::stage::{Stage, request};

/// No answer ever holds a channel's secret.
#[tokio::test]
async fn a_secret_is_never_shown() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/api/v1/channels/{}", stage.channel);
    let edited = stage.management.patch(&path, &json!({"priority": 1})).await?.success()?;
    let read = stage.management.get(&path).await?.success()?;
    let listed = stage.management.get("/api/v1/channels").await?.success()?;
    for answer in [edited, read, listed] {
        ensure!(!answer.text().contains(testkit::world::UPSTREAM_SECRET), "{}", answer.text());
    }
    Ok(())
}

/// A secret is bound to the scheme, host and port that it was saved for.
#[tokio::test]
async fn a_secret_does_not_follow_to_another_address() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let thief = SimulatedProvider::start(Default::default()).await?;
    let path = format!("/api/v1/channels/{}", stage.channel);
    let moved = json!({"base_url": thief.base_url()});
    let refused = stage.management.patch(&path, &moved).await?;
    ensure!(refused.status == 422, "{}", refused.text());
    ensure!(refused.json()?["errors"][0]["field"] == "secret", "{}", refused.text());
    stage.ask(&request(json!({}))).await?.success()?;
    ensure!(thief.totals().received == 0);
    let with_secret = json!({"base_url": thief.base_url(), "secret": "new-one"});
    stage.management.patch(&path, &with_secret).await?.success()?;
    stage.ask(&request(json!({}))).await?.success()?;
    ensure!(thief.totals().received == 1);
    Ok(())
}

#[tokio::test]
async fn a_base_url_may_carry_its_version() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for suffix in ["", "/", "/v1", "/v1/"] {
        let base_url = format!("{}{suffix}", stage.provider.base_url());
        stage.edit_channel(json!({"base_url": base_url})).await?;
        let answer = stage.ask(&request(json!({}))).await?;
        ensure!(answer.status == 200, "{suffix:?}: {}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn addresses_that_are_none_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for base_url in [
        "api.example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "http://user:pw@example.com",
        "http://example.com/?a=b",
        "http://0.0.0.0",
        "http://[::ffff:10.0.0.1]",
        "http://localhost.localdomain:0/#x",
    ] {
        let channel = json!({
            "name": "odd", "provider": "openai", "base_url": base_url, "secret": "x", "models": ["m"],
        });
        let refused = stage.management.post_json("/api/v1/channels", &channel).await?;
        ensure!(refused.status == 422, "{base_url}: {} {}", refused.status, refused.text());
    }
    Ok(())
}

/// However a private address is spelled: it is found out when it is resolved, and not connected to.
#[tokio::test]
async fn odd_spellings_of_private_addresses_are_not_connected_to() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("odd", json!({"input": 1, "output": 2})).await?;
    for host in ["0x0a000001", "167772161", "012.0.0.1", "10.1", "metadata.google.internal"] {
        let channel = json!({
            "name": host, "provider": "openai", "base_url": format!("http://{host}"),
            "secret": "x", "models": ["odd"],
        });
        let made = stage.management.post_json("/api/v1/channels", &channel).await?;
        if made.status == 422 {
            continue;
        }
        let id = made.success()?.json()?["id"].as_str().unwrap_or_default().to_owned();
        let answer = stage.ask(&request(json!({"model": "odd"}))).await?;
        ensure!(answer.status == 502, "{host}: {}", answer.text());
        // The caller is not told where the operator's channels are; the call's attempts tell.
        ensure!(answer.text().contains("could not be reached"), "{host}: {}", answer.text());
        let said = stage.calls().await?.iter().map(|call| call["attempts"].to_string()).next();
        let said = said.unwrap_or_default();
        let stopped = said.contains("not allowed") || said.contains("could not be resolved");
        ensure!(stopped, "{host}: {said}");
        stage.management.delete(&format!("/api/v1/channels/{id}")).await?.success()?;
    }
    Ok(())
}
