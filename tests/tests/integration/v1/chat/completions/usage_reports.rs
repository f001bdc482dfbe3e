//! What the upstream says of its usage: the truth, nothing, or nonsense.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::stage::{BALANCE, INPUT, OUTPUT, PROMPT_TOKENS, Stage, cost, merged, nanos, scripted};

#[tokio::test]
async fn a_whole_answer_is_billed_by_the_upstreams_count() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let script = json!({"output_tokens": 42, "prompt_tokens": 17, "reasoning_tokens": 8});
    stage.ask(&scripted(script.clone(), json!({}))).await?.success()?;
    let stream = scripted(script, json!({"stream": true}));
    stage.ask_stream(&stream).await?.rest().await?;
    for call in stage.calls_when(2).await? {
        ensure!(nanos(&call["cost"]) == cost(17, 50), "{call}");
        ensure!(call["usage_source"] == "upstream_final" && call["suspect"] == false, "{call}");
        ensure!(call["outcome"] == "completed" && call["usage"]["output"] == 50, "{call}");
    }
    let user = stage.user_state().await?;
    ensure!(nanos(&user["balance"]) == BALANCE - 2 * cost(17, 50), "{user}");
    stage.audit().await
}

#[tokio::test]
async fn cached_input_has_its_own_price() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("sim-large", json!({"input": "3", "cached_input": "0.3", "output": 15})).await?;
    stage.world.channel(&["sim-large"]).await?;
    let script = json!({"prompt_tokens": 100, "cached_tokens": 64, "output_tokens": 10});
    stage.ask(&scripted(script, json!({"model": "sim-large"}))).await?.success()?;
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == 36 * 3_000 + 64 * 300 + 10 * 15_000, "{call}");
    ensure!(call["usage"]["cached_input"] == 64 && call["usage"]["input"] == 36, "{call}");
    stage.audit().await
}

/// 7 tokens at a thousandth of a cent a million: the sum is rounded up, once.
#[tokio::test]
async fn a_charge_is_rounded_up_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.price("sim-large", json!({"input": "0.0001", "output": "0.0001"})).await?;
    stage.world.channel(&["sim-large"]).await?;
    let script = json!({"prompt_tokens": 4, "output_tokens": 7});
    stage.ask(&scripted(script, json!({"model": "sim-large"}))).await?.success()?;
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == 2, "11 × 0.1 nano-USD: {call}");
    stage.audit().await
}

#[tokio::test]
async fn an_explicit_zero_is_zero() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let usage = json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0});
    stage.ask(&scripted(json!({"usage_override": usage}), json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == 0 && call["usage_source"] == "upstream_final", "{call}");
    ensure!(call["suspect"] == false, "{call}");
    stage.audit().await
}

/// Nonsense, each of which is estimated: never negative, never above what the call could cost.
fn lies() -> Vec<Value> {
    vec![
        Value::Null,
        json!({}),
        json!([]),
        json!("NaN"),
        json!(12),
        json!({"prompt_tokens": -6, "completion_tokens": 20, "total_tokens": 14}),
        json!({"prompt_tokens": 6, "completion_tokens": -20, "total_tokens": -14}),
        json!({"prompt_tokens": "6", "completion_tokens": "20", "total_tokens": "26"}),
        json!({"prompt_tokens": 6.5, "completion_tokens": 20, "total_tokens": 26.5}),
        json!({"prompt_tokens": "NaN", "completion_tokens": 20}),
        json!({"prompt_tokens": 1e308, "completion_tokens": 20}),
        json!({"prompt_tokens": u64::MAX, "completion_tokens": 20}),
        json!({"prompt_tokens": 9_223_372_036_854_775_807_u64, "completion_tokens": 1}),
        json!({"prompt_tokens": 6, "completion_tokens": 1_000_000_000, "total_tokens": 1_000_000_006}),
        json!({"prompt_tokens": 1_000_000_000, "completion_tokens": 20}),
        json!({"prompt_tokens": true, "completion_tokens": false}),
        json!({"prompt_tokens": 6, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 7}}),
        json!({"prompt_tokens": 6, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": -7}}),
        json!({"completion_tokens": 20}),
    ]
}

#[tokio::test]
async fn a_lying_json_answer_is_estimated_and_suspect() -> anyhow::Result<()> {
    estimated_and_suspect(lies().into_iter().map(|lie| json!({"usage_override": lie})), false).await
}

#[tokio::test]
async fn a_lying_stream_is_estimated_and_suspect() -> anyhow::Result<()> {
    estimated_and_suspect(lies().into_iter().map(|lie| json!({"usage_override": lie})), true).await
}

#[tokio::test]
async fn an_answer_without_usage_is_estimated_and_suspect() -> anyhow::Result<()> {
    estimated_and_suspect([json!({"omit_usage": true})], false).await
}

#[tokio::test]
async fn a_stream_without_usage_is_estimated_and_suspect() -> anyhow::Result<()> {
    estimated_and_suspect([json!({"omit_usage": true})], true).await
}

/// However much the limits leave: an absurd report is not believed because it could be paid.
#[tokio::test]
async fn an_absurd_report_is_not_believed_of_the_rich_either() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.edit_user(json!({"credit": "unlimited"})).await?;
    let lie = json!({"prompt_tokens": 6, "completion_tokens": 1_000_000_000});
    let script = json!({"output_tokens": 20, "usage_override": lie});
    for stream in [false, true] {
        stage.ask(&scripted(script.clone(), json!({"stream": stream}))).await?.success()?;
    }
    for call in stage.calls_when(2).await? {
        ensure!(nanos(&call["cost"]) <= 1_000 * INPUT + 100 * OUTPUT, "{call}");
        ensure!(call["usage_source"] == "estimated" && call["suspect"] == true, "{call}");
    }
    stage.audit().await
}

