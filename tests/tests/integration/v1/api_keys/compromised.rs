//! `POST /v1/api-keys/{id}/compromised`: the key ends with its calls, and the books stay exact.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::Key;

use crate::stage::{Stage, cost, nanos, request, scripted};

fn path(stage: &Stage) -> String {
    format!("/v1/api-keys/{}/compromised", stage.key.id)
}

/// The key that an answer says was made in the leaked one's place.
fn replacement(answer: &Value) -> anyhow::Result<Key> {
    let text = |name: &str| {
        let text = answer["replacement"][name].as_str();
        text.map(str::to_owned).with_context(|| format!("no {name} in {answer}"))
    };
    Ok(Key { id: text("id")?, secret: text("key")? })
}

#[tokio::test]
async fn a_stream_under_way_is_cut_and_its_calls_can_be_refunded() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let before = stage.ask(&scripted(json!({"output_tokens": 10}), json!({}))).await?.success()?;
    let slow = json!({"output_tokens": 90, "chunk_delay_ms": 100});
    let mut stream = stage.ask_stream(&scripted(slow, json!({"stream": true}))).await?;
    for _ in 0..5 {
        stream.next().await?;
    }
    let management = stage.management.header("idempotency-key", "one")?;
    let body = json!({"replace": true, "note": "pasted in a chat"});
    let done = management.post_json(&path(&stage), &body).await?.success()?.json()?;
    let (events, _) = stream.until_end_or_break().await;
    ensure!(events.len() < 40, "{} events came after it", events.len());
    let last = events.last().context("no event")?.json();
    ensure!(last["error"]["code"] == "key_revoked", "{last}");

    // The report has the call that was cut, charged for what was delivered.
    let report = &done["report"];
    ensure!(report["calls"] == 2 && report["under_way"] == 0, "{report}");
    ensure!(done["key"]["status"] == "revoked" && nanos(&done["key"]["reserved"]) == 0, "{done}");
    ensure!(report["addresses"][0]["value"] == "127.0.0.1", "{report}");
    ensure!(report["addresses"][0]["new"] == true && report["compared_with"] == 0, "{report}");
    let charged = nanos(&report["cost"]);
    ensure!(charged > cost(0, 10) && charged < cost(0, 110), "{report}");
    ensure!(nanos(&done["key"]["used"]) == charged, "{done}");

    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    let new = replacement(&done)?;
    stage.chat(&new, &request(json!({}))).await?.success()?;
    let again = management.post_json(&path(&stage), &body).await?.success()?.json()?;
    ensure!(again["replacement"] == json!({"id": new.id, "key": null}), "{again}");

    let call = before.header("x-request-id").context("no id")?;
    let partly = json!({"amount": "0.000001", "reason": "one of them"});
    let refund = format!("/api/v1/calls/{call}/refund");
    stage.management.post_json(&refund, &partly).await?.success()?;
    let all = json!({"since": report["since"], "reason": "leaked"});
    let refund = format!("/v1/api-keys/{}/refund", stage.key.id);
    let refunded = stage.management.post_json(&refund, &all).await?.success()?.json()?;
    ensure!(refunded["calls"] == 2, "{refunded}");
    ensure!(nanos(&refunded["amount"]) == charged - 1_000, "{refunded}");
    for call in stage.calls().await? {
        let given_back =
            if call["key_id"] == new.id.as_str() { 0 } else { nanos(&call["charged"]) };
        ensure!(nanos(&call["refunded"]) == given_back, "{call}");
    }
    let nothing = stage.management.post_json(&refund, &all).await?.success()?.json()?;
    ensure!(nothing["calls"] == 0 && nothing["id"].is_null(), "{nothing}");
    // What the key's own limits count stays as it was.
    ensure!(nanos(&stage.key_state(&stage.key).await?["used"]) == charged);
    stage.audit().await
}

#[tokio::test]
async fn a_frozen_balance_pays_for_nothing_until_it_is_thawed() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = json!({"replace": true, "freeze_balance": true});
    let done = stage.management.post_json(&path(&stage), &body).await?.success()?.json()?;
    ensure!(done["frozen"] == true, "{done}");
    let new = replacement(&done)?;
    let refused = stage.chat(&new, &request(json!({}))).await?;
    ensure!(refused.status == 402, "{}", refused.text());
    ensure!(refused.code().as_deref() == Some("balance_frozen"), "{}", refused.text());
    let holder = stage.client.bearer(&new.secret)?;
    for (path, body) in [
        ("/v1/messages", json!({"model": "sim-small", "max_tokens": 5, "messages": []})),
        ("/v1/responses", json!({"model": "sim-small", "input": "x"})),
        ("/v1beta/models/sim-small:generateContent", json!({"contents": []})),
    ] {
        let refused = holder.post_json(path, &body).await?;
        let text = refused.text();
        ensure!(refused.status == 402 && text.contains("frozen"), "{path}: {text}");
        let code = text.contains("balance_frozen") || text.contains("BALANCE_FROZEN");
        ensure!(code, "{path}: {text}");
    }
    // What costs nothing can still be read.
    for path in ["/v1/models", "/v1/usage", "/v1/key"] {
        holder.get(path).await?.success()?;
    }
    let path = format!("/api/v1/users/{}/thaw", stage.user);
    stage.management.post_json(&path, &json!({})).await?.success()?;
    stage.chat(&new, &request(json!({}))).await?.success()?;
    stage.audit().await
}

/// However many answers are on their way, the report has them all.
#[tokio::test]
async fn every_answer_on_its_way_is_cut() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let fast = json!({"output_tokens": 99, "chunk_delay_ms": 5});
    let body = scripted(fast, json!({"stream": true}));
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut stream = stage.ask_stream(&body).await?;
        stream.next().await?;
        streams.push(stream);
    }
    let done = stage.management.post_json(&path(&stage), &json!({})).await?.success()?.json()?;
    ensure!(done["report"]["calls"] == 8 && done["report"]["under_way"] == 0, "{done}");
    for mut stream in streams {
        stream.until_end_or_break().await;
    }
    ensure!(stage.calls().await?.len() == 8);
    stage.audit().await
}
