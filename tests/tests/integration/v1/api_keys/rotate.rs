//! `POST /v1/api-keys/{id}/rotate` and `…/rotate/end`.

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::world::Key;

use crate::stage::{Stage, eventually, request};

/// Gives the scene's key a new value; the answer, and the key with that value.
async fn rotate(stage: &Stage, body: Value) -> anyhow::Result<(Value, Key)> {
    let path = format!("/v1/api-keys/{}/rotate", stage.key.id);
    let answer = stage.management.post_json(&path, &body).await?.success()?.json()?;
    let secret = answer["key"].as_str().context("no key")?.to_owned();
    Ok((answer, Key { id: stage.key.id.clone(), secret }))
}

async fn code(stage: &Stage, key: &Key) -> anyhow::Result<Option<String>> {
    let answer = stage.chat(key, &request(json!({}))).await?;
    Ok(if answer.status == 200 { None } else { answer.code() })
}

/// The key stays what it is; both values work, and both are charged to it.
#[tokio::test]
async fn both_values_work_until_the_grace_ends() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": 5, "tags": ["prod"]})).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let before = stage.key_state(&stage.key).await?;
    let (rotated, new) = rotate(&stage, json!({"grace_seconds": 3600})).await?;
    ensure!(new.secret != stage.key.secret && rotated["masked"] != before["masked"]);
    for field in ["id", "name", "quota", "used", "tags", "created_at", "last_used_at"] {
        ensure!(rotated[field] == before[field], "{field}: {rotated}");
    }
    let ends: Timestamp =
        rotated["rotation"]["previous_ends_at"].as_str().context("none")?.parse()?;
    let left = ends.duration_since(Timestamp::now()).as_secs();
    ensure!((3500..=3600).contains(&left), "{left}");
    ensure!(rotated["rotation"]["previous_last_used_at"].is_null(), "{rotated}");

    ensure!(code(&stage, &stage.key).await?.is_none() && code(&stage, &new).await?.is_none());
    stage.calls_when(3).await?;
    let state = stage.key_state(&stage.key).await?;
    let calls = stage.calls().await?;
    ensure!(calls.iter().all(|call| call["key"] == calls[0]["key"]), "{calls:?}");
    ensure!(state["used"].as_f64() > before["used"].as_f64(), "{state}");

    let end = format!("/v1/api-keys/{}/rotate/end", stage.key.id);
    let ended = stage.management.post_json(&end, &json!({})).await?.success()?.json()?;
    ensure!(code(&stage, &stage.key).await?.as_deref() == Some("key_rotated"));
    ensure!(code(&stage, &new).await?.is_none());
    let again = stage.management.post_json(&end, &json!({})).await?.success()?.json()?;
    ensure!(again["etag"] == ended["etag"], "{again}");
    stage.audit().await
}

/// Who still uses the old value is seen at once, and after a restart.
#[tokio::test]
async fn the_last_use_of_the_old_value_is_shown_and_survives_a_restart() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let (_, new) = rotate(&stage, json!({"grace_seconds": 3600})).await?;
    stage.chat(&new, &request(json!({}))).await?.success()?;
    let state = stage.key_state(&stage.key).await?;
    ensure!(state["rotation"]["previous_last_used_at"].is_null(), "the new value counts: {state}");

    let old = stage.holder()?.header("user-agent", "legacy-cron/1.2")?;
    old.get("/v1/models").await?.success()?;
    let check = |state: &Value| {
        let rotation = &state["rotation"];
        ensure!(rotation["previous_last_client"] == "legacy-cron/1.2", "{rotation}");
        ensure!(rotation["previous_last_ip"] == "127.0.0.1", "{rotation}");
        ensure!(rotation["previous_last_used_at"].is_string(), "{rotation}");
        Ok(())
    };
    check(&stage.key_state(&stage.key).await?)?;
    let own = stage.holder()?.header("user-agent", "curious/1")?.get("/v1/key").await?.success()?;
    ensure!(own.json()?["id"] == stage.key.id.as_str());
    old.get("/v1/models").await?.success()?;

    stage.world.gateway.terminate().await?;
    stage.world.gateway.restart().await?;
    check(&stage.key_state(&stage.key).await?)?;
    ensure!(code(&stage, &stage.key).await?.is_none() && code(&stage, &new).await?.is_none());
    Ok(())
}

