//! `tollkeeper check-in`, `balance` and `history`.

use anyhow::ensure;
use serde_json::json;
use testkit::site::{CheckInPlace, Conduct};

use crate::stage::person::Person;

const CHECK_IN: [&str; 3] = ["check-in", "--account", "mine"];

/// Both places: the one that says what it brought, and the one whose balance tells.
#[tokio::test]
async fn a_check_in_counts_once() -> anyhow::Result<()> {
    for (check_in, chinese) in [
        (CheckInPlace::CheckIn, false),
        (CheckInPlace::CheckIn, true),
        (CheckInPlace::SignIn, true),
    ] {
        let conduct = Conduct { check_in, chinese, ..Conduct::default() };
        let person = Person::with_account(conduct).await?;
        let dry = person.json(&[&CHECK_IN[..], &["--dry-run"]].concat(), "").await?;
        ensure!(dry["dry_run"] == true && person.asked("POST", "/") == 0, "{dry}");
        let first = person.json(&CHECK_IN, "").await?;
        ensure!(first["check_in"]["outcome"] == "checked_in", "{check_in:?}: {first}");
        ensure!(first["check_in"]["awarded_usd"] == json!(0.5), "{check_in:?}: {first}");
        ensure!(first["balance"]["balance_usd"] == json!(10.5), "{first}");
        let second = person.json(&CHECK_IN, "").await?;
        ensure!(second["check_in"]["outcome"] == "already_done", "{check_in:?}: {second}");
        let text = person.text(&CHECK_IN).await?;
        ensure!(text.contains("already done today"), "{text}");
        person.was_polite()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_site_without_one_says_so() -> anyhow::Result<()> {
    let conduct = Conduct { check_in: CheckInPlace::Nowhere, ..Conduct::default() };
    let person = Person::with_account(conduct).await?;
    let said = person.failure(&CHECK_IN, "").await?;
    ensure!(said.contains("has no check-in"), "{said}");
    let unnamed = person.failure(&["check-in"], "").await?;
    ensure!(unnamed.contains("--account") && unnamed.contains("mine"), "{unnamed}");
    Ok(())
}

#[tokio::test]
async fn each_look_is_kept_and_drawn() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let balance = person.json(&["balance", "--account", "mine"], "").await?;
    ensure!(balance["balance_usd"] == 10 && balance["used_usd"] == 2, "{balance}");
    ensure!(
        person.text(&["balance", "--account", "mine"]).await?.contains("$10.00 left, $2.00 used")
    );
    person.json(&CHECK_IN, "").await?;
    let history = person.json(&["history", "--account", "mine"], "").await?;
    let seen = history["seen"].as_array().map(Vec::len);
    // Adding the account, two looks, the check-in.
    ensure!(seen == Some(4), "{history}");
    ensure!(history["seen"][3]["check_in"]["outcome"] == "checked_in", "{history}");
    ensure!(history["seen"][3]["balance_usd"] == json!(10.5), "{history}");
    let drawn = person.text(&["history", "--account", "mine"]).await?;
    ensure!(drawn.contains("$10.50 left, at most $10.50") && drawn.contains('█'), "{drawn}");
    Ok(())
}
