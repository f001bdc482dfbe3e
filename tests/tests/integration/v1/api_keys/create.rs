//! `POST /v1/api-keys`.

use anyhow::{Context, ensure};
use domain::key::{Form, Kind, examine};
use serde_json::{Value, json};
use testkit::world::World;

#[tokio::test]
async fn a_key_has_ours_form_and_is_shown_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let fields = json!({"name": "prod-webapp", "billing_method": "usage_based"});
    let made = world.management.post_json("/v1/api-keys", &fields).await?;
    ensure!(made.status == 201, "{}", made.text());
    let made = made.json()?;
    let value = made["key"].as_str().context("no key")?;
    ensure!(examine(value) == Form::WellFormed(Kind::Api), "{value}");
    ensure!(made["status"] == "not_used" && made["permissions"] == "full", "{made}");
    let id = made["id"].as_str().context("no id")?;
    ensure!(id.starts_with("key_"), "{id}");
    let read = world.management.get(&format!("/v1/api-keys/{id}")).await?.success()?.text();
    ensure!(!read.contains(value) && !read.contains("\"key\":"), "{read}");
    let masked = made["masked"].as_str().context("no masked")?;
    ensure!(masked.len() < 16 && value.starts_with(masked.get(..7).unwrap_or("?")), "{masked}");
    Ok(())
}

/// The names of the manuals are taken, and what they mean is what is answered.
#[tokio::test]
async fn other_names_of_the_same_are_taken() -> anyhow::Result<()> {
    let world = World::start().await?;
    let make = async |fields: Value| -> anyhow::Result<Value> {
        world.management.post_json("/v1/api-keys", &fields).await?.success()?.json()
    };
    let made = make(json!({
        "name": "a", "billing_method": "pay_per_request", "permissions": ["completion"],
        "expires_at": -1, "group": "default",
    }))
    .await?;
    ensure!(made["billing_method"] == "pay_per_use", "{made}");
    ensure!(made["permissions"] == json!(["completions"]), "{made}");
    ensure!(made["expires_at"].is_null() && made["groups"] == json!(["default"]), "{made}");
    for amount in [json!(12.5), json!("12.5"), json!("12.500000000")] {
        let made = make(json!({"name": "b", "billing_method": "usage_based", "quota": amount}));
        ensure!(made.await?["quota"] == 12.5, "{amount}");
    }
    Ok(())
}

/// Every mistake is named, all of them at once.
#[tokio::test]
async fn mistakes_are_named_all_at_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let fields = json!({
        "name": "", "billing_method": "free", "permissions": "everything", "quota": -1,
        "expires_at": "tomorrow", "ip_allowlist": ["10.0.0.1/8"], "allowed_models": [7],
        "daily_limit": {"requests": -1}, "rate_limits": {"parallel": 0}, "when_short": "panic",
        "max_tokens_per_request": 0, "groups": ["nowhere-1"], "sudo": true,
    });
    let refused = world.management.post_json("/v1/api-keys", &fields).await?;
    ensure!(refused.status == 422, "{}", refused.text());
    ensure!(refused.header("content-type") == Some("application/problem+json"));
    let errors = refused.json()?["errors"].as_array().cloned().context("no errors")?;
    let mut named: Vec<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    named.sort_unstable();
    for field in [
        "allowed_models[0]",
        "billing_method",
        "daily_limit.requests",
        "expires_at",
        "ip_allowlist[0]",
        "max_tokens_per_request",
        "name",
        "permissions",
        "quota",
        "rate_limits.parallel",
        "sudo",
        "when_short",
    ] {
        ensure!(named.contains(&field), "{field} is not among {named:?}");
    }
    ensure!(errors.iter().all(|error| error["message"].as_str().is_some_and(|m| m.len() > 10)));
    Ok(())
}

#[tokio::test]
async fn amounts_that_no_book_holds_are_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    for quota in [
        json!(-1),
        json!("-0.01"),
        json!("NaN"),
        json!(1e308),
        json!("9223372036854775808"),
        json!("0.0000000001"),
        json!("1e3000"),
        json!(true),
        json!([1]),
        json!(""),
    ] {
        let fields = json!({"name": "k", "billing_method": "usage_based", "quota": quota});
        let refused = world.management.post_json("/v1/api-keys", &fields).await?;
        ensure!(refused.status == 422, "{quota}: {} {}", refused.status, refused.text());
    }
    Ok(())
}

/// A repeated request makes nothing again, and the value is not shown again.
#[tokio::test]
async fn a_repeated_create_makes_one() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.management.header("idempotency-key", "create-1")?;
    let fields = json!({"name": "once", "billing_method": "usage_based"});
    let first = client.post_json("/v1/api-keys", &fields).await?.success()?.json()?;
    let again = client.post_json("/v1/api-keys", &fields).await?.success()?.json()?;
    ensure!(again["id"] == first["id"] && again["key"].is_null(), "{again}");
    let other = json!({"name": "other", "billing_method": "usage_based"});
    let refused = client.post_json("/v1/api-keys", &other).await?;
    ensure!(refused.status == 422 || refused.status == 409, "{}", refused.text());
    let list = world.management.get("/v1/api-keys").await?.success()?.json()?;
    ensure!(list["data"].as_array().is_some_and(|keys| keys.len() == 1), "{list}");
    Ok(())
}

/// The standard tier has ten keys, exactly, however many are asked for at once.
#[tokio::test]
async fn a_tiers_keys_are_counted_exactly() -> anyhow::Result<()> {
    let world = World::start().await?;
    let user = world.user("1").await?;
    let mut creates = tokio::task::JoinSet::new();
    for number in 0..25 {
        let (client, user) = (world.management.clone(), user.clone());
        creates.spawn(async move {
            let name = format!("k{number}");
            let fields = json!({"name": name, "billing_method": "usage_based", "owner": user});
            client.post_json("/v1/api-keys", &fields).await
        });
    }
    let (mut made, mut refused) = (Vec::new(), 0);
    while let Some(answer) = creates.join_next().await {
        let answer = answer??;
        match answer.status.as_u16() {
            201 => made.push(answer.json()?["id"].as_str().unwrap_or_default().to_owned()),
            409 => refused += 1,
            _ => anyhow::bail!("{}", answer.text()),
        }
    }
    ensure!(made.len() == 10 && refused == 15, "{} made, {refused} refused", made.len());
    let id = made.first().context("none")?;
    world
        .management
        .post_json(&format!("/v1/api-keys/{id}/revoke"), &json!({}))
        .await?
        .success()?;
    let fields = json!({"name": "again", "billing_method": "usage_based", "owner": user});
    let again = world.management.post_json("/v1/api-keys", &fields).await?;
    ensure!(again.status == 201, "a revoked key counts no more: {}", again.text());
    Ok(())
}
