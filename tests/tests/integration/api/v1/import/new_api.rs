//! `POST /api/v1/import/new-api`: a site moves over and no client notices.

use anyhow::{Context, ensure};
use http::Method;
use serde_json::{Value, json};
use testkit::client::{Client, Response};

use crate::stage::old_site::{self, ALICE, ALICE_VIP, BOB, ENDED, NARROW, USED_UP};
use crate::stage::{Stage, nanos, request, verify};

pub(super) const IMPORT: &str = "/api/v1/import/new-api";

/// Sends a file.
pub(super) async fn send(stage: &Stage, query: &str, file: Vec<u8>) -> anyhow::Result<Response> {
    let client = stage.management.header("content-type", "application/vnd.sqlite3")?;
    client.send(Method::POST, &format!("{IMPORT}{query}"), file).await
}

async fn imported(stage: &Stage, query: &str, file: &[u8]) -> anyhow::Result<Value> {
    send(stage, query, file.to_vec()).await?.success()?.json()
}

/// A call with a key of the site.
async fn call(stage: &Stage, value: &str, fields: Value) -> anyhow::Result<Response> {
    let holder: Client = stage.client.bearer(&format!("sk-{value}"))?;
    holder.post_json("/v1/chat/completions", &request(fields)).await
}

async fn refusal(stage: &Stage, value: &str) -> anyhow::Result<String> {
    call(stage, value, json!({})).await?.code().context("it is not refused")
}

fn names(list: &Value, member: &str) -> Vec<String> {
    let rows = list.as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().map(|row| row[member].as_str().unwrap_or_default().to_owned()).collect()
}

async fn listed(stage: &Stage, path: &str) -> anyhow::Result<Vec<Value>> {
    let list = stage.management.get(path).await?.success()?.json()?;
    list["data"].as_array().cloned().context("no list")
}

fn named<'a>(rows: &'a [Value], name: &str) -> anyhow::Result<&'a Value> {
    rows.iter().find(|row| row["name"] == name).with_context(|| format!("no {name}: {rows:?}"))
}

