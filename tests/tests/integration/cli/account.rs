//! `tollkeeper account`: adding with each sign-in, links, listing, removing, and what is refused.

use anyhow::ensure;
use serde_json::json;
use testkit::site::{ACCESS_TOKEN, Conduct, SESSION, value_of};

use crate::stage::person::Person;
use crate::stage::{Stage, said};

#[tokio::test]
async fn each_sign_in_of_a_new_api_site_is_taken() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let token =
        person.add("token", &["--user-id", "3", "--access-token-stdin"], ACCESS_TOKEN).await?;
    ensure!(token["kind"] == "new-api" && token["sign_in"] == "access-token", "{token}");
    let cookies = format!("acw_tc=1; session={SESSION}\n");
    let cookie = person.add("cookie", &["--user-id", "3", "--cookie-stdin"], &cookies).await?;
    ensure!(cookie["sign_in"] == "cookie" && cookie["user_id"] == 3, "{cookie}");
    let key = person.add("key", &["--key-stdin"], &format!("sk-{}", value_of(1))).await?;
    ensure!(key["kind"] == "new-api" && key["user_id"].is_null(), "{key}");
    let listed = person.json(&["account", "list"], "").await?;
    let names: Vec<_> =
        listed["accounts"].as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    ensure!(names == [&json!("cookie"), &json!("key"), &json!("token")], "{listed}");
    ensure!(person.text(&["account", "list"]).await?.contains("access token"));
    person.was_polite()
}

/// A key of our own gateway is recognised, and a management key by its form.
#[tokio::test]
async fn keys_of_a_gateway_are_recognised() -> anyhow::Result<()> {
    let stage =
        Stage::with_key(json!({"quota": 5, "rate_limits": {"requests_per_minute": 60}})).await?;
    let person = Person::stranger(Conduct::default()).await?;
    let url = stage.client.base_url();
    let add = async |name: &str, secret: &str| {
        person.json(&["account", "add", name, "--site", url, "--key-stdin"], secret).await
    };
    let own = add("own", &stage.key.secret).await?;
    ensure!(own["kind"] == "tollkeeper" && own["sign_in"] == "key", "{own}");
    let tokens = person.json(&["tokens", "--account", "own"], "").await?;
    let token = &tokens["tokens"][0];
    ensure!(token["id"] == stage.key.id.as_str() && token["status"] == "not_used", "{tokens}");
    ensure!(token["balance_usd"] == 5.0 && token["rate_limit"] == "60/min", "{tokens}");
    ensure!(token["models"] == json!([crate::stage::MODEL]), "{tokens}");
    let manager = add("manager", &stage.gateway.management_key).await?;
    ensure!(manager["sign_in"] == "management-key", "{manager}");
    let listed = person.json(&["tokens", "--account", "manager"], "").await?;
    ensure!(listed["tokens"][0]["id"] == stage.key.id.as_str(), "{listed}");
    let made = person
        .json(&["tokens", "make", "--account", "manager", "--name", "codex", "--yes"], "")
        .await?;
    ensure!(made["value_kept"] == true && made["token"]["name"] == "codex", "{made}");
    let again = person.json(&["tokens", "--account", "manager"], "").await?;
    ensure!(again["tokens"].as_array().map(Vec::len) == Some(2), "{again}");
    let none = person.failure(&["check-in", "--account", "own"], "").await?;
    ensure!(none.contains("API key alone"), "{none}");
    let none = person.failure(&["check-in", "--account", "manager"], "").await?;
    ensure!(none.contains("has no check-in"), "{none}");
    let wrong = "sk-".to_owned() + &"0".repeat(48);
    let refused =
        person.failure(&["account", "add", "x", "--site", url, "--key-stdin"], &wrong).await?;
    ensure!(refused.contains("does not take this API key"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused_and_not_kept() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let url = person.site.base_url();
    let with_token = ["--user-id", "3", "--access-token-stdin"];
    for (name, site, with, secret, says) in [
        ("a/b", url.as_str(), &with_token[..], ACCESS_TOKEN, "an account's name"),
        ("a", "http://relay.example.com", &with_token, ACCESS_TOKEN, "unencrypted"),
        (
            "a",
            "https://me:pw@relay.example.com",
            &with_token,
            ACCESS_TOKEN,
            "user name or password",
        ),
        ("a", "anyrooter", &with_token, ACCESS_TOKEN, "anyrouter, agentrouter, or a URL"),
        ("a", "ftp://relay.example.com", &with_token, ACCESS_TOKEN, "only https://"),
        ("a", &url, &with_token[2..], ACCESS_TOKEN, "--user-id"),
        ("a", &url, &with_token, "", "is empty"),
        ("a", &url, &with_token, "two words", "cannot be sent"),
        ("a", &url, &with_token, "wrong-token-0123456789", "does not take this access token"),
        ("a", &url, &["--user-id", "4", "--access-token-stdin"], ACCESS_TOKEN, "user id 4"),
        ("a", &url, &["--user-id", "3", "--cookie-stdin"], "session=old0123456789", "this session"),
        ("a", &url, &["--key-stdin"], "sk-unknown0123456789", "does not take this API key"),
        ("a", "anyrouter", &["--key-stdin"], "mk-0123456789", "Tollkeeper gateway's"),
        ("a", &url, &[], ACCESS_TOKEN, "is missing"),
    ] {
        let arguments = [&["account", "add", name, "--site", site], with].concat();
        let said = person.failure(&arguments, secret).await?;
        ensure!(said.contains(says), "{arguments:?}: {said}");
        ensure!(secret.is_empty() || !said.contains(secret), "the secret is shown: {said}");
    }
    ensure!(!person.home().join("accounts.json").exists());
    ensure!(!person.home().join("secrets.json").exists());
    Ok(())
}

#[tokio::test]
async fn a_name_is_taken_until_it_is_replaced() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let url = person.site.base_url();
    let again = ["account", "add", "mine", "--site", &url, "--user-id", "3", "--cookie-stdin"];
    let refused = person.failure(&again, SESSION).await?;
    ensure!(refused.contains("--replace"), "{refused}");
    let replaced = person.json(&[&again[..], &["--replace"]].concat(), SESSION).await?;
    ensure!(replaced["sign_in"] == "cookie", "{replaced}");
    let listed = person.json(&["account", "list"], "").await?;
    ensure!(listed["accounts"].as_array().map(Vec::len) == Some(1), "{listed}");
    person.was_polite()
}

#[tokio::test]
async fn a_dry_run_asks_and_keeps_nothing() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let dry =
        person.add("mine", &["--user-id", "3", "--access-token-stdin", "--dry-run"], ACCESS_TOKEN);
    ensure!(dry.await?["dry_run"] == true);
    ensure!(person.site.seen().is_empty() && person.files()?.is_empty());
    Ok(())
}

