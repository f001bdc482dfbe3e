//! What is no site's database is refused in words, and nothing is made.

use anyhow::ensure;
use http::Method;
use serde_json::json;

use super::new_api::{IMPORT, send};
use crate::stage::{Stage, old_site};

#[tokio::test]
async fn what_is_no_site_is_refused_and_nothing_is_made() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let file = old_site::new_api(directory.path(), &stage.provider.base_url()).await?;
    let whole = std::fs::read(file)?;
    let ours = std::fs::read(stage.gateway.data().join("tollkeeper.db"))?;
    let mut damaged = whole.clone();
    for byte in damaged.iter_mut().skip(4_096).take(8_192) {
        *byte = 0xa5;
    }
    for (what, file) in [
        ("nothing", Vec::new()),
        ("JSON", br#"{"users": []}"#.to_vec()),
        ("half of it", whole[..whole.len() / 2].to_vec()),
        ("all but a byte", whole[..whole.len() - 1].to_vec()),
        ("damaged", damaged),
        ("Tollkeeper's own", ours),
    ] {
        let answer = send(&stage, "", file).await?;
        let (status, code) = (answer.status.as_u16(), answer.json()?["code"].clone());
        ensure!(status == 422 && code == "not_a_site", "{what}: {status} {}", answer.text());
    }
    let users = stage.management.get("/api/v1/users").await?.success()?.json()?;
    ensure!(users["data"].as_array().map(Vec::len) == Some(2), "{users}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let answer = send(&stage, "?dry_run=true", vec![7; (64 << 20) + 1]).await?;
    ensure!(answer.status == 413, "{} {}", answer.status, answer.text());
    ensure!(answer.json()?["code"] == "request_too_large");
    Ok(())
}

#[tokio::test]
async fn a_file_is_sent_as_one_by_an_owner() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let answer = stage.management.post_json(IMPORT, &json!({})).await?;
    ensure!(answer.status == 415, "{}", answer.text());
    let answer = send(&stage, "?dry_run=perhaps&rows=-1&other=1", Vec::new()).await?;
    ensure!(answer.status == 422 && answer.json()?["errors"].as_array().map(Vec::len) == Some(3));
    let answer = stage.client.send(Method::POST, IMPORT, "x").await?;
    ensure!(answer.status == 401, "{}", answer.text());
    let admin = json!({"name": "a", "role": "admin"});
    let made = stage.management.post_json("/api/v1/users", &admin).await?.success()?.json()?;
    let admin = made["id"].clone();
    let key = json!({"name": "a", "owner": admin, "scopes": ["system:write"]});
    let key =
        stage.management.post_json("/api/v1/management-keys", &key).await?.success()?.json()?;
    let admin = stage.client.bearer(key["key"].as_str().unwrap_or_default())?;
    let admin = admin.header("content-type", "application/octet-stream")?;
    let answer = admin.send(Method::POST, IMPORT, "x").await?;
    ensure!(answer.status == 403 && answer.json()?["code"] == "owner_only", "{}", answer.text());
    Ok(())
}