#[tokio::test]
async fn a_site_moves_over_and_its_keys_work_at_once() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let file = std::fs::read(file)?;
    // Before the import such a value is not even looked up.
    ensure!(refusal(&stage, ALICE).await? == "malformed_key");

    let plan = imported(&stage, "?dry_run=true", &file).await?;
    ensure!(plan["dry_run"] == true && plan["site"] == "new-api", "{plan}");
    ensure!(plan["counts"]["users"] == json!({"made": 3, "existing": 0, "left_out": 1}), "{plan}");
    ensure!(plan["counts"]["keys"] == json!({"made": 7, "existing": 0, "left_out": 3}), "{plan}");
    ensure!(
        plan["counts"]["channels"] == json!({"made": 2, "existing": 0, "left_out": 2}),
        "{plan}"
    );
    ensure!(refusal(&stage, ALICE).await? == "malformed_key", "a dry run makes keys");
    ensure!(listed(&stage, "/api/v1/users").await?.len() == 2, "a dry run makes users");

    let done = imported(&stage, "", &file).await?;
    ensure!(done["counts"] == plan["counts"] && done["dry_run"] == false, "{done}");
    ensure!(!done.to_string().contains(ALICE), "the answer holds the value of a key");
    ensure!(!done.to_string().contains("upstream-secret"), "the answer holds a secret");
    let left = names(&done["left_out"], "name");
    for name in ["gone", "hand-made", "deleted", "orphan", "bedrock", "private"] {
        ensure!(left.iter().any(|it| it == name), "{name} is not said to be left out: {left:?}");
    }

    // The old value, the old name of the model, the site's price and the group's factor.
    let answer = call(&stage, ALICE, json!({"model": "old-name"})).await?.success()?;
    ensure!(answer.header("x-request-id").is_some());
    call(&stage, ALICE_VIP, json!({})).await?.success()?;
    let calls = stage.calls_when(2).await?;
    let (plain, vip) = match calls.iter().find(|call| call["model"] == "old-name") {
        Some(plain) => (plain, calls.iter().find(|it| it["model"] != "old-name").context("vip")?),
        None => anyhow::bail!("no call of old-name: {calls:?}"),
    };
    ensure!(plain["upstream_model"] == "sim-small", "{plain}");
    ensure!(nanos(&plain["charged"]) > 0, "{plain}");
    ensure!(nanos(&plain["charged"]) == 2 * nanos(&vip["charged"]), "half price: {vip}");

    for (value, code) in [
        (BOB, "key_disabled"),
        (USED_UP, "key_quota_exhausted"),
        (ENDED, "key_expired"),
        (NARROW, "ip_not_allowed"),
        ("jB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3", "key_disabled"),
        ("zzzzE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3", "invalid_key"),
    ] {
        ensure!(refusal(&stage, value).await? == code, "{value}: not {code}");
    }

    let users = listed(&stage, "/api/v1/users").await?;
    let (root, alice, bob) =
        (named(&users, "root")?, named(&users, "alice")?, named(&users, "bob")?);
    ensure!(root["role"] == "owner" && root["credited"] == 200 && root["has_password"] == false);
    ensure!(alice["email"] == "alice@example.test" && alice["credited"] == 5, "{alice}");
    ensure!(alice["groups"] == json!(["default", "vip"]) && alice["tier"] == "standard");
    ensure!(bob["role"] == "admin" && bob["disabled"] == true && bob["credited"] == 0, "{bob}");
    ensure!(bob["email"].is_null() && bob["groups"] == json!(["vip"]), "{bob}");

    let keys = listed(&stage, "/v1/api-keys?tag=new-api&limit=200").await?;
    let production = named(&keys, "production")?;
    ensure!(production["quota"] == 2 && production["billing_method"] == "by_model");
    ensure!(production["metadata"]["used_before_usd"] == "0.5", "{production}");
    let narrow = named(&keys, "narrow")?;
    ensure!(narrow["allowed_models"] == json!(["other-model"]), "{narrow}");
    ensure!(narrow["ip_allowlist"] == json!(["192.0.2.7", "10.0.0.0/8"]), "{narrow}");
    ensure!(narrow["expires_at"] == "2100-01-01T00:00:00Z", "{narrow}");
    ensure!(named(&keys, "used up")?["status"] == "exhausted");
    ensure!(named(&keys, "key 2")?["status"] == "disabled");

    let channels = listed(&stage, "/api/v1/channels").await?;
    let main = named(&channels, "main")?;
    ensure!(main["provider"] == "openai-compatible" && main["secret_count"] == 2, "{main}");
    ensure!(main["priority"] == 5 && main["weight"] == 1, "{main}");
    let second = named(&channels, "main #3")?;
    ensure!(second["provider"] == "anthropic" && second["disabled"] == true, "{second}");
    let price = stage.management.get("/api/v1/prices/drawing").await?.success()?.json()?;
    ensure!(price["per_request"] == 0.04, "{price}");
    ensure!(names(&done["notes"], "name").iter().any(|it| it == "main #3"), "{done}");
    ensure!(done["unpriced_models"] == json!(["claude-x"]), "{done}");

    // What is in force outlives the process, and the books are sound.
    ensure!(stage.world.gateway.terminate().await?.success());
    stage.world.gateway.restart().await?;
    call(&stage, ALICE, json!({})).await?.success()?;
    stage.calls_when(3).await?;
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn a_second_import_changes_nothing() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let file = std::fs::read(file)?;
    imported(&stage, "", &file).await?;
    call(&stage, ALICE, json!({})).await?.success()?;
    stage.calls_when(1).await?;
    // Another value for one of them: the old one still counts as here.
    let keys = listed(&stage, "/v1/api-keys?tag=new-api&limit=200").await?;
    let id = named(&keys, "vip")?["id"].as_str().context("no id")?.to_owned();
    let rotate = format!("/v1/api-keys/{id}/rotate");
    stage.management.post_json(&rotate, &json!({"grace_seconds": 3600})).await?.success()?;
    let state = async || -> anyhow::Result<String> {
        let mut all = Vec::new();
        for path in
            ["/api/v1/users", "/v1/api-keys?limit=200", "/api/v1/channels", "/api/v1/groups"]
        {
            all.push(Value::Array(listed(&stage, path).await?).to_string());
        }
        Ok(all.join("\n"))
    };
    let before = state().await?;
    let again = imported(&stage, "", &file).await?;
    for (kind, existing) in [("users", 3), ("keys", 7), ("channels", 2), ("groups", 2)] {
        ensure!(again["counts"][kind]["made"] == 0, "{kind}: {again}");
        ensure!(again["counts"][kind]["existing"] == existing, "{kind}: {again}");
    }
    ensure!(again["counts"]["prices"]["made"] == 0, "{again}");
    ensure!(state().await? == before, "something changed");
    verify(stage.gateway.data()).await
}

