//! `/api/v1/sessions`, `/api/v1/setup` and `/api/v1/me`: people, from the set-up link on.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::{Client, Response};
use testkit::world::World;

use crate::stage::verify;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A client with the cookie that an answer sets.
pub(crate) fn browser(client: &Client, answer: &Response) -> anyhow::Result<Client> {
    let cookie = answer.header("set-cookie").context("no cookie")?;
    client.header("cookie", cookie.split(';').next().unwrap_or_default())
}

/// Logs in by name.
pub(crate) async fn log_in(
    client: &Client,
    login: &str,
    password: &str,
) -> anyhow::Result<Response> {
    client.post_json("/api/v1/sessions", &json!({"login": login, "password": password})).await
}

/// A member who can log in; the id.
pub(crate) async fn person(world: &World, name: &str) -> anyhow::Result<String> {
    let user = json!({"name": name, "password": PASSWORD});
    let made = world.management.post_json("/api/v1/users", &user).await?.success()?.json()?;
    Ok(made["id"].as_str().context("no id")?.to_owned())
}

fn code(answer: &Response) -> anyhow::Result<Value> {
    Ok(answer.json()?["code"].clone())
}

/// The link of `init` makes the owner's password, once, and the owner manages with a cookie.
#[tokio::test]
async fn the_owner_sets_a_password_and_manages() -> anyhow::Result<()> {
    let world = World::start().await?;
    let url = world.gateway.init["setup_url"].as_str().context("no link")?;
    let (_, token) = url.split_once('#').context("no token")?;
    let body = json!({"token": token, "password": PASSWORD, "email": "owner@example.org"});
    let answer = world.client.post_json("/api/v1/setup", &body).await?.success()?;
    let owner = browser(&world.client, &answer)?;
    ensure!(world.client.post_json("/api/v1/setup", &body).await?.status == 404);
    let me = owner.get("/api/v1/me").await?.success()?.json()?;
    ensure!(me["role"] == "owner" && me["email"] == "owner@example.org", "{me}");
    let user =
        owner.post_json("/api/v1/users", &json!({"name": "Ada"})).await?.success()?.json()?;
    ensure!(user["invite_url"].is_string(), "{user}");
    // A page of another site cannot use the cookie; a member's browser cannot manage.
    let led_on = owner.header("sec-fetch-site", "cross-site")?;
    let refused = led_on.post_json("/api/v1/users", &json!({"name": "Eve"})).await?;
    ensure!(refused.status == 403 && code(&refused)? == "cross_origin", "{}", refused.text());
    person(&world, "bob").await?;
    let answer = log_in(&world.client, "bob", PASSWORD).await?.success()?;
    let bob = browser(&world.client, &answer)?;
    let refused = bob.get("/api/v1/audit/verify").await?;
    ensure!(refused.status == 403 && code(&refused)? == "operator_only", "{}", refused.text());
    let key = world.management.get("/api/v1/sessions").await?;
    ensure!(key.status == 403 && code(&key)? == "session_required", "{}", key.text());
    // The owner's second browser is listed with its address, and ended.
    let second = log_in(&world.client, "owner@example.org", PASSWORD).await?.success()?;
    let id = second.json()?["id"].as_str().context("no id")?.to_owned();
    let list = owner.get("/api/v1/sessions").await?.success()?.json()?;
    ensure!(list["data"][0]["client_ip"] == "127.0.0.1", "{list}");
    owner.delete(&format!("/api/v1/sessions/{id}")).await?.success()?;
    let ended = browser(&world.client, &second)?.get("/api/v1/me").await?;
    ensure!(ended.status == 401 && code(&ended)? == "session_ended", "{}", ended.text());
    verify(world.gateway.data()).await
}

