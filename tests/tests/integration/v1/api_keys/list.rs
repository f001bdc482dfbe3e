//! `GET /v1/api-keys`.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::World;

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
