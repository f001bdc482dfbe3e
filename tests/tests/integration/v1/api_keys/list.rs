//! `GET /v1/api-keys`.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::World;

use crate::stage::{PROMPT_TOKENS, Stage, cost, nanos, scripted};

async fn ids(world: &World, query: &str) -> anyhow::Result<(BTreeSet<String>, Value)> {
    let page = world.management.get(&format!("/v1/api-keys?{query}")).await?.success()?.json()?;
    let data = page["data"].as_array().context("no data")?;
    let ids = data.iter().filter_map(|key| Some(key["id"].as_str()?.to_owned())).collect();
    Ok((ids, page["next_cursor"].clone()))
}

#[tokio::test]
async fn pages_hold_every_key_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut made = BTreeSet::new();
    for _ in 0..7 {
        made.insert(world.key(json!({})).await?.id);
    }
    let (mut found, mut cursor, mut pages) = (BTreeSet::new(), String::new(), 0);
    loop {
        let (page, next) = ids(&world, &format!("limit=3{cursor}")).await?;
        ensure!(found.is_disjoint(&page), "a key is on two pages");
        found.extend(page);
        pages += 1;
        match next.as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    ensure!(found == made && pages == 3, "{pages} pages: {found:?}");
    Ok(())
}

#[tokio::test]
async fn keys_are_found_by_status_model_tag_owner_and_words() -> anyhow::Result<()> {
    let world = World::start().await?;
    let user = world.user("1").await?;
    let fields = json!({
        "name": "prod-webapp", "tags": ["prod"], "allowed_models": ["gpt-5*"], "owner": user,
    });
    let wanted = world.key(fields).await?;
    let off = world.key(json!({"name": "other"})).await?;
    world.management.post_json(&format!("/v1/api-keys/{}/disable", off.id), &json!({})).await?;
    let one = |id: &str| BTreeSet::from([id.to_owned()]);
    for query in [
        "tag=prod".to_owned(),
        "q=webapp".to_owned(),
        format!("owner={user}"),
        "status=not_used".to_owned(),
    ] {
        ensure!(ids(&world, &query).await?.0 == one(&wanted.id), "{query}");
    }
    ensure!(ids(&world, "status=disabled").await?.0 == one(&off.id));
    ensure!(ids(&world, "q=%25").await?.0.is_empty(), "% is a character like any other");
    let refused = world.management.get("/v1/api-keys?limit=201").await?;
    ensure!(refused.status == 422 || refused.status == 400, "{}", refused.text());
    Ok(())
}

/// Among so many that a search looks at all of them first: whoever follows the cursors finds each that
/// matches once, and an end.
#[tokio::test]
async fn few_of_many_keys_are_found() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut made = Vec::new();
    for part in 0..11 {
        let keys: Vec<Value> =
            (0..1_000).map(|n| json!({"name": format!("k-{part}-{n}")})).collect();
        let body = json!({ "keys": keys });
        let answer = world.management.post_json("/v1/api-keys/bulk", &body).await?;
        made.extend(answer.success()?.json()?["data"].as_array().cloned().unwrap_or_default());
    }
    let wanted: BTreeSet<String> = made
        .iter()
        .filter(|key| key["name"].as_str().is_some_and(|name| name.ends_with("-77")))
        .filter_map(|key| Some(key["id"].as_str()?.to_owned()))
        .collect();
    for (query, expected) in [
        ("q=-77&sort=name", &wanted),
        ("q=-77&sort=-used", &wanted),
        ("q=no-such-name", &BTreeSet::new()),
        ("tag=none", &BTreeSet::new()),
    ] {
        let (mut found, mut cursor) = (BTreeSet::new(), String::new());
        loop {
            let (page, next) = ids(&world, &format!("{query}&limit=3{cursor}")).await?;
            ensure!(found.is_disjoint(&page), "{query}: a key is on two pages");
            found.extend(page);
            match next.as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        ensure!(found.len() >= expected.len() && expected.is_subset(&found), "{query}: {found:?}");
        ensure!(found.len() < 300, "{query}: {} found", found.len());
    }
    for odd in ["s1", "s1.x", "sx.", "1.2"] {
        let refused = world.management.get(&format!("/v1/api-keys?q=a&cursor={odd}")).await?;
        ensure!(refused.status == 422, "{odd}: {}", refused.text());
    }
    // A search that is not known here begins anew.
    let (found, _) = ids(&world, "q=-77&limit=200&cursor=s999999.").await?;
    ensure!(wanted.is_subset(&found), "{found:?}");
    Ok(())
}