/// Who guesses waits, and a restart does not help.
#[tokio::test]
async fn a_guesser_waits_across_a_restart() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    person(&world, "ada").await?;
    for _ in 0..12 {
        log_in(&world.client, "ada", "wrong").await?;
    }
    // The waits double: after some seconds' worth of failures the next one outlasts a restart.
    let mut refused = log_in(&world.client, "ada", "wrong").await?;
    for _ in 0..200 {
        let wait = refused.header("retry-after").and_then(|text| text.parse::<u64>().ok());
        if wait.is_some_and(|seconds| seconds > 3) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        refused = log_in(&world.client, "ada", "wrong").await?;
    }
    world.gateway.kill9().await?;
    world.gateway.restart().await?;
    let client = Client::new(world.gateway.base_url());
    let still = log_in(&client, "ada", PASSWORD).await?;
    ensure!(still.status == 429 && code(&still)? == "too_many_attempts", "{}", still.text());
    Ok(())
}

/// Blocking a user ends what they have open, at once.
#[tokio::test]
async fn a_blocked_user_is_out() -> anyhow::Result<()> {
    let world = World::start().await?;
    let id = person(&world, "ada").await?;
    let answer = log_in(&world.client, "ada", PASSWORD).await?.success()?;
    let ada = browser(&world.client, &answer)?;
    ada.get("/api/v1/me").await?.success()?;
    let path = format!("/api/v1/users/{id}");
    world.management.patch(&path, &json!({"disabled": true})).await?.success()?;
    ensure!(ada.get("/api/v1/me").await?.status == 401);
    world.management.patch(&path, &json!({"disabled": false})).await?.success()?;
    ensure!(ada.get("/api/v1/me").await?.status == 401);
    log_in(&world.client, "ada", PASSWORD).await?.success()?;
    Ok(())
}

/// Two who redeem one code at once: one gets it, and the books add up.
#[tokio::test]
async fn a_code_is_redeemed_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut browsers = Vec::new();
    for name in ["ada", "bob", "eve"] {
        person(&world, name).await?;
        let answer = log_in(&world.client, name, PASSWORD).await?.success()?;
        browsers.push(browser(&world.client, &answer)?);
    }
    let body = json!({"amount": "7.5", "note": "gift"});
    let made = world.management.post_json("/api/v1/redemption-codes", &body).await?.success()?;
    let value = made.json()?["data"][0]["code"].clone();
    let mut tries = tokio::task::JoinSet::new();
    for browser in browsers.clone().into_iter().cycle().take(12) {
        let body = json!({"code": value});
        tries.spawn(async move { browser.post_json("/api/v1/me/redemptions", &body).await });
    }
    let mut statuses = Vec::new();
    while let Some(answer) = tries.join_next().await {
        statuses.push(answer??.status.as_u16());
    }
    ensure!(statuses.iter().filter(|status| **status == 201).count() == 1, "{statuses:?}");
    ensure!(statuses.iter().all(|status| [201, 409, 429].contains(status)), "{statuses:?}");
    let mut balances = 0.0;
    let mut named = Vec::new();
    for browser in &browsers {
        let me = browser.get("/api/v1/me").await?.success()?.json()?;
        balances += me["balance"].as_f64().context("no balance")?;
        let ledger = format!("/api/v1/users/{}/ledger", me["id"].as_str().context("no id")?);
        let lines = browser.get(&ledger).await?.success()?.json()?;
        named.extend(lines["data"][0]["reference_name"].as_str().map(str::to_owned));
    }
    // The ledger says which code it was, without its value.
    let codes = world.management.get("/api/v1/redemption-codes").await?.success()?.json()?;
    let masked = codes["data"][0]["masked"].as_str().context("no masked value")?;
    ensure!(named == [masked] && value != masked, "{named:?}");
    ensure!((balances - 7.5).abs() < 1e-9, "{balances}");
    let report = world.management.get("/api/v1/audit/verify").await?.success()?.json()?;
    ensure!(report["sound"] == true, "{report}");
    verify(world.gateway.data()).await
}
