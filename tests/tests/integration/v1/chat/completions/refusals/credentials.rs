//! Keys that do not work, from here, now.

use domain::key::{Kind, generate};
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use super::Provoked;
use crate::stage::{Stage, eventually, request};

pub(super) async fn none() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    Ok(Provoked::chat(stage.client.clone(), &request(json!({})), stage))
}

pub(super) async fn cut_off() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let (short, _) = stage.key.secret.split_at(20);
    Ok(Provoked::chat(stage.client.bearer(short)?, &request(json!({})), stage))
}

pub(super) async fn unknown() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let client = stage.client.bearer(&well_formed())?;
    Ok(Provoked::chat(client, &request(json!({})), stage))
}

pub(super) async fn disabled() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.switch_key("disable").await?;
    with_key(stage)
}

pub(super) async fn expired() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let soon = Timestamp::now().checked_add(1.second())?;
    stage.edit_key(json!({"expires_at": soon.to_string()})).await?;
    eventually("the key expires", || async { Ok(Timestamp::now() > soon) }).await?;
    with_key(stage)
}

pub(super) async fn revoked() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.switch_key("revoke").await?;
    with_key(stage)
}

pub(super) async fn rotated() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let path = format!("/v1/api-keys/{}/rotate", stage.key.id);
    stage.management.post_json(&path, &json!({"grace_seconds": 0})).await?.success()?;
    with_key(stage)
}

pub(super) async fn blocked_owner() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    stage.edit_user(json!({"disabled": true})).await?;
    with_key(stage)
}

pub(super) async fn frozen_balance() -> anyhow::Result<Provoked> {
    let stage = Stage::set().await?;
    let path = format!("/api/v1/users/{}/freeze", stage.user);
    stage.management.post_json(&path, &json!({})).await?.success()?;
    with_key(stage)
}

pub(super) async fn elsewhere() -> anyhow::Result<Provoked> {
    with_key(Stage::with_key(json!({"ip_allowlist": ["192.0.2.1", "2001:db8::/32"]})).await?)
}

pub(super) async fn not_permitted() -> anyhow::Result<Provoked> {
    with_key(Stage::with_key(json!({"permissions": "read_only"})).await?)
}

pub(super) async fn too_many_unknown() -> anyhow::Result<Provoked> {
    let stage = Stage::set_with(|gateway| gateway.args(["--unknown-keys-per-minute", "1"])).await?;
    let client = stage.client.bearer(&well_formed())?;
    client.get("/v1/models").await?;
    Ok(Provoked::chat(client, &request(json!({})), stage))
}

fn with_key(stage: Stage) -> anyhow::Result<Provoked> {
    Ok(Provoked::chat(stage.holder()?, &request(json!({})), stage))
}

/// A key whose checksum holds and that nobody was ever given.
fn well_formed() -> String {
    generate(Kind::Api, &[7; 96]).map(|secret| secret.expose().to_owned()).unwrap_or_default()
}