#[tokio::test]
async fn an_old_one_api_is_read_without_the_columns_that_it_lacks() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::one_api(directory.path(), &stage.provider.base_url()).await?;
    let done = imported(&stage, "", &std::fs::read(file)?).await?;
    ensure!(done["site"] == "one-api", "{done}");
    ensure!(
        done["counts"]["keys"]["made"] == 2 && done["counts"]["channels"]["made"] == 2,
        "{done}"
    );
    ensure!(done["channels"][1]["base_url"] == "https://api.deepseek.com", "{done}");
    ensure!(done["channels"][1]["disabled"] == true, "{done}");
    ensure!(names(&done["notes"], "name").contains(&"GroupRatio".to_owned()), "{done}");
    ensure!(done["keys"][1]["ip_allowlist"] == json!(["192.0.2.0/24", "198.51.100.7"]), "{done}");
    call(&stage, ALICE, json!({})).await?.success()?;
    ensure!(refusal(&stage, NARROW).await? == "ip_not_allowed");
    stage.calls_when(1).await?;
    verify(stage.gateway.data()).await
}

/// Who has the address here already keeps what they have, and an address alone gives nobody the
/// rights or the credit of an operator.
#[tokio::test]
async fn people_who_are_here_already_are_joined_with_care() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let file = std::fs::read(file)?;
    let make = async |fields: Value| {
        stage.management.post_json("/api/v1/users", &fields).await?.success()?.json()
    };
    let admin =
        make(json!({"name": "Alice A", "email": "alice@example.test", "role": "admin"})).await?;
    let plan = imported(&stage, "?dry_run=true", &file).await?;
    ensure!(plan["counts"]["users"]["made"] == 3, "a member became an admin: {plan}");
    ensure!(names(&plan["notes"], "name").contains(&"alice".to_owned()), "{plan}");
    let path = format!("/api/v1/users/{}", admin["id"].as_str().context("no id")?);
    stage.management.patch(&path, &json!({"role": "member"})).await?.success()?;
    let done = imported(&stage, "", &file).await?;
    ensure!(done["counts"]["users"] == json!({"made": 2, "existing": 1, "left_out": 1}), "{done}");
    let alice = stage.management.get(&path).await?.success()?.json()?;
    ensure!(alice["credited"] == 0 && alice["name"] == "Alice A", "{alice}");
    let keys =
        listed(&stage, &format!("/v1/api-keys?owner={}", alice["id"].as_str().unwrap_or("")))
            .await?;
    ensure!(named(&keys, "production").is_ok(), "{keys:?}");
    Ok(())
}

/// Factors and prices that are others here stay, unless the site's are asked for.
#[tokio::test]
async fn what_differs_is_replaced_only_when_asked() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let file = std::fs::read(file)?;
    let vip = "/api/v1/groups/vip";
    stage.management.put(vip, &json!({"multiplier": 3})).await?.success()?;
    let dear = json!({"input": 9, "output": 9});
    stage.management.put("/api/v1/prices/sim-small", &dear).await?.success()?;
    let factor = async || -> anyhow::Result<Value> {
        let groups = listed(&stage, "/api/v1/groups").await?;
        Ok(named(&groups, "vip")?["multiplier"].clone())
    };
    let price = async || -> anyhow::Result<Value> {
        let path = "/api/v1/prices/sim-small";
        Ok(stage.management.get(path).await?.success()?.json()?["input"].clone())
    };
    let done = imported(&stage, "", &file).await?;
    ensure!(names(&done["notes"], "name").contains(&"vip".to_owned()), "{done}");
    ensure!(factor().await? == 3 && price().await? == 9);
    let done = imported(&stage, "?overwrite=true", &file).await?;
    ensure!(done["counts"]["groups"]["made"] == 1 && done["counts"]["keys"]["made"] == 0, "{done}");
    ensure!(factor().await? == 0.5 && price().await? == 1);
    Ok(())
}

/// Lists can be cut, counts never are; the log says what was done.
#[tokio::test]
async fn the_answer_can_be_short_and_the_audit_log_names_the_import() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let done = imported(&stage, "?rows=1", &std::fs::read(file)?).await?;
    ensure!(names(&done["keys"], "name").len() == 1 && done["counts"]["keys"]["made"] == 7);
    let log = listed(&stage, "/api/v1/audit?action=import.new-api").await?;
    let summary = log.first().and_then(|row| row["summary"].as_str()).unwrap_or_default();
    ensure!(summary.starts_with("new-api: groups=1, users=3, keys=7"), "{log:?}");
    Ok(())
}
