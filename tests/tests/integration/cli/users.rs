//! `tollkeeper users reset`: on a running deployment.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::World;

use crate::api::v1::sessions::{PASSWORD, browser, log_in, person};
use crate::stage::{path, said, tollkeeper, verify};

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