/// Two at once: one is kept, the other is told.
#[tokio::test]
async fn of_two_at_once_one_is_told() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let url = person.site.base_url();
    let add = ["account", "add", "mine", "--site", &url, "--user-id", "3", "--access-token-stdin"];
    let (one, other) = tokio::join!(person.run(&add, ACCESS_TOKEN), person.run(&add, ACCESS_TOKEN));
    let (one, other) = (one?, other?);
    ensure!(one.status.success() != other.status.success(), "{} {}", said(&one), said(&other));
    let loser = if one.status.success() { other } else { one };
    ensure!(said(&loser).contains("already"), "{}", said(&loser));
    Ok(())
}

#[tokio::test]
async fn removing_asks_first_and_forgets_everything() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    person.json(&["tokens", "--account", "mine"], "").await?;
    let refused = person.failure(&["account", "remove", "mine"], "").await?;
    ensure!(refused.contains("--yes"), "{refused}");
    let dry = person.json(&["account", "remove", "mine", "--dry-run"], "").await?;
    ensure!(dry["removed"] == false, "{dry}");
    ensure!(person.json(&["account", "list"], "").await?["accounts"][0]["name"] == "mine");
    let removed = person.json(&["account", "remove", "mine", "--yes"], "").await?;
    ensure!(removed["removed"] == true, "{removed}");
    for file in person.files()? {
        let text = std::fs::read_to_string(&file)?;
        ensure!(
            !text.contains("mine") && !text.contains(ACCESS_TOKEN),
            "{}: {text}",
            file.display()
        );
        ensure!(!file.to_string_lossy().contains("mine"), "{}", file.display());
    }
    let gone = person.failure(&["tokens", "--account", "mine"], "").await?;
    ensure!(gone.contains("there is no account mine"), "{gone}");
    Ok(())
}

#[tokio::test]
async fn a_pasted_link_brings_an_address_a_key_and_a_name() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let url = person.site.base_url().replace(':', "%3A").replace('/', "%2F");
    let key = value_of(1);
    let link = format!(
        "ccswitch://v1/import?resource=provider&app=claude&name=My+Site&endpoint={url}%2Fv1\
         &apiKey=sk-{key}&config=eyJ4IjoxfQ&usageScript=cm0gLXJm\n"
    );
    let output = person.run(&["account", "import-link", "--json"], &link).await?;
    ensure!(output.status.success(), "{}", said(&output));
    let stderr = String::from_utf8(output.stderr)?;
    ensure!(stderr.contains("Left out of the link: config, usageScript"), "{stderr}");
    let listed = person.json(&["account", "list"], "").await?;
    ensure!(listed["accounts"][0]["name"] == "My-Site", "{listed}");
    ensure!(listed["accounts"][0]["url"] == person.site.base_url(), "{listed}");
    let refused =
        person.failure(&["account", "import-link"], "https://x.example?apiKey=sk-hidden").await?;
    ensure!(refused.contains("ccswitch://") && !refused.contains("sk-hidden"), "{refused}");
    person.was_polite()
}
