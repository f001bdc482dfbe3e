//! `POST /v1/api-keys/bulk` and `/v1/api-keys/actions`.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::Key;

use crate::stage::{Stage, request};

async fn bulk(stage: &Stage, keys: Value) -> anyhow::Result<testkit::client::Response> {
    stage.management.post_json("/v1/api-keys/bulk", &json!({ "keys": keys })).await
}

fn made(answer: &Value) -> Vec<Key> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let keys = answer["data"].as_array().into_iter().flatten();
    keys.map(|key| Key { id: text(&key["id"]), secret: text(&key["key"]) }).collect()
}

#[tokio::test]
async fn a_thousand_keys_are_made_and_work() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let keys: Vec<Value> =
        (0..1000).map(|n| json!({"name": format!("k{n}"), "quota": n})).collect();
    let answer = bulk(&stage, json!(keys)).await?;
    ensure!(answer.status == 201, "{}", answer.text());
    let answer = answer.json()?;
    let keys = made(&answer);
    let distinct: BTreeSet<&str> = keys.iter().map(|key| key.secret.as_str()).collect();
    ensure!(distinct.len() == 1000, "{}", distinct.len());
    ensure!(answer["data"][7]["name"] == "k7" && answer["data"][7]["quota"] == 7);
    for key in [&keys[1], &keys[999]] {
        stage.chat(key, &request(json!({}))).await?.success()?;
    }
    Ok(())
}

/// A single mistake keeps all of them from being made, and every mistake is named.
#[tokio::test]
async fn it_is_all_or_nothing() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let keys = json!([
        {"name": "good"}, {"name": ""}, {"name": "x", "quota": -1}, {"nme": "y"},
        {"name": "z", "daily_limit": {"requests": -1}},
    ]);
    let refused = bulk(&stage, keys).await?;
    ensure!(refused.status == 422, "{}", refused.text());
    let errors = refused.json()?["errors"].as_array().cloned().context("no errors")?;
    let named: BTreeSet<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    let expected = [
        "keys[1].name",
        "keys[2].quota",
        "keys[3].name",
        "keys[3].nme",
        "keys[4].daily_limit.requests",
    ];
    ensure!(named == BTreeSet::from(expected), "{named:?}");

    let looked_up = json!([{"name": "a"}, {"name": "b", "groups": ["nowhere-1"]}, {"name": "c", "template": "none"}]);
    let refused = bulk(&stage, looked_up).await?;
    let errors = refused.json()?["errors"].as_array().cloned().context("no errors")?;
    let named: BTreeSet<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    ensure!(named == BTreeSet::from(["keys[1].groups[0]", "keys[2].template"]), "{named:?}");
    for keys in
        [json!([]), json!(null), json!((0..1001).map(|_| json!({"name": "k"})).collect::<Vec<_>>())]
    {
        ensure!(bulk(&stage, keys).await?.status == 422);
    }
    let list = stage.management.get("/v1/api-keys").await?.success()?.json()?;
    ensure!(list["data"].as_array().is_some_and(|keys| keys.len() == 1), "{list}");
    Ok(())
}

#[tokio::test]
async fn a_repeated_request_makes_none_again() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let client = stage.management.header("idempotency-key", "bulk-1")?;
    let body = json!({"keys": [{"name": "a"}, {"name": "b"}]});
    let first = client.post_json("/v1/api-keys/bulk", &body).await?.success()?.json()?;
    let again = client.post_json("/v1/api-keys/bulk", &body).await?.success()?.json()?;
    for index in 0..2 {
        ensure!(again["data"][index]["id"] == first["data"][index]["id"], "{again}");
        ensure!(again["data"][index]["key"].is_null(), "{again}");
    }
    Ok(())
}

/// The tier's limit holds for keys that are made together, alone and at once.
#[tokio::test]
async fn the_tiers_limit_is_exact() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = |count: usize| {
        let keys: Vec<Value> =
            (0..count).map(|n| json!({"name": format!("k{n}"), "owner": stage.user})).collect();
        json!({ "keys": keys })
    };
    // The scene's own key is the tenth.
    let refused = stage.management.post_json("/v1/api-keys/bulk", &body(10)).await?;
    ensure!(refused.status == 409, "{}", refused.text());
    let problem = refused.json()?;
    ensure!(problem["code"] == "key_limit_reached", "{problem}");
    ensure!(problem["detail"].as_str().is_some_and(|text| text.contains("10 keys")), "{problem}");
    let mut creates = tokio::task::JoinSet::new();
    for number in 0..12 {
        let (client, bulk, user) = (stage.management.clone(), body(3), stage.user.clone());
        creates.spawn(async move {
            if number % 2 == 0 {
                return client.post_json("/v1/api-keys/bulk", &bulk).await;
            }
            client.post_json("/v1/api-keys", &json!({"name": "one", "owner": user})).await
        });
    }
    while let Some(answer) = creates.join_next().await {
        let answer = answer??;
        ensure!([201, 409].contains(&answer.status.as_u16()), "{}", answer.text());
    }
    let path = format!("/v1/api-keys?owner={}&limit=200", stage.user);
    let list = stage.management.get(&path).await?.success()?.json()?;
    let count = list["data"].as_array().context("no data")?.len();
    ensure!(count == 10, "{count}");
    Ok(())
}