async fn estimated_and_suspect(
    scripts: impl IntoIterator<Item = Value>,
    stream: bool,
) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut count = 0;
    for script in scripts {
        let script = merged(json!({"output_tokens": 20}), script);
        let body = scripted(script, json!({"stream": stream}));
        let answer = stage.ask(&body).await?;
        ensure!(answer.status == 200, "{body}: {}", answer.text());
        count += 1;
    }
    for call in stage.calls_when(count).await? {
        ensure!(call["usage_source"] == "estimated" && call["suspect"] == true, "{call}");
        let (charged, most) = (nanos(&call["cost"]), 1_000 * INPUT + 100 * OUTPUT);
        ensure!(charged > 0 && charged <= most, "{call}");
        ensure!(call["outcome"] == "completed", "{call}");
    }
    stage.audit().await
}

/// The caller's maximum is ignored: within all limits, the upstream's count is the bill.
#[tokio::test]
async fn more_output_than_was_asked_for_is_billed_while_limits_leave_it() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let script = json!({"output_tokens": 30, "ignore_max": true});
    for stream in [false, true] {
        let body = scripted(script.clone(), json!({"max_tokens": 5, "stream": stream}));
        stage.ask(&body).await?.success()?;
    }
    for call in stage.calls_when(2).await? {
        ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 30), "{call}");
    }
    stage.audit().await
}

/// The rest above a limit is the operator's: the key never goes above its quota.
#[tokio::test]
async fn more_output_than_the_quota_leaves_is_not_charged() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "0.0006"})).await?;
    let script = json!({"output_tokens": 400, "ignore_max": true, "prompt_tokens": 200});
    let body = scripted(script, json!({"max_tokens": 50}));
    stage.ask(&body).await?;
    stage.calls_when(1).await?;
    let key = stage.key_state(&stage.key).await?;
    ensure!(nanos(&key["used"]) <= 600_000 && nanos(&key["remaining"]) >= 0, "{key}");
    crate::stage::verify(stage.gateway.data()).await
}

/// A stream that outgrows what every limit leaves is ended by the gateway.
#[tokio::test]
async fn a_stream_that_outgrows_the_quota_is_ended() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"quota": "0.002"})).await?;
    let script = json!({"output_tokens": 4000, "ignore_max": true});
    let body = scripted(script, json!({"max_tokens": 50, "stream": true}));
    let (events, _) = stage.ask_stream(&body).await?.until_end_or_break().await;
    let last = events.last().map(|event| event.json()).unwrap_or_default();
    ensure!(last["error"]["code"] == "key_quota_exhausted", "{last}");
    ensure!(events.len() < 4_000, "{} events", events.len());
    stage.calls_when(1).await?;
    let key = stage.key_state(&stage.key).await?;
    ensure!(nanos(&key["used"]) <= 2_000_000, "{key}");
    crate::stage::verify(stage.gateway.data()).await
}

/// Some upstreams end a stream without `[DONE]`.
#[tokio::test]
async fn a_stream_without_done_is_whole() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let script = json!({"output_tokens": 20, "no_done": true});
    let events = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?.rest().await?;
    ensure!(events.iter().all(|event| event.json().get("error").is_none()), "{events:?}");
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 20), "{call}");
    ensure!(call["outcome"] == "completed", "{call}");
    stage.audit().await
}

/// Bytes may come in any pieces: single ones, amid a character, amid a line.
#[tokio::test]
async fn an_answer_in_single_bytes_is_read_the_same() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let words = json!([{"role": "user", "content": "你好吗 now"}]);
    let mut seen = Vec::new();
    for split in [json!(null), json!(1), json!(3)] {
        let script = merged(json!({"output_tokens": 20}), json!({"split_bytes": split}));
        let body = scripted(script, json!({"stream": true, "messages": words}));
        let events = stage.ask_stream(&body).await?.rest().await?;
        let texts: Vec<Value> = events.iter().map(|e| e.json()["choices"].clone()).collect();
        seen.push(texts);
    }
    ensure!(seen.windows(2).all(|pair| pair.first() == pair.last()), "{seen:?}");
    for call in stage.calls_when(3).await? {
        ensure!(nanos(&call["cost"]) == cost(5, 20), "{call}");
    }
    stage.audit().await
}

/// Several answers to one prompt are all billed.
#[tokio::test]
async fn every_choice_is_billed() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for stream in [false, true] {
        let body = scripted(json!({"output_tokens": 10}), json!({"n": 3, "stream": stream}));
        stage.ask(&body).await?.success()?;
    }
    for call in stage.calls_when(2).await? {
        ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 30), "{call}");
    }
    stage.audit().await
}