/// What runs on a key outlives a rotation: limits are shared by both values.
#[tokio::test]
async fn both_values_share_the_limits() -> anyhow::Result<()> {
    let limits = json!({"rate_limits": {"requests_per_minute": 2}});
    let stage = Stage::with_key(limits).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let (_, new) = rotate(&stage, json!({"grace_seconds": 60})).await?;
    stage.chat(&new, &request(json!({}))).await?.success()?;
    for key in [&stage.key, &new] {
        ensure!(code(&stage, key).await?.as_deref() == Some("rate_limited"));
    }
    Ok(())
}

#[tokio::test]
async fn a_grace_ends_by_itself_and_none_is_none() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (_, second) = rotate(&stage, json!({"grace_seconds": 1})).await?;
    eventually("the grace ends", || async {
        Ok(code(&stage, &stage.key).await?.as_deref() == Some("key_rotated"))
    })
    .await?;
    let (_, third) = rotate(&stage, json!({"grace_seconds": 0})).await?;
    for old in [&stage.key, &second] {
        ensure!(code(&stage, old).await?.as_deref() == Some("key_rotated"));
    }
    ensure!(code(&stage, &third).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_second_rotation_ends_the_older_value() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (_, second) = rotate(&stage, json!({"grace_seconds": 3600})).await?;
    let (_, third) = rotate(&stage, json!({})).await?;
    ensure!(code(&stage, &stage.key).await?.as_deref() == Some("key_rotated"));
    ensure!(code(&stage, &second).await?.is_none() && code(&stage, &third).await?.is_none());
    Ok(())
}

/// Revoking ends both values; a stream that the old one began ends too.
#[tokio::test]
async fn revoking_ends_both_values() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let body = crate::stage::scripted(slow, json!({"stream": true}));
    let mut stream = stage.ask_stream(&body).await?;
    stream.next().await?;
    let (_, new) = rotate(&stage, json!({"grace_seconds": 3600})).await?;
    stage.switch_key("revoke").await?;
    let (events, _) = stream.until_end_or_break().await;
    let last = events.last().context("no event")?.json();
    ensure!(last["error"]["code"] == "key_revoked", "{last}");
    for key in [&stage.key, &new] {
        ensure!(code(&stage, key).await?.as_deref() == Some("key_revoked"));
    }
    let path = format!("/v1/api-keys/{}/rotate", stage.key.id);
    let refused = stage.management.post_json(&path, &json!({})).await?;
    ensure!(refused.status == 409 && refused.json()?["code"] == "key_revoked");
    stage.audit().await
}

/// A repeated request rotates once and does not show the value again.
#[tokio::test]
async fn a_repeated_rotation_is_one() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.management.header("idempotency-key", "rotate-1")?;
    let path = format!("/v1/api-keys/{}/rotate", stage.key.id);
    let body = json!({"grace_seconds": 60});
    let first = client.post_json(&path, &body).await?.success()?.json()?;
    let again = client.post_json(&path, &body).await?.success()?;
    ensure!(again.header("idempotent-replayed") == Some("true"));
    let again = again.json()?;
    ensure!(again["id"] == first["id"] && again["key"].is_null(), "{again}");
    ensure!(again["etag"] == first["etag"], "{again}");
    let secret = first["key"].as_str().context("no key")?.to_owned();
    ensure!(code(&stage, &Key { id: stage.key.id.clone(), secret }).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn bad_and_stale_rotations_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let path = format!("/v1/api-keys/{}/rotate", stage.key.id);
    for body in [
        json!({"grace_seconds": -1}),
        json!({"grace_seconds": 2_592_001}),
        json!({"grace_seconds": "60"}),
        json!({"grace_seconds": 0.5}),
        json!({"grace": 1}),
    ] {
        let refused = stage.management.post_json(&path, &body).await?;
        ensure!(refused.status == 422, "{body}: {}", refused.text());
    }
    let never = stage.management.post_json(&format!("{path}/end"), &json!({})).await?;
    ensure!(never.status == 409 && never.json()?["code"] == "not_rotated", "{}", never.text());
    let state = stage.management.get(path.trim_end_matches("/rotate")).await?.success()?;
    let tag = state.header("etag").context("no etag")?;
    let client = stage.management.header("if-match", tag)?;
    // Two rotations of what was read: one wins, and the other is told.
    let body = json!({});
    let (one, other) = tokio::join!(client.post_json(&path, &body), client.post_json(&path, &body));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    ensure!(statuses[0] == 200 && [409, 412].contains(&statuses[1]), "{statuses:?}");
    Ok(())
}