/// The dearest of the month first, exact as soon as the answers are there; a member's list has none but
/// theirs.
#[tokio::test]
async fn keys_are_listed_by_what_the_month_cost() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let owner = stage.world.gateway.init["owner"].as_str().context("no owner")?;
    let theirs = stage.key(json!({"owner": stage.user})).await?;
    let unused = stage.key(json!({"owner": stage.user})).await?;
    let foreign = stage.key(json!({})).await?;
    let fields = json!({"name": "m", "owner": stage.user, "scopes": ["keys:read"]});
    let made = stage.management.post_json("/api/v1/management-keys", &fields).await?.success()?;
    let member = stage.client.bearer(made.json()?["key"].as_str().context("no key")?)?;
    for (key, output, most) in [(&stage.key, 10, 10), (&theirs, 30, 30), (&foreign, 20, 30)] {
        let body = scripted(json!({"output_tokens": output}), json!({}));
        stage.chat(key, &body).await?.success()?;
        let first = stage.management.get("/v1/api-keys?sort=-monthly&limit=1").await?.success()?;
        let spent = nanos(&first.json()?["data"][0]["monthly"]["amount"]);
        ensure!(spent == cost(PROMPT_TOKENS, most), "{spent} after {output}");
    }
    let by_month = async |client: &testkit::client::Client, query: &str| {
        let mut path = format!("/v1/api-keys?limit=2&{query}");
        let mut found: Vec<String> = Vec::new();
        loop {
            let page = client.get(&path).await?.success()?.json()?;
            let data = page["data"].as_array().context("no data")?;
            found.extend(data.iter().filter_map(|key| Some(key["id"].as_str()?.to_owned())));
            let Some(next) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/api-keys?limit=2&{query}&cursor={next}");
        }
        anyhow::Ok(found)
    };
    let ids = |keys: &[&testkit::world::Key]| -> Vec<String> {
        keys.iter().map(|key| key.id.clone()).collect()
    };
    let found = by_month(&stage.management, "sort=-monthly").await?;
    ensure!(found == ids(&[&theirs, &foreign, &stage.key, &unused]), "{found:?}");
    let found = by_month(&stage.management, "sort=monthly").await?;
    ensure!(found == ids(&[&unused, &stage.key, &foreign, &theirs]), "{found:?}");
    for query in ["sort=-monthly".to_owned(), format!("sort=-monthly&owner={}", stage.user)] {
        let found = by_month(&member, &query).await?;
        ensure!(found == ids(&[&theirs, &stage.key, &unused]), "{query}: {found:?}");
    }
    let found = by_month(&member, &format!("sort=-monthly&owner={owner}")).await?;
    ensure!(found.is_empty(), "{found:?}");
    let refused = member.get("/v1/api-keys?sort=month").await?;
    ensure!(refused.status == 422 && refused.text().contains("monthly"), "{}", refused.text());
    Ok(())
}

/// Lists are read by people: whose a key is stands there by name, in one answer.
#[tokio::test]
async fn a_key_says_what_its_owner_is_called() -> anyhow::Result<()> {
    let world = World::start().await?;
    let user = world.user("1").await?;
    let path = format!("/api/v1/users/{user}");
    let name = world.management.get(&path).await?.success()?.json()?["name"].clone();
    let fields = json!({"name": "theirs", "owner": user});
    let made = world.management.post_json("/v1/api-keys", &fields).await?.success()?.json()?;
    ensure!(made["owner_name"] == name && name.is_string(), "{made}");
    world.key(json!({"name": "mine"})).await?;
    let page = world.management.get("/v1/api-keys?sort=name").await?.success()?.json()?;
    let of = |index: usize, field: &str| page["data"][index][field].clone();
    ensure!(of(1, "owner") == user.as_str() && of(1, "owner_name") == name, "{page}");
    ensure!(of(0, "owner_name").is_string() && of(0, "owner_name") != name, "{page}");
    let renamed = json!({"name": "=Renamed"});
    world.management.patch(&path, &renamed).await?.success()?;
    let key = format!("/v1/api-keys/{}", made["id"].as_str().context("no id")?);
    let key = world.management.get(&key).await?.success()?.json()?;
    ensure!(key["owner_name"] == "=Renamed", "{key}");
    let file = world.management.get("/v1/api-keys.csv?q=theirs").await?.success()?.text();
    ensure!(file.lines().next().is_some_and(|head| head.ends_with(",owner_name")), "{file}");
    ensure!(file.contains(",\"'=Renamed\""), "{file}");
    Ok(())
}
