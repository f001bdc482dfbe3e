//! `/api/v1/audit`: old and new values, each thing's own trail, and what a member sees of it.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::{Client, Response};

use super::sessions::{PASSWORD, browser, log_in, person};
use crate::stage::{Stage, verify};

async fn log(client: &Client, query: &str) -> anyhow::Result<Response> {
    client.get(&format!("/api/v1/audit?{query}")).await?.success()
}

/// The last row of a thing's trail.
async fn last(client: &Client, object: &str) -> anyhow::Result<Value> {
    let rows = log(client, &format!("object={object}&limit=1")).await?.json()?;
    rows["data"].get(0).cloned().with_context(|| format!("{object} has no trail"))
}

/// What the last row of its trail says became of a thing.
async fn fields(client: &Client, object: &str) -> anyhow::Result<Value> {
    let row = last(client, object).await?;
    ensure!(row["changes"].as_array().is_some_and(|all| all.len() == 1), "{row}");
    ensure!(row["changes"][0]["object"] == object, "{row}");
    Ok(row["changes"][0]["fields"].clone())
}

/// A browser of a member, who they are, and keys of theirs.
async fn member(
    stage: &Stage,
    name: &str,
    keys: usize,
) -> anyhow::Result<(Client, String, Vec<String>)> {
    let id = person(stage, name).await?;
    let answer = log_in(&stage.client, name, PASSWORD).await?.success()?;
    let client = browser(&stage.client, &answer)?;
    let mut ids = Vec::new();
    for n in 0..keys {
        let body = json!({"name": format!("{name} {n}")});
        let made = client.post_json("/v1/api-keys", &body).await?.success()?.json()?;
        ids.push(made["id"].as_str().context("no id")?.to_owned());
    }
    Ok((client, id, ids))
}

#[tokio::test]
async fn a_key_s_limits_are_shown_before_and_after() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"monthly_limit": {"amount": 10}, "tags": ["a"]})).await?;
    let body = json!({
        "monthly_limit": {"amount": "25.000000001"}, "daily_limit": {"requests": 5},
        "tags": ["a", "b"], "soft_limit": {"window": "month", "amount": 20},
    });
    stage.edit_key(body).await?;
    let management = &stage.management;
    let expected = json!({
        "monthly_limit.amount": {"from": 10, "to": 25.000000001},
        "daily_limit.requests": {"from": null, "to": 5},
        "tags": {"from": ["a"], "to": ["a", "b"]},
        "soft_limit": {"from": null, "to": {"window": "month", "amount": 20}},
    });
    ensure!(fields(management, &stage.key.id).await? == expected);
    let text = log(management, &format!("object={}", stage.key.id)).await?.text();
    ensure!(text.contains("\"to\":25.000000001"), "{text}");
    // Calls are no changes, and neither are versions.
    stage.ask(&crate::stage::request(json!({}))).await?.success()?;
    stage.edit_key(json!({"quota": null})).await?;
    ensure!(fields(management, &stage.key.id).await? == json!({}));
    stage.switch_key("disable").await?;
    let expected = json!({"disabled": {"from": false, "to": true}});
    ensure!(fields(management, &stage.key.id).await? == expected);
    // The maker's row has the new values alone.
    let rows = log(management, &format!("object={}&action=api-keys.create", stage.key.id)).await?;
    let made = &rows.json()?["data"][0]["changes"][0]["fields"];
    ensure!(made["monthly_limit.amount"] == json!({"to": 10}), "{made}");
    ensure!(made.get("quota").is_none() && made.get("key").is_none(), "{made}");
    let rotated = stage.switch_key("rotate").await?;
    let value = rotated["key"].as_str().context("no value")?;
    let rotation = fields(management, &stage.key.id).await?;
    ensure!(rotation["value"] == json!({"changed": true}), "{rotation}");
    ensure!(rotation["previous_ends_at"]["to"].is_string(), "{rotation}");
    let text = log(management, "limit=200").await?.text();
    ensure!(!text.contains(value) && !text.contains(&stage.key.secret));
    verify(stage.gateway.data()).await
}

