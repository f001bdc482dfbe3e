//! `/v1/responses/{id}` and `previous_response_id`: what a provider keeps is its maker's alone.

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::client::Client;

use crate::stage::{MODEL, Stage};

fn request(more: &Value) -> Value {
    let mut body = json!({"model": MODEL, "input": "Say hello.", "max_output_tokens": 50});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

async fn made(client: &Client, more: &Value) -> anyhow::Result<String> {
    let answer = client.post_json("/v1/responses", &request(more)).await?.success()?.json()?;
    ensure!(answer["status"] == "completed", "{answer}");
    Ok(answer["id"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_response_is_read_and_deleted_by_its_maker() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let maker = stage.holder()?;
    let id = made(&maker, &json!({"store": true})).await?;
    let path = format!("/v1/responses/{id}");
    let read = maker.get(&path).await?.success()?.json()?;
    ensure!(read["id"] == id.as_str(), "{read}");
    maker.delete(&path).await?.success()?;
    ensure!(maker.get(&path).await?.status == 404);
    ensure!(stage.calls().await?.len() == 1, "reading costs nothing");
    Ok(())
}

#[tokio::test]
async fn a_conversation_goes_on_from_a_response_of_ones_own() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let maker = stage.holder()?;
    let id = made(&maker, &json!({"store": true})).await?;
    // The books know no bound for what is not in the body unless the model's longest input is known.
    stage
        .price(MODEL, json!({"input": 1, "output": 2, "context_window": 8000, "max_output": 1000}))
        .await?;
    let next = made(&maker, &json!({"previous_response_id": id})).await?;
    ensure!(next != id, "{next}");
    Ok(())
}

#[tokio::test]
async fn a_streamed_response_is_bound_as_well() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let maker = stage.holder()?;
    let mut stream =
        maker.stream("/v1/responses", &request(&json!({"stream": true, "store": true}))).await?;
    let mut id = String::new();
    while let Some(event) = stream.next().await? {
        let event: Value = serde_json::from_str(&event.data)?;
        if let Some(known) = event["response"]["id"].as_str() {
            id = known.to_owned();
        }
    }
    maker.get(&format!("/v1/responses/{id}")).await?.success()?;
    Ok(())
}

#[tokio::test]
async fn nobody_else_reaches_a_response() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let id = made(&stage.holder()?, &json!({"store": true})).await?;
    let stranger = stage.world.user("10").await?;
    let key = stage.world.key(json!({"name": "other", "owner": stranger})).await?;
    let other = stage.client.bearer(&key.secret)?;
    for answer in [
        other.get(&format!("/v1/responses/{id}")).await?,
        other.delete(&format!("/v1/responses/{id}")).await?,
        other.post_json("/v1/responses", &request(&json!({"previous_response_id": id}))).await?,
    ] {
        ensure!(answer.status == 404, "{}", answer.text());
        ensure!(answer.code().as_deref() == Some("stored_object_not_found"), "{}", answer.text());
    }
    // It is still its maker's.
    stage.holder()?.get(&format!("/v1/responses/{id}")).await?.success()?;
    Ok(())
}
