//! `tollkeeper node`: built-in and own nodes, and which answers soonest.

use anyhow::ensure;
use testkit::site::{Conduct, Trouble};

use crate::stage::person::Person;

#[tokio::test]
async fn own_nodes_come_and_go_built_in_ones_stay() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let add = ["node", "add", "--provider", "anyrouter", "mine", "https://n.example/v1"];
    let dry = person.json(&[&add[..], &["--dry-run"]].concat(), "").await?;
    ensure!(dry["dry_run"] == true && dry["node"]["url"] == "https://n.example", "{dry}");
    person.json(&add, "").await?;
    let taken = person.failure(&add, "").await?;
    ensure!(taken.contains("has a node mine already"), "{taken}");
    let list = person.json(&["node", "list", "--provider", "anyrouter"], "").await?;
    ensure!(
        list["nodes"][0]["built_in"] == true && list["nodes"][0]["name"] == "default",
        "{list}"
    );
    ensure!(list["nodes"][2]["name"] == "mine" && list["nodes"][2]["built_in"] == false, "{list}");
    ensure!(person.text(&["node", "list"]).await?.contains("https://agentrouter.org"));
    let remove = |name: &'static str| ["node", "remove", "--provider", "anyrouter", name];
    for (arguments, says) in [
        (remove("mine").to_vec(), "--yes"),
        ([&remove("default")[..], &["--yes"]].concat(), "is built in and stays"),
        ([&remove("none")[..], &["--yes"]].concat(), "has no node none"),
        (vec!["node", "add", "--provider", "anyrouter", "x", "http://n.example"], "unencrypted"),
        (vec!["node", "add", "--provider", "anyrouter", "", "https://n.example"], "a node's name"),
        (vec!["node", "list", "--provider", "nobody"], "--provider: anyrouter"),
    ] {
        let said = person.failure(&arguments, "").await?;
        ensure!(said.contains(says), "{arguments:?}: {said}");
    }
    let dry = person.json(&[&remove("mine")[..], &["--dry-run"]].concat(), "").await?;
    ensure!(dry["removed"] == false, "{dry}");
    let removed = person.json(&[&remove("mine")[..], &["--yes"]].concat(), "").await?;
    ensure!(removed["removed"] == true, "{removed}");
    let list = person.json(&["node", "list", "--provider", "anyrouter"], "").await?;
    ensure!(list["nodes"].as_array().map(Vec::len) == Some(2), "{list}");
    Ok(())
}

#[tokio::test]
async fn the_quickest_that_answers_is_suggested() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let broken = Person::stranger(Conduct::default().with_trouble(Trouble::Page(502), "")).await?;
    let url = broken.site.base_url();
    person.json(&["node", "add", "--provider", "mine", "broken", &url], "").await?;
    let before = person.site.seen().len();
    let test = ["node", "test", "--provider", "mine", "--tries", "3"];
    let measured = person.json(&test, "").await?;
    ensure!(measured["best"] == "default", "{measured}");
    ensure!(
        measured["nodes"][0]["answered"] == 3 && measured["nodes"][0]["p50_ms"].is_u64(),
        "{measured}"
    );
    ensure!(
        measured["nodes"][1]["answered"] == 0 && measured["nodes"][1]["p50_ms"].is_null(),
        "{measured}"
    );
    let seen = person.site.seen();
    let tries = seen.iter().skip(before);
    ensure!(tries.clone().count() == 3);
    for request in tries {
        let bare = request.header("authorization").is_none() && request.header("cookie").is_none();
        ensure!(bare, "a credential was sent: {:?}", request.headers.keys());
    }
    let none = person.run(&["node", "test", "--provider", "mine", "broken"], "").await?;
    ensure!(!none.status.success());
    ensure!(String::from_utf8(none.stdout)?.contains("None of them answers"));
    Ok(())
}
