//! `POST /v1/api-keys/{id}/reveal`.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::{Client, Response};
use testkit::world::World;

use crate::stage::Stage;

async fn reveal(client: &Client, id: &str, body: &Value) -> anyhow::Result<Response> {
    client.post_json(&format!("/v1/api-keys/{id}/reveal"), body).await
}

async fn sealed() -> anyhow::Result<Stage> {
    Stage::set_with(|gateway| gateway.env("TOLLKEEPER_REVEAL", "sealed")).await
}

/// A management key of the scene's member.
async fn member(stage: &Stage) -> anyhow::Result<Client> {
    let fields = json!({"name": "m", "owner": stage.user, "scopes": ["keys:read", "keys:write"]});
    let made = stage.management.post_json("/api/v1/management-keys", &fields).await?.success()?;
    stage.client.bearer(made.json()?["key"].as_str().context("no key")?)
}

#[tokio::test]
async fn without_the_setting_a_value_is_shown_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let key = world.key(json!({})).await?;
    let refused = reveal(&world.management, &key.id, &json!({})).await?;
    ensure!(refused.status == 409 && refused.json()?["code"] == "reveal_off", "{}", refused.text());
    Ok(())
}

/// The owner sees it, after a rotation the new one; nobody else does, whatever their role.
#[tokio::test]
async fn a_sealed_value_is_shown_to_its_owner_alone() -> anyhow::Result<()> {
    let stage = sealed().await?;
    let member = member(&stage).await?;
    let shown = reveal(&member, &stage.key.id, &json!({})).await?.success()?.json()?;
    ensure!(shown == json!({"id": stage.key.id, "key": stage.key.secret}), "{shown}");
    let refused = reveal(&stage.management, &stage.key.id, &json!({})).await?;
    ensure!(
        refused.status == 403 && refused.json()?["code"] == "not_the_owner",
        "{}",
        refused.text()
    );
    let foreign = stage.key(json!({})).await?;
    ensure!(reveal(&member, &foreign.id, &json!({})).await?.status == 404);

    let path = format!("/v1/api-keys/{}/rotate", stage.key.id);
    let rotated = member.post_json(&path, &json!({})).await?.success()?.json()?;
    let shown = reveal(&member, &stage.key.id, &json!({})).await?.success()?.json()?;
    ensure!(shown["key"] == rotated["key"] && shown["key"] != stage.key.secret, "{shown}");
    let many = json!({"keys": [{"name": "a"}, {"name": "b"}]});
    let many = member.post_json("/v1/api-keys/bulk", &many).await?.success()?.json()?;
    let second = &many["data"][1];
    let shown = reveal(&member, second["id"].as_str().context("no id")?, &json!({})).await?;
    ensure!(shown.success()?.json()?["key"] == second["key"]);
    stage.switch_key("revoke").await?;
    let refused = reveal(&member, &stage.key.id, &json!({})).await?;
    ensure!(refused.json()?["code"] == "value_not_kept", "{}", refused.text());
    Ok(())
}

#[tokio::test]
async fn the_password_is_asked_for_again() -> anyhow::Result<()> {
    let stage = sealed().await?;
    let member = member(&stage).await?;
    stage.edit_user(json!({"password": "correct horse battery"})).await?;
    for (body, status, code) in [
        (json!({}), 422, "invalid_fields"),
        (json!({"password": "wrong horse battery"}), 403, "wrong_password"),
    ] {
        let refused = reveal(&member, &stage.key.id, &body).await?;
        ensure!(refused.status == status && refused.json()?["code"] == code, "{}", refused.text());
        ensure!(!refused.text().contains(&stage.key.secret));
    }
    let body = json!({"password": "correct horse battery"});
    let shown = reveal(&member, &stage.key.id, &body).await?.success()?.json()?;
    ensure!(shown["key"] == stage.key.secret.as_str(), "{shown}");
    Ok(())
}

#[tokio::test]
async fn a_user_sees_twenty_values_in_twenty_minutes() -> anyhow::Result<()> {
    let stage = sealed().await?;
    let member = member(&stage).await?;
    for _ in 0..20 {
        reveal(&member, &stage.key.id, &json!({})).await?.success()?;
    }
    let refused = reveal(&member, &stage.key.id, &json!({})).await?;
    ensure!(refused.status == 429 && refused.json()?["code"] == "too_many_reveals");
    Ok(())
}

/// A value is nowhere on the disk in the clear; back to `once`, it is gone.
#[tokio::test]
async fn back_to_once_wipes_what_was_kept() -> anyhow::Result<()> {
    let mut stage = sealed().await?;
    let member = member(&stage).await?;
    reveal(&member, &stage.key.id, &json!({})).await?.success()?;
    let data = stage.world.gateway.data().to_owned();
    stage.world.gateway.terminate().await?;
    for entry in std::fs::read_dir(&data)? {
        let path = entry?.path();
        if path.is_file() {
            let bytes = std::fs::read(&path)?;
            let secret = stage.key.secret.as_bytes();
            ensure!(!bytes.windows(secret.len()).any(|part| part == secret), "{}", path.display());
        }
    }
    stage.world.gateway.restart_with("TOLLKEEPER_REVEAL", "once").await?;
    let refused = reveal(&member, &stage.key.id, &json!({})).await?;
    ensure!(refused.json()?["code"] == "reveal_off", "{}", refused.text());
    stage.world.gateway.terminate().await?;
    stage.world.gateway.restart_with("TOLLKEEPER_REVEAL", "sealed").await?;
    let refused = reveal(&member, &stage.key.id, &json!({})).await?;
    ensure!(refused.json()?["code"] == "value_not_kept", "{}", refused.text());
    Ok(())
}