/// What is answered is in force, and one key that it cannot be done to does not keep the others.
#[tokio::test]
async fn actions_are_in_force_when_answered() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let keys: Vec<Value> = (0..5).map(|n| json!({"name": format!("k{n}")})).collect();
    let keys = made(&bulk(&stage, json!(keys)).await?.success()?.json()?);
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    let act = async |action: &str, ids: &[&str]| -> anyhow::Result<Value> {
        let body = json!({"action": action, "ids": ids});
        stage.management.post_json("/v1/api-keys/actions", &body).await?.success()?.json()
    };
    let codes = async |expected: [Option<&str>; 5]| -> anyhow::Result<()> {
        for (key, expected) in keys.iter().zip(expected) {
            let answer = stage.chat(key, &request(json!({}))).await?;
            let code = if answer.status == 200 { None } else { answer.code() };
            ensure!(code.as_deref() == expected, "{expected:?}: {}", answer.text());
        }
        Ok(())
    };
    let (off, gone) = (Some("key_disabled"), Some("key_revoked"));
    act("disable", &ids[..4]).await?;
    codes([off, off, off, off, None]).await?;
    act("enable", &ids[..1]).await?;
    act("revoke", &ids[1..2]).await?;
    act("delete", &ids[2..3]).await?;
    codes([None, gone, gone, off, None]).await?;

    let unknown = "key_01890000000070008000000000000000";
    let result = act("enable", &[ids[3], unknown, ids[1], ids[2], ids[3]]).await?;
    let found: Vec<Value> = result["data"]
        .as_array()
        .context("no data")?
        .iter()
        .map(|entry| json!([entry["done"], entry["code"]]))
        .collect();
    let expected = json!([
        [true, null],
        [false, "not_found"],
        [false, "key_revoked"],
        [false, "not_found"],
        [true, null]
    ]);
    ensure!(json!(found) == expected, "{result}");
    codes([None, gone, gone, None, None]).await?;
    for body in [
        json!({"action": "burn", "ids": ids}),
        json!({"action": "enable", "ids": []}),
        json!({"action": "enable", "ids": ["x"]}),
    ] {
        let refused = stage.management.post_json("/v1/api-keys/actions", &body).await?;
        ensure!(refused.status == 422, "{}", refused.text());
    }
    Ok(())
}

/// A member's request reaches only what is theirs.
#[tokio::test]
async fn a_member_acts_on_their_own_keys_alone() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let fields = json!({"name": "m", "owner": stage.user, "scopes": ["keys:read", "keys:write"]});
    let member =
        stage.management.post_json("/api/v1/management-keys", &fields).await?.success()?.json()?;
    let member = stage.client.bearer(member["key"].as_str().context("no key")?)?;
    let foreign = stage.key(json!({})).await?;
    let body = json!({"action": "delete", "ids": [foreign.id, stage.key.id]});
    let result = member.post_json("/v1/api-keys/actions", &body).await?.success()?.json()?;
    ensure!(
        result["data"][0]["code"] == "not_found" && result["data"][1]["done"] == true,
        "{result}"
    );
    stage.chat(&foreign, &request(json!({}))).await?.success()?;
    let body =
        json!({"keys": [{"name": "a"}, {"name": "b", "owner": stage.world.gateway.init["owner"]}]});
    let refused = member.post_json("/v1/api-keys/bulk", &body).await?;
    ensure!(
        refused.status == 422 && refused.text().contains("keys[1].owner"),
        "{}",
        refused.text()
    );
    for path in ["rotate", "rotate/end", "reveal", "enable"] {
        let path = format!("/v1/api-keys/{}/{path}", foreign.id);
        let refused = member.post_json(&path, &json!({})).await?;
        ensure!(refused.status == 404, "{path}: {}", refused.text());
    }
    Ok(())
}
