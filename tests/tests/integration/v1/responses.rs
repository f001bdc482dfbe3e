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

/// Whatever else a provider may keep under an id is nobody's here.
#[tokio::test]
async fn ids_of_other_things_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let holder = stage.holder()?;
    let said = |part: Value| json!({"input": [{"role": "user", "content": [part]}]});
    for more in [
        json!({"previous_response_id": "resp_68e0f1"}),
        json!({"conversation": "conv_68e0f1"}),
        json!({"conversation": {"id": "conv_68e0f1"}}),
        json!({"prompt": {"id": "pmpt_68e0f1"}}),
        json!({"input": [{"type": "item_reference", "id": "msg_68e0f1"}]}),
        json!({"input": [{"type": "reasoning", "id": "rs_68e0f1", "summary": []}]}),
        said(json!({"type": "input_file", "file_id": "file-68e0f1"})),
        said(json!({"type": "input_image", "file_id": "file-68e0f1"})),
        json!({"tools": [{"type": "file_search", "vector_store_ids": ["vs_68e0f1"]}]}),
        json!({"tools": [{"type": "code_interpreter", "container": "cntr_68e0f1"}]}),
    ] {
        let answer = holder.post_json("/v1/responses", &request(&more)).await?;
        ensure!(answer.status == 404, "{more}: {} {}", answer.status, answer.text());
        ensure!(answer.code().as_deref() == Some("stored_object_not_found"), "{}", answer.text());
        ensure!(answer.header("x-should-retry") == Some("false"), "{:?}", answer.headers);
    }
    ensure!(stage.provider.totals().received == 0);
    stage.audit().await
}

/// OpenAI's own guide sends the output items back as they came, thoughts with their ids and nothing
/// else in them: the provider keeps those, for the one who made them.
#[tokio::test]
async fn thoughts_go_back_by_their_ids() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let price = json!({"input": 1, "output": 2, "context_window": 8000, "max_output": 1000});
    stage.price(MODEL, price).await?;
    let thinking = json!({"thoughts": "let me see ", "tool_use": {}});
    let script = serde_json::from_value(thinking)?;
    stage.provider.script(testkit::provider::Matcher::any(), script);
    let tool = json!({"type": "function", "name": "weather", "parameters": {"type": "object"}});
    let first = json!({"tools": [tool], "reasoning": {"effort": "low"}});
    let maker = stage.holder()?;
    let answer = maker.post_json("/v1/responses", &request(&first)).await?.success()?.json()?;
    let mut input = vec![json!({"role": "user", "content": "Say hello."})];
    input.extend(answer["output"].as_array().cloned().unwrap_or_default());
    let call = input.iter().find(|item| item["type"] == "function_call").cloned();
    let id = call.map(|call| call["call_id"].clone()).unwrap_or_default();
    ensure!(input.iter().any(|item| item["type"] == "reasoning"), "{answer}");
    input.push(json!({"type": "function_call_output", "call_id": id, "output": "mild"}));
    let mut second = first;
    second["input"] = json!(input);
    let answer = maker.post_json("/v1/responses", &request(&second)).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    let stranger = stage.world.key(json!({"owner": stage.world.user("10").await?})).await?;
    let stranger = stage.client.bearer(&stranger.secret)?;
    let refused = stranger.post_json("/v1/responses", &request(&second)).await?;
    ensure!(refused.status == 404, "{}", refused.text());
    stage.audit().await
}
