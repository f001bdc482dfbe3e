//! In which forms a key may come, which of several counts, and what its permissions allow.

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::client::Client;

use crate::stage::{Stage, request};

const PATH: &str = "/v1/chat/completions";

#[tokio::test]
async fn a_key_may_come_in_every_form() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let secret = &stage.key.secret;
    let forms = [
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("bearer   {secret} ")),
        ("authorization", secret.clone()),
        ("x-api-key", secret.clone()),
        ("x-goog-api-key", secret.clone()),
    ];
    for (name, value) in forms {
        let client = stage.client.header(name, &value)?;
        let answer = client.post_json(PATH, &request(json!({}))).await?;
        ensure!(answer.status == 200, "{name}: {}", answer.text());
    }
    for query in [format!("key={secret}"), format!("alt=sse&key={secret}&x=1")] {
        let answer =
            stage.client.post_json(&format!("{PATH}?{query}"), &request(json!({}))).await?;
        ensure!(answer.status == 200, "{query}: {}", answer.text());
    }
    Ok(())
}

/// Claude Code can send a left-over credential beside the configured one.
#[tokio::test]
async fn of_several_credentials_the_first_well_formed_counts() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({})).await?;
    let other = stage.world.key(json!({"owner": stage.user, "permissions": "read_only"})).await?;
    let (good, denied) = (&stage.key.secret, &other.secret);
    let code = async |client: anyhow::Result<Client>| -> anyhow::Result<Option<String>> {
        Ok(client?.post_json(PATH, &request(json!({}))).await?.code())
    };
    let both = |first: &str, second: &str| {
        stage.client.header("authorization", first)?.header("x-api-key", second)
    };
    let left_over = "sk-ant-api03-left-over";
    ensure!(code(both(&format!("Bearer {left_over}"), good)).await?.is_none());
    ensure!(code(both(good, left_over)).await?.is_none());
    ensure!(code(both(&format!("Bearer {good}"), denied)).await?.is_none());
    let answered = code(both(&format!("Bearer {denied}"), good)).await?;
    ensure!(answered.as_deref() == Some("permission_denied"), "{answered:?}");
    let three = both(left_over, "x")?.header("x-goog-api-key", good);
    ensure!(code(three).await?.is_none());
    Ok(())
}

/// The refusal says what is wrong with what came.
#[tokio::test]
async fn a_refusal_says_what_is_wrong_with_a_key() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let secret = stage.key.secret.clone();
    let mut mistyped = secret.clone().into_bytes();
    if let Some(letter) = mistyped.get_mut(10) {
        *letter = if *letter == b'a' { b'b' } else { b'a' };
    }
    let cases = [
        (secret.get(..40).unwrap_or_default().to_owned(), "cut off"),
        (format!("{secret}x"), "too long"),
        (String::from_utf8(mistyped)?, "mistyped"),
        ("sk-ant-api03-xxxx".to_owned(), "another service"),
        ("AIzaSyExample".to_owned(), "another service"),
        (secret.replace("sk-", "sk-_"), "no key has"),
        (stage.gateway.management_key.clone(), "management key"),
    ];
    for (presented, words) in cases {
        let answer = stage.client.bearer(&presented)?.post_json(PATH, &request(json!({}))).await?;
        ensure!(answer.status == 401, "{}", answer.text());
        ensure!(answer.code().as_deref() == Some("malformed_key"), "{}", answer.text());
        ensure!(answer.text().contains(words), "{words:?} is not in {}", answer.text());
        ensure!(!answer.text().contains(&presented), "the refusal repeats the credential");
    }
    Ok(())
}

/// What each set of permissions may do: chat, models, usage; the key itself is open to all.
#[tokio::test]
async fn permissions_allow_what_they_say() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let cases = [
        (json!("full"), [true, true, true]),
        (json!("inference"), [true, true, false]),
        (json!("read_only"), [false, true, true]),
        (json!(["chat"]), [true, false, false]),
        (json!(["responses", "usage.read"]), [false, false, true]),
        (json!(["completion", "models.read"]), [false, true, false]),
    ];
    for (permissions, expected) in cases {
        stage.edit_key(json!({"permissions": permissions})).await?;
        let holder = stage.holder()?;
        let allowed = [
            holder.post_json(PATH, &request(json!({}))).await?.status == 200,
            holder.get("/v1/models").await?.status == 200,
            holder.get("/v1/usage").await?.status == 200,
        ];
        ensure!(allowed == expected, "{permissions}: {allowed:?} instead of {expected:?}");
        ensure!(holder.get("/v1/key").await?.status == 200, "{permissions}");
    }
    Ok(())
}

/// A management key never calls a model, and a key never manages.
#[tokio::test]
async fn keys_and_management_keys_do_not_mix() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let called = stage.management.post_json(PATH, &request(json!({}))).await?;
    ensure!(called.code().as_deref() == Some("malformed_key"), "{}", called.text());
    for path in ["/v1/api-keys", "/api/v1/users", "/api/v1/channels", "/api/v1/calls"] {
        let read = stage.holder()?.get(path).await?;
        ensure!(read.status == 401, "{path}: {}", read.text());
    }
    Ok(())
}

/// Unknown keys are slowed down by address; a known key from the same address is not.
#[tokio::test]
async fn unknown_keys_are_slowed_down_by_address() -> anyhow::Result<()> {
    let arguments = ["--unknown-keys-per-minute", "5", "--trusted-proxy", "127.0.0.1"];
    let stage = Stage::set_with(|gateway| gateway.args(arguments)).await?;
    let from = |address: &str| stage.client.header("x-forwarded-for", address);
    let mut codes = Vec::new();
    for _ in 0..8 {
        let stranger = from("203.0.113.1")?.bearer("sk-wrong")?;
        codes.push(stranger.get("/v1/models").await?.code().unwrap_or_default());
    }
    let mut expected = vec!["malformed_key"; 5];
    expected.extend(["too_many_invalid_keys"; 3]);
    ensure!(codes == expected, "{codes:?}");
    let known = from("203.0.113.1")?.bearer(&stage.key.secret)?;
    ensure!(known.get("/v1/models").await?.status == 200);
    let elsewhere = from("203.0.113.2")?.bearer("sk-wrong")?;
    ensure!(elsewhere.get("/v1/models").await?.status == 401);
    Ok(())
}

/// Known keys that are refused are not strangers.
#[tokio::test]
async fn refused_keys_are_not_unknown_ones() -> anyhow::Result<()> {
    let stage = Stage::set_with(|gateway| gateway.args(["--unknown-keys-per-minute", "2"])).await?;
    stage.switch_key("disable").await?;
    let mut codes: Vec<Value> = Vec::new();
    for _ in 0..6 {
        codes.push(json!(stage.ask(&request(json!({}))).await?.code()));
    }
    ensure!(codes.iter().all(|code| code == "key_disabled"), "{codes:?}");
    Ok(())
}
