//! `tollkeeper tokens`: every shape of a list, the cache, values that are hidden, and a new token.

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::site::{Conduct, Generation, Reveal, value_of};

use crate::stage::person::Person;

const LIST: [&str; 3] = ["tokens", "--account", "mine"];
const FRESH: [&str; 4] = ["tokens", "--account", "mine", "--refresh"];

#[tokio::test]
async fn a_list_says_everything_about_a_token() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct { tokens: 4, ..Conduct::default() }).await?;
    let list = person.json(&LIST, "").await?;
    ensure!(list["balance"]["balance_usd"] == 10 && list["complete"] == true, "{list}");
    let token = |id: usize| list["tokens"][4 - id].clone();
    ensure!(token(1)["balance_usd"] == 2 && token(1)["used_usd"] == 1, "{list}");
    ensure!(token(1)["models"] == json!(["sim-small", "sim-large"]), "{list}");
    ensure!(token(1)["expires_at"] == "2096-10-02T07:06:40Z", "{list}");
    ensure!(token(4)["unlimited"] == true && token(4)["balance_usd"].is_null(), "{list}");
    let statuses = [1, 2, 3].map(|id| token(id)["status"].clone());
    ensure!(statuses == [json!("active"), json!("disabled"), json!("exhausted")], "{list}");
    let table = person.text(&LIST).await?;
    for shown in ["$10.00 left", "token-1", "$2.00", "exhausted", "sim-small, sim-large", "never"] {
        ensure!(table.contains(shown), "{shown}: {table}");
    }
    person.was_polite()
}

/// Newer and older, masked and whole, few and many on a page: the same tokens each time.
#[tokio::test]
async fn every_generation_gives_every_page() -> anyhow::Result<()> {
    for generation in [Generation::Paged, Generation::Bare] {
        for (masked, page, tokens) in
            [(true, 100, 3), (false, 10, 27), (true, 10, 10), (false, 100, 0), (true, 7, 15)]
        {
            let conduct = Conduct { generation, masked, page, tokens, ..Conduct::default() };
            let person = Person::with_session(conduct).await?;
            let list = person.json(&LIST, "").await?;
            let ids: Vec<&Value> =
                list["tokens"].as_array().into_iter().flatten().map(|it| &it["id"]).collect();
            let expected: Vec<Value> = (1..=tokens).rev().map(|id| json!(id.to_string())).collect();
            ensure!(ids == expected.iter().collect::<Vec<_>>(), "{generation:?} {page}: {list}");
            ensure!(list["complete"] == true, "{list}");
            person.was_polite()?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_sites_own_units_count() -> anyhow::Result<()> {
    let person =
        Person::with_account(Conduct { quota_per_unit: 1_000_000.0, ..Conduct::default() }).await?;
    let list = person.json(&LIST, "").await?;
    ensure!(list["balance"]["balance_usd"] == 5 && list["tokens"][2]["balance_usd"] == 1, "{list}");
    person.site.behave(Conduct { quota_per_unit: 0.0, ..Conduct::default() });
    let odd = person.failure(&FRESH, "").await?;
    ensure!(odd.contains("quota_per_unit"), "{odd}");
    Ok(())
}

#[tokio::test]
async fn a_list_is_kept_until_it_is_refreshed() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let offline = [&LIST[..], &["--offline"]].concat();
    let nothing = person.failure(&offline, "").await?;
    ensure!(nothing.contains("no list of mine was kept"), "{nothing}");
    let first = person.json(&LIST, "").await?;
    let asked = person.asked("GET", "/api/token/");
    let second = person.json(&LIST, "").await?;
    ensure!(person.asked("GET", "/api/token/") == asked, "the site was asked again");
    ensure!(first["fetched_at"] == second["fetched_at"], "{first} {second}");
    person.json(&FRESH, "").await?;
    ensure!(person.asked("GET", "/api/token/") > asked);
    person.site.behave(Conduct { signed_in: false, ..Conduct::default() });
    let failed = person.failure(&FRESH, "").await?;
    ensure!(failed.contains("--offline shows it") && failed.contains("--replace"), "{failed}");
    let kept = person.json(&offline, "").await?;
    ensure!(kept["tokens"].as_array().map(Vec::len) == Some(3), "{kept}");
    Ok(())
}

#[tokio::test]
async fn a_key_alone_sees_itself_in_both_generations() -> anyhow::Result<()> {
    for conduct in [Conduct::default(), Conduct::older()] {
        let person = Person::stranger(conduct).await?;
        person.add("mine", &["--key-stdin"], &format!("sk-{}", value_of(1))).await?;
        let list = person.json(&LIST, "").await?;
        ensure!(
            list["tokens"][0]["balance_usd"] == 2 && list["tokens"][0]["used_usd"] == 1,
            "{list}"
        );
        ensure!(!list.to_string().contains(&value_of(1)), "{list}");
        let refused = person.failure(&["tokens", "make", "--account", "mine", "--yes"], "").await?;
        ensure!(refused.contains("API key alone"), "{refused}");
        person.was_polite()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_new_token_is_made_once_and_its_value_kept() -> anyhow::Result<()> {
    for (reveal, kept) in [(Reveal::One, true), (Reveal::Batch, true), (Reveal::Nowhere, false)] {
        let person = Person::with_account(Conduct { reveal, ..Conduct::default() }).await?;
        let make = ["tokens", "make", "--account", "mine", "--name", "token-1"];
        let asks = person.failure(&make, "").await?;
        ensure!(asks.contains("--yes"), "{asks}");
        let dry = person.json(&[&make[..], &["--dry-run"]].concat(), "").await?;
        ensure!(dry["dry_run"] == true && person.asked("POST", "/api/token/") == 0, "{dry}");
        // The name is that of another one, which must not be taken for it.
        let made = person.json(&[&make[..], &["--yes"]].concat(), "").await?;
        ensure!(made["token"]["id"] == "4" && made["value_kept"] == kept, "{reveal:?}: {made}");
        let vault = std::fs::read_to_string(person.home().join("secrets.json"))?;
        ensure!(vault.contains(&value_of(4)) == kept, "{reveal:?}");
        ensure!(!vault.contains(&value_of(1)), "another token's value was taken");
        person.was_polite()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_pasted_value_is_checked_against_the_mask() -> anyhow::Result<()> {
    let person =
        Person::with_account(Conduct { reveal: Reveal::Nowhere, ..Conduct::default() }).await?;
    let keep = ["tokens", "keep", "--account", "mine", "--token", "token-1", "--key-stdin"];
    for (value, says) in [
        (value_of(2), "is not that of the token token-1"),
        (format!("{}**********0001zZ", "Pk00"), "middle left out"),
        (String::new(), "is empty"),
        ("two words".to_owned(), "cannot be sent"),
    ] {
        let refused = person.failure(&keep, &value).await?;
        ensure!(refused.contains(says), "{value}: {refused}");
    }
    let kept = person.json(&keep, &format!("sk-{}\n", value_of(1))).await?;
    ensure!(kept["kept"] == true && kept["token"] == "1", "{kept}");
    let vault = std::fs::read_to_string(person.home().join("secrets.json"))?;
    ensure!(vault.contains(&format!("sk-{}", value_of(1))), "the value is not in the vault");
    Ok(())
}
