//! A key is changed, and before the change could be read back the database fails.

use anyhow::ensure;
use serde_json::json;
use sqlx::{AnyConnection, Connection};

use crate::stage::{Stage, request, scripted};

#[tokio::test]
async fn a_revoked_key_makes_no_call_although_its_change_could_not_be_read_back()
-> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let slow = json!({"output_tokens": 300, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    stream.next().await?;

    // Reading a key for its calls needs this table, revoking it does not.
    alter(&stage, "ALTER TABLE previous_key_values RENAME TO away").await?;
    let path = format!("/v1/api-keys/{}/revoke", stage.key.id);
    let answer = stage.management.post_json(&path, &json!({})).await?;
    ensure!(answer.status == 503, "{} {}", answer.status, answer.text());
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.status == 503, "{} {}", refused.status, refused.text());
    ensure!(refused.code().as_deref() == Some("books_unavailable"), "{}", refused.text());

    // Nobody uses the key again, and still what it began ends.
    alter(&stage, "ALTER TABLE away RENAME TO previous_key_values").await?;
    let (events, _) = stream.until_end_or_break().await;
    ensure!(events.len() < 290, "its call ran on: {} events", events.len());
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    stage.calls_when(2).await?;
    stage.audit().await
}

async fn alter(stage: &Stage, sql: &'static str) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", stage.gateway.data().join("tollkeeper.db").display());
    let mut database = AnyConnection::connect(&url).await?;
    sqlx::query("PRAGMA busy_timeout = 10000").execute(&mut database).await?;
    sqlx::query(sql).execute(&mut database).await?;
    Ok(database.close().await?)
}
