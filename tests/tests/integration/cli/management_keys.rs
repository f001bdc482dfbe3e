//! `tollkeeper management-keys`.

use anyhow::ensure;

use super::asking::{asking, printed, refused, text, told};
use crate::stage::{Stage, said};

#[tokio::test]
async fn a_management_key_is_made_listed_and_revoked() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let make = ["management-keys", "create", "--name", "ci", "--scopes", "keys:read,usage:read"];
    let value = printed(&stage, &make).await?;
    ensure!(value.starts_with("mk-") && value.lines().count() == 1, "{value}");
    let asked = async |verb: &[&str]| {
        let mut command = asking(&stage, verb);
        command.env("TOLLKEEPER_MANAGEMENT_KEY", value.trim());
        anyhow::Ok(command.output().await?)
    };
    ensure!(asked(&["keys", "list"]).await?.status.success());
    let output = asked(&["users", "list"]).await?;
    ensure!(!output.status.success() && said(&output).contains("403"), "{}", said(&output));

    let listed = told(&stage, &["management-keys", "list"]).await?;
    ensure!(listed["data"][0]["name"] == "ci", "{listed}");
    let id = text(&listed, "/data/0/id")?;
    refused(&stage, &["management-keys", "revoke", id], "--yes").await?;
    printed(&stage, &["management-keys", "revoke", id, "--yes"]).await?;
    let output = asked(&["keys", "list"]).await?;
    ensure!(!output.status.success() && said(&output).contains("401"), "{}", said(&output));
    let odd = ["management-keys", "create", "--name", "x", "--scopes", "keys:read,everything"];
    refused(&stage, &odd, "\n  --scopes: Expected one of").await
}