/// Whatever is secret: that it changed, and no byte of it.
#[tokio::test]
async fn secrets_are_not_shown() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let management = &stage.management;
    let body = json!({
        "secret": "sk-very-secret-0001", "weight": 7, "headers": {"x-token": "hidden-header-value"},
        "proxy": "http://login:hidden-login@192.0.2.1:3128",
    });
    stage.edit_channel(body).await?;
    let changed = json!({"changed": true});
    let expected = json!({
        "secret": changed, "weight": {"from": 1, "to": 7}, "headers.x-token": changed,
        "proxy": {"from": null, "to": "http://***@192.0.2.1:3128"},
    });
    let found = fields(management, &stage.channel).await?;
    ensure!(found == expected, "{found}");
    let login = json!({"secret": "sk-very-secret-0001", "proxy": "http://login:other-login@192.0.2.1:3128"});
    stage.edit_channel(login).await?;
    let found = fields(management, &stage.channel).await?;
    ensure!(found == json!({"secret": changed, "proxy": changed}), "{found}");
    // A webhook's address lets whoever knows it write there.
    let body =
        json!({"name": "hook", "kind": "webhook", "address": "https://192.0.2.9/hidden-path"});
    let made =
        management.post_json("/api/v1/alert-destinations", &body).await?.success()?.json()?;
    let id = made["id"].as_str().context("no id")?;
    let path = format!("/api/v1/alert-destinations/{id}");
    let body = json!({"address": "https://192.0.2.9/other-hidden-path", "new_secret": true});
    let edited = management.patch(&path, &body).await?.success()?.json()?;
    let found = fields(management, id).await?;
    ensure!(found == json!({"address": changed, "secret": changed}), "{found}");
    stage.edit_user(json!({"password": "hidden-password", "tier": "enterprise"})).await?;
    let found = fields(management, &stage.user).await?;
    let expected = json!({
        "password": changed, "has_password": {"from": false, "to": true},
        "tier": {"from": "standard", "to": "enterprise"},
    });
    ensure!(found == expected, "{found}");
    let text = log(management, "limit=200").await?.text();
    let whsec = edited["secret"].as_str().context("no secret")?;
    for secret in ["very-secret", "hidden-", "other-login", "other-hidden", whsec] {
        ensure!(!text.contains(secret), "{secret} is in the log");
    }
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn each_key_of_a_bulk_has_its_trail() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (_, _, keys) = member(&stage, "ada", 3).await?;
    let body = json!({"action": "disable", "ids": keys});
    stage.management.post_json("/v1/api-keys/actions", &body).await?.success()?;
    let mut numbers = Vec::new();
    for key in &keys {
        let row = last(&stage.management, key).await?;
        ensure!(row["action"] == "api-keys.actions", "{row}");
        ensure!(row["object"] == format!("{} +2", keys[0]), "{row}");
        numbers.push(row["number"].clone());
        let expected = json!({"disabled": {"from": false, "to": true}});
        ensure!(fields(&stage.management, key).await? == expected);
    }
    ensure!(numbers[0] == numbers[1] && numbers[1] == numbers[2], "{numbers:?}");
    let whole = log(&stage.management, &format!("number={}", numbers[0])).await?.json()?;
    ensure!(whole["data"][0]["things"] == 3, "{whole}");
    ensure!(whole["data"][0]["changes"].as_array().is_some_and(|all| all.len() == 3), "{whole}");
    // Many that are made at once, and the answer to a leak with all that it does.
    let body = json!({"keys": [{"name": "one"}, {"name": "two"}]});
    let made = stage.management.post_json("/v1/api-keys/bulk", &body).await?.success()?.json()?;
    let two = made["data"][1]["id"].as_str().context("no id")?;
    ensure!(fields(&stage.management, two).await?["name"] == json!({"to": "two"}));
    let path = format!("/v1/api-keys/{}/compromised", stage.key.id);
    let body = json!({"freeze_balance": true, "replace": true});
    let done = stage.management.post_json(&path, &body).await?.success()?.json()?;
    let replacement = done["replacement"]["id"].as_str().context("no replacement")?;
    let revoked = fields(&stage.management, &stage.key.id).await?;
    ensure!(revoked["revoked"] == json!({"from": false, "to": true}), "{revoked}");
    ensure!(fields(&stage.management, replacement).await?["owner"]["to"] == stage.user);
    ensure!(fields(&stage.management, &stage.user).await?["frozen_at"]["to"].is_string());
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_thousand_keys_are_touched_by_one_row() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let keys: Vec<Value> =
        (0..1_000).map(|n| json!({"name": format!("k{n}"), "owner": stage.user})).collect();
    let body = json!({"keys": keys});
    let made = stage.management.post_json("/v1/api-keys/bulk", &body).await?;
    ensure!(made.status == 409, "{}", made.text());
    let tiers = json!({"standard": {"key_limit": null}});
    stage.management.put("/api/v1/tiers", &tiers).await?.success()?;
    let found = fields(&stage.management, "standard").await?;
    ensure!(found == json!({"key_limit": {"from": 10, "to": null}}), "{found}");
    let made = stage.management.post_json("/v1/api-keys/bulk", &body).await?.success()?.json()?;
    let ids: Vec<Value> =
        made["data"].as_array().context("no data")?.iter().map(|key| key["id"].clone()).collect();
    let act = json!({"action": "revoke", "ids": ids});
    stage.management.post_json("/v1/api-keys/actions", &act).await?.success()?;
    let last_one = ids[999].as_str().context("no id")?;
    let rows = log(&stage.management, &format!("object={last_one}")).await?.json()?;
    let actions: Vec<&Value> =
        rows["data"].as_array().context("no data")?.iter().map(|row| &row["action"]).collect();
    ensure!(actions == ["api-keys.actions", "api-keys.bulk"], "{actions:?}");
    let page = log(&stage.management, "limit=2").await?;
    ensure!(page.body.len() < 64 * 1_024, "{} bytes", page.body.len());
    ensure!(page.json()?["data"][0]["things"] == 1_000);
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_member_sees_the_trail_of_their_own() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (ada, ada_id, keys) = member(&stage, "ada", 2).await?;
    let (bob, bob_id, others) = member(&stage, "bob", 1).await?;
    // An operator changes a key of each in one action, a user, and something that is nobody's.
    let body = json!({"action": "disable", "ids": [others[0], keys[0], keys[1]]});
    stage.management.post_json("/v1/api-keys/actions", &body).await?.success()?;
    let user = format!("/api/v1/users/{ada_id}");
    stage.management.patch(&user, &json!({"tier": "enterprise"})).await?.success()?;
    stage.management.put("/api/v1/groups/vip", &json!({"multiplier": 2})).await?.success()?;
    let row = last(&ada, &keys[0]).await?;
    ensure!(row["changes"][0]["fields"]["disabled"]["to"] == true, "{row}");
    ensure!(row["actor_role"] == "owner" && row["actor_name"].is_string(), "{row}");
    for hidden in ["actor", "via", "client_ip", "summary"] {
        ensure!(row[hidden] == "", "{hidden} of {row}");
    }
    ensure!(row["hash"] == Value::Null && row["object"] == keys[0], "{row}");
    // All that concerns her: what she did herself is shown whole.
    let rows = log(&ada, "").await?;
    ensure!(!rows.text().contains(&others[0]) && !rows.text().contains(&bob_id), "{}", rows.text());
    let rows = rows.json()?;
    let actions: Vec<&str> = rows["data"]
        .as_array()
        .context("no data")?
        .iter()
        .filter_map(|row| row["action"].as_str())
        .collect();
    let expected = [
        "users.edit",
        "api-keys.actions",
        "api-keys.create",
        "api-keys.create",
        "sessions.create",
        "users.create",
    ];
    ensure!(actions == expected, "{actions:?}");
    ensure!(rows["data"][1]["object"] == format!("{} +1", keys[0]), "{rows}");
    let own = &rows["data"][2];
    ensure!(own["client_ip"] == "127.0.0.1" && own["actor"] == ada_id, "{own}");
    // What is another's is not there, by whatever way it is asked for.
    for object in [others[0].as_str(), &bob_id, "vip", &stage.key.id, "key_none"] {
        let refused = ada.get(&format!("/api/v1/audit?object={object}")).await?;
        ensure!(refused.status == 404, "{object}: {}", refused.text());
    }
    let rows = log(&stage.management, "action=groups.set").await?.json()?;
    let (number, owner) = (&rows["data"][0]["number"], &rows["data"][0]["actor"]);
    ensure!(log(&ada, &format!("number={number}")).await?.json()?["data"] == json!([]));
    let owner = owner.as_str().context("no actor")?;
    ensure!(log(&ada, &format!("actor={owner}")).await?.json()?["data"] == json!([]));
    ensure!(log(&ada, "action=groups.set").await?.json()?["data"] == json!([]));
    // A key that is gone keeps its trail, for its owner alone.
    ada.delete(&format!("/v1/api-keys/{}", keys[0])).await?.success()?;
    let found = fields(&ada, &keys[0]).await?;
    ensure!(found["name"] == json!({"from": "ada 0"}), "{found}");
    ensure!(bob.get(&format!("/api/v1/audit?object={}", keys[0])).await?.status == 404);
    let nothing = format!("object={}&action=none", keys[0]);
    ensure!(log(&ada, &nothing).await?.json()?["data"] == json!([]));
    verify(stage.gateway.data()).await
}

