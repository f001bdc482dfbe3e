//! What a key is called, and the templates that it is made after.

use anyhow::{Context, ensure};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use testkit::world::World;

async fn make(world: &World, fields: Value) -> anyhow::Result<Value> {
    world.management.post_json("/v1/api-keys", &fields).await?.success()?.json()
}

async fn refused(world: &World, fields: Value) -> anyhow::Result<String> {
    let answer = world.management.post_json("/v1/api-keys", &fields).await?;
    ensure!(answer.status == 422, "{fields}: {}", answer.text());
    Ok(answer.json()?["errors"][0]["field"].as_str().context("no field")?.to_owned())
}

#[tokio::test]
async fn the_parts_of_a_name_are_put_together() -> anyhow::Result<()> {
    let world = World::start().await?;
    let month = || Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
    let before = month();
    let made =
        make(&world, json!({"name_parts": {"env": "prod", "project": "webapp", "purpose": "api"}}));
    let made = made.await?;
    let names = [before, month()].map(|month| json!(format!("prod-webapp-api-{month}")));
    ensure!(names.contains(&made["name"]), "{made}");
    for (fields, field) in [
        (json!({}), "name"),
        (
            json!({"name": "a", "name_parts": {"env": "a", "project": "b", "purpose": "c"}}),
            "name_parts",
        ),
        (json!({"name_parts": {"env": "a b", "project": "b", "purpose": "c"}}), "name_parts.env"),
        (json!({"name_parts": {"env": "a", "project": "b"}}), "name_parts.purpose"),
        (
            json!({"name_parts": {"env": "a", "project": "b", "purpose": "c", "x": "d"}}),
            "name_parts.x",
        ),
    ] {
        ensure!(refused(&world, fields.clone()).await? == field, "{fields}");
    }
    Ok(())
}

/// A template's fields hold where the request leaves them out.
#[tokio::test]
async fn a_key_is_made_after_a_template() -> anyhow::Result<()> {
    let world = World::start().await?;
    let path = "/api/v1/key-templates/batch";
    let fields = json!({
        "billing_method": "pay_per_use", "quota": "3.000000001", "tags": ["batch"],
        "daily_limit": {"requests": 7, "amount": 1}, "expires_in_seconds": 3600,
    });
    let set = world.management.put(path, &fields).await?.success()?;
    ensure!(
        set.text().contains("3.000000001") && set.json()?["built_in"] == false,
        "{}",
        set.text()
    );
    let made = make(
        &world,
        json!({"name": "a", "template": "batch", "daily_limit": {"amount": 2}, "tags": []}),
    )
    .await?;
    ensure!(made["billing_method"] == "pay_per_use" && made["tags"] == json!([]), "{made}");
    ensure!(made["daily_limit"] == json!({"requests": 7, "amount": 2}), "{made}");
    let ends: Timestamp = made["expires_at"].as_str().context("no end")?.parse()?;
    let left = ends.duration_since(Timestamp::now()).as_secs();
    ensure!((3500..=3600).contains(&left), "{left}");
    let made =
        make(&world, json!({"name": "b", "template": "batch", "expires_at": null, "quota": null}))
            .await?;
    ensure!(made["expires_at"].is_null() && made["quota"].is_null(), "{made}");
    ensure!(refused(&world, json!({"name": "c", "template": "none"})).await? == "template");

    // Editing it by version: one of two wins.
    let tag = set.header("etag").context("no etag")?;
    let client = world.management.header("if-match", tag)?;
    client.put(path, &json!({"quota": 4})).await?.success()?;
    ensure!(client.put(path, &json!({"quota": 5})).await?.status == 412);
    ensure!(client.delete(path).await?.status == 412);
    let bad = world.management.put(path, &json!({"name": "x"})).await?;
    ensure!(bad.status == 422, "{}", bad.text());
    world.management.delete(path).await?.success()?;
    ensure!(world.management.get(path).await?.status == 404);
    ensure!(world.management.delete(path).await?.status == 404);
    Ok(())
}

#[tokio::test]
async fn everybody_has_three_templates_and_their_own() -> anyhow::Result<()> {
    let world = World::start().await?;
    let names = async || -> anyhow::Result<Vec<(Value, Value)>> {
        let list = world.management.get("/api/v1/key-templates").await?.success()?.json()?;
        let all = list["data"].as_array().context("no data")?;
        Ok(all.iter().map(|it| (it["name"].clone(), it["built_in"].clone())).collect())
    };
    let built_in = ["development", "production", "temporary"];
    ensure!(names().await? == built_in.map(|name| (json!(name), json!(true))));
    let made = make(&world, json!({"name": "t", "template": "temporary"})).await?;
    ensure!(made["quota"] == 5 && made["expires_at"].is_string(), "{made}");
    let path = "/api/v1/key-templates/temporary";
    world.management.put(path, &json!({"quota": 9})).await?.success()?;
    ensure!(names().await?.contains(&(json!("temporary"), json!(false))));
    let made = make(&world, json!({"name": "t", "template": "temporary"})).await?;
    ensure!(made["quota"] == 9 && made["expires_at"].is_null(), "{made}");
    world.management.delete(path).await?.success()?;
    ensure!(world.management.get(path).await?.success()?.json()?["built_in"] == true);

    // Another user's are not seen.
    world.management.put("/api/v1/key-templates/mine", &json!({})).await?.success()?;
    let user = world.user("1").await?;
    let fields = json!({"name": "m", "owner": user, "scopes": ["keys:read", "keys:write"]});
    let member = world.management.post_json("/api/v1/management-keys", &fields).await?.success()?;
    let member = world.client.bearer(member.json()?["key"].as_str().context("no key")?)?;
    ensure!(member.get("/api/v1/key-templates/mine").await?.status == 404);
    let refused =
        member.post_json("/v1/api-keys", &json!({"name": "a", "template": "mine"})).await?;
    ensure!(refused.status == 422, "{}", refused.text());
    Ok(())
}
