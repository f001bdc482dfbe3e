//! `tollkeeper users`: people and their money; `users reset` on a running deployment.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::World;

use super::asking::{fed, printed, refused, succeeded, text, told};
use crate::api::v1::sessions::{PASSWORD, browser, log_in, person};
use crate::stage::{Stage, path, request, said, tollkeeper, verify};

#[tokio::test]
async fn whoever_is_shut_out_gets_in_again() -> anyhow::Result<()> {
    let world = World::start().await?;
    let id = person(&world, "ada").await?;
    let answer = log_in(&world.client, "ada", PASSWORD).await?.success()?;
    let session = browser(&world.client, &answer)?;
    let data = path(world.gateway.data())?;
    let unknown = tollkeeper(&["users", "reset", "nobody", "--data", data]).output().await?;
    ensure!(!unknown.status.success() && said(&unknown).contains("nobody"), "{}", said(&unknown));
    for who in ["ada", &id] {
        let reset = ["users", "reset", who, "--json", "--remove-totp", "--data", data];
        let output = tollkeeper(&reset).output().await?;
        ensure!(output.status.success(), "{}", said(&output));
        let printed: Value = serde_json::from_slice(&output.stdout)?;
        ensure!(session.get("/api/v1/me").await?.status == 401);
        ensure!(log_in(&world.client, "ada", PASSWORD).await?.status == 401);
        let url = printed["reset_url"].as_str().context("no link")?;
        let (_, token) = url.split_once("/console/reset#").context("another link")?;
        let body = json!({"token": token, "password": PASSWORD});
        world.client.post_json("/api/v1/setup", &body).await?.success()?;
        log_in(&world.client, "ada", PASSWORD).await?.success()?;
    }
    let rows = world.management.get("/api/v1/audit?action=users.reset").await?.success()?.json()?;
    let row = &rows["data"][1];
    ensure!(row["via"] == "cli" && row["object"] == id.as_str(), "{rows}");
    verify(world.gateway.data()).await
}

/// Without a password, the link that sets one stands alone; a password comes from standard input.
#[tokio::test]
async fn a_user_is_made_and_edited() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let link = printed(&stage, &["users", "create", "--name", "Eve"]).await?;
    ensure!(link.contains("/console/invite#") && link.lines().count() == 1, "{link}");
    let make =
        ["users", "create", "--name", "Bob", "--email", "bob@example.org", "--password-stdin"];
    let about = succeeded(&make, fed(&stage, &make, "correct horse battery\n").await?)?;
    ensure!(about.contains("bob@example.org") && !about.contains("horse"), "{about}");
    log_in(&stage.client, "bob@example.org", "correct horse battery").await?.success()?;
    let listed = told(&stage, &["users", "list", "--search", "bob"]).await?;
    let id = text(&listed, "/data/0/id")?;
    let edit = ["users", "edit", id, "--tier", "enterprise", "--no-email", "--disabled", "true"];
    let edited = told(&stage, &edit).await?;
    ensure!(edited["email"].is_null() && edited["disabled"] == true, "{edited}");
    ensure!(told(&stage, &["users", "get", id]).await?["tier"] == "enterprise");
    let twice = ["users", "edit", id, "--email", "b@example.org", "--no-email"];
    refused(&stage, &twice, "--no-email: it is set already").await?;
    refused(&stage, &["users", "edit", id, "--groups", "nowhere"], "\n  --groups: ").await
}

/// A top-up that is sent twice is booked once; a frozen balance makes no call.
#[tokio::test]
async fn a_balance_is_topped_up_frozen_and_thawed() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let top_up = ["users", "top-up", &stage.user, "--amount", "0.000000001", "--note", "a present"];
    let top_up = [&top_up[..], &["--idempotency-key", "t-1"]].concat();
    for _ in 0..2 {
        let shown = printed(&stage, &top_up).await?;
        ensure!(shown.contains("10.000000001"), "{shown}");
    }
    let ledger = printed(&stage, &["users", "ledger", &stage.user]).await?;
    ensure!(ledger.contains("a present") && ledger.lines().count() == 3, "{ledger}");
    let csv = printed(&stage, &["users", "ledger", &stage.user, "--csv"]).await?;
    ensure!(csv.lines().count() == 3 && csv.contains("a present"), "{csv}");
    refused(&stage, &["users", "top-up", &stage.user, "--amount", "-1"], "\n  --amount: ").await?;

    printed(&stage, &["users", "freeze", &stage.user]).await?;
    let refusal = stage.ask(&request(json!({}))).await?;
    ensure!(refusal.code().as_deref() == Some("balance_frozen"), "{}", refusal.text());
    printed(&stage, &["users", "thaw", &stage.user]).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.audit().await
}