/// Two edits at once: each row's old value is the other's new one.
#[tokio::test]
async fn old_values_are_what_was_replaced() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": 0})).await?;
    let mut edits = tokio::task::JoinSet::new();
    for n in 1..=20 {
        let (client, id) = (stage.management.clone(), stage.key.id.clone());
        edits.spawn(async move {
            let quota = client.patch(&format!("/v1/api-keys/{id}"), &json!({"quota": n})).await;
            let group = client.put("/api/v1/groups/vip", &json!({"multiplier": n})).await;
            quota.and_then(Response::success)?;
            group
        });
    }
    while let Some(done) = edits.join_next().await {
        // Of several that make it at once, one does.
        let status = done??.status;
        ensure!(status == 200 || status == 409, "{status}");
    }
    for (object, field) in [(stage.key.id.as_str(), "quota"), ("vip", "multiplier")] {
        let rows = log(&stage.management, &format!("object={object}&limit=200")).await?.json()?;
        let rows = rows["data"].as_array().context("no data")?;
        let changes: Vec<&Value> =
            rows.iter().map(|row| &row["changes"][0]["fields"][field]).collect();
        for pair in changes.windows(2) {
            ensure!(pair[0]["from"] == pair[1]["to"], "{object}: {changes:?}");
        }
        ensure!(changes.last().is_some_and(|first| first.get("from").is_none()), "{changes:?}");
    }
    verify(stage.gateway.data()).await
}
