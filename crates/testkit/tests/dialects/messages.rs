//! Messages: shapes, events, counts, signatures, and what it refuses.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::ProviderConfig;

use super::stage::{MESSAGES, Stage, message, messages};

fn thinking() -> Value {
    json!({"type": "enabled", "budget_tokens": 1_024})
}

fn bash() -> Value {
    json!([{"name": "Bash", "input_schema": {"type": "object", "required": ["command"]}}])
}

#[tokio::test]
async fn json_has_anthropics_shape() -> anyhow::Result<()> {
    let script = json!({"usage": {"input": 5, "cached": 4, "cache_write": 3, "cache_write_1h": 2, "output": 6}});
    let stage = Stage::scripted(script).await?;
    let answer = stage.post(MESSAGES, &messages(json!({}))).await?;
    assert_eq!((&answer["type"], &answer["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(answer["stop_reason"], "end_turn");
    assert_eq!(answer["content"][0]["type"], "text");
    let usage = &answer["usage"];
    assert_eq!(usage["input_tokens"], 5);
    assert_eq!(usage["cache_read_input_tokens"], 4);
    assert_eq!(usage["cache_creation_input_tokens"], 5);
    assert_eq!(usage["cache_creation"]["ephemeral_5m_input_tokens"], 3);
    assert_eq!(usage["cache_creation"]["ephemeral_1h_input_tokens"], 2);
    assert_eq!(usage["output_tokens"], 6);
    Ok(())
}

#[tokio::test]
async fn a_stream_opens_fills_and_closes_each_block() -> anyhow::Result<()> {
    let script =
        json!({"thoughts": "Let me see.", "tool_use": {"say": "At once.", "command": "ls"}});
    let stage = Stage::scripted(script).await?;
    let body = messages(json!({"stream": true, "thinking": thinking(), "tools": bash()}));
    let events = stage.events(MESSAGES, &body).await?;
    assert!(events.iter().all(|event| event.json()["type"] == event.name.as_str()));
    let mut names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    names.dedup();
    let block = ["content_block_start", "content_block_delta", "content_block_stop"];
    let first = ["message_start", block[0], "ping", block[1], block[2]];
    let last = ["message_delta", "message_stop"];
    assert_eq!(names, [&first[..], &block, &block, &last].concat());
    let start = &events[0].json()["message"];
    assert_eq!(start["usage"]["output_tokens"], 1);
    assert!(start["usage"]["input_tokens"].as_u64() > Some(1));
    let of = |kind: &str, field: &str| -> String {
        let deltas = events.iter().map(|event| event.json()["delta"].clone());
        let of_kind = deltas.filter(|delta| delta["type"] == kind);
        of_kind.filter_map(|delta| delta[field].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(of("thinking_delta", "thinking"), "Let me see.");
    assert!(!of("signature_delta", "signature").is_empty());
    assert_eq!(of("text_delta", "text"), "At once.");
    let input: Value = serde_json::from_str(&of("input_json_delta", "partial_json"))?;
    assert_eq!(input["command"], "ls");
    let end = events[events.len() - 2].json();
    assert_eq!(end["delta"]["stop_reason"], "tool_use");
    assert!(end["usage"]["output_tokens"].as_u64() > Some(5));
    Ok(())
}

#[tokio::test]
async fn thinks_only_when_asked_to() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"thoughts": "Let me see."})).await?;
    let silent = stage.post(MESSAGES, &messages(json!({}))).await?;
    assert_eq!(silent["content"][0]["type"], "text");
    let omitted = json!({"thinking": {"type": "adaptive", "display": "omitted"}});
    let omitted = stage.post(MESSAGES, &messages(omitted)).await?;
    assert_eq!(omitted["content"][0]["thinking"], "");
    assert!(omitted["content"][0]["signature"].is_string());
    Ok(())
}

#[tokio::test]
async fn counts_tokens_as_it_bills_them() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let mut body = messages(json!({"system": "Be brief."}));
    let billed = stage.post(MESSAGES, &body).await?["usage"]["input_tokens"].clone();
    body.as_object_mut().unwrap().remove("max_tokens");
    let counted = stage.post("/v1/messages/count_tokens", &body).await?;
    assert_eq!(counted["input_tokens"], billed);
    assert_eq!(stage.books()?.requests.len(), 1);
    Ok(())
}

#[tokio::test]
async fn signatures_come_back_untouched_or_are_refused() -> anyhow::Result<()> {
    let script = json!({"thoughts": "Let me see.", "tool_use": {}});
    let stage = Stage::scripted(script).await?;
    let first = messages(json!({"thinking": thinking(), "tools": bash()}));
    let said = stage.post(MESSAGES, &first).await?["content"].clone();
    let result = json!({"type": "tool_result", "tool_use_id": said[1]["id"], "content": "42"});
    let second = |said: &Value| {
        let turns = json!([
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": said},
            {"role": "user", "content": [result]},
        ]);
        messages(json!({"thinking": thinking(), "tools": bash(), "messages": turns}))
    };
    let answer = stage.post(MESSAGES, &second(&said)).await?;
    assert_eq!(answer["content"][1]["text"], "The tool said: 42");

    let mut forged = said.clone();
    forged[0]["thinking"] = json!("Let me look.");
    let refused = stage.refused(MESSAGES, &second(&forged)).await?;
    assert_eq!(refused, "messages.1.content.0: Invalid `signature` in `thinking` block");

    let refused = stage.refused(MESSAGES, &second(&json!([said[1]]))).await?;
    assert!(refused.contains("Expected `thinking` or `redacted_thinking`"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn refuses_what_anthropic_refuses() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let user = json!({"role": "user", "content": "x"});
    let called = json!({"role": "assistant", "content": [
        {"type": "tool_use", "id": "t1", "name": "Bash", "input": {}},
    ]});
    let result = |id: &str| json!({"type": "tool_result", "tool_use_id": id, "content": "x"});
    let late = json!({"role": "user", "content": [{"type": "text", "text": "x"}, result("t1")]});
    let marked = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    let wrong = [
        (json!({"n": 2}), "n: Extra inputs are not permitted"),
        (json!({"max_tokens": null}), "max_tokens: Field required"),
        (json!({"max_tokens": "5"}), "max_tokens: Input should be a valid integer"),
        (json!({"context_management": {}}), "context_management: Extra inputs"),
        (json!({"messages": [{"role": "system", "content": "x"}]}), "Unexpected role \"system\""),
        (
            json!({"messages": [{"role": "tool", "content": "x"}]}),
            "messages.0.role: Input should be",
        ),
        (json!({"messages": [{"role": "assistant", "content": "x"}]}), "first message must use"),
        (json!({"messages": [{"role": "user", "content": ""}]}), "non-empty content"),
        (json!({"messages": [user, called]}), "without `tool_result` blocks immediately after: t1"),
        (json!({"messages": [user, called, late]}), "without `tool_result` blocks immediately"),
        (
            json!({"messages": [{"role": "user", "content": [result("t9")]}]}),
            "unexpected `tool_use_id`",
        ),
        (json!({"tools": [{"name": "f"}]}), "tools.0.custom.input_schema: Field required"),
        (json!({"tools": [{"input_schema": {}}]}), "tools.0.custom.name: Field required"),
        (json!({"tool_choice": {"type": "auto"}}), "while providing tools"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 9_000}}), "must be greater than"),
        (json!({"temperature": 1.5}), "temperature: Input should be between 0 and 1"),
        (json!({"system": [marked, marked, marked, marked, marked]}), "A maximum of 4 blocks"),
    ];
    for (fields, expected) in wrong {
        let message = stage.refused(MESSAGES, &messages(fields.clone())).await?;
        assert!(message.contains(expected), "{fields}: {message}");
    }
    let good = json!({"messages": [user, called, {"role": "user", "content": [result("t1")]}]});
    stage.post(MESSAGES, &messages(good)).await?;
    Ok(())
}

#[tokio::test]
async fn takes_what_claude_code_sends() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let betas =
        "claude-code-20250219,context-management-2025-06-27,mid-conversation-system-2026-04-07";
    let cached = json!({"type": "ephemeral"});
    let body = json!({
        "model": "claude-opus-4-8",
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "<system-reminder>"},
                {"type": "text", "text": "say hi", "cache_control": cached},
            ]},
            {"role": "system", "content": "Available agent types"},
        ],
        "system": [{"type": "text", "text": "You are an agent.", "cache_control": cached}],
        "tools": bash(),
        "metadata": {"user_id": "{\"session_id\":\"1\"}"},
        "max_tokens": 64_000,
        "thinking": {"type": "adaptive"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
        "stream": true,
    });
    let client = stage.client.header("anthropic-beta", betas)?;
    let events = client.stream("/v1/messages?beta=true", &body).await?.rest().await?;
    assert_eq!(events.last().unwrap().name, "message_stop");
    let text: String = events
        .iter()
        .filter_map(|it| it.json()["delta"]["text"].as_str().map(str::to_owned))
        .collect();
    assert!(text.contains("“say hi”"));
    let there = stage.client.send(http::Method::HEAD, "/", "").await?;
    assert_eq!(there.status, 200);
    Ok(())
}

#[tokio::test]
async fn asks_for_its_own_headers() -> anyhow::Result<()> {
    let stage = Stage::with(ProviderConfig::default().require_secret("s")).await?;
    let body = messages(json!({}));
    let missing = stage.client.post_json(MESSAGES, &body).await?;
    assert_eq!(
        (missing.status.as_u16(), message(&missing)),
        (401, "x-api-key header is required".to_owned())
    );
    assert_eq!(missing.json()?["error"]["type"], "authentication_error");
    stage.client.header("x-api-key", "s")?.post_json(MESSAGES, &body).await?.success()?;
    stage.client.bearer("s")?.post_json(MESSAGES, &body).await?.success()?;
    let unversioned = Client::new(stage.provider.base_url()).bearer("s")?;
    let refused = unversioned.post_json(MESSAGES, &body).await?;
    assert_eq!(message(&refused), "anthropic-version: header is required");
    let models = stage.client.bearer("s")?.get("/v1/models").await?.json()?;
    assert_eq!(models["data"][0]["type"], "model");
    assert_eq!(models["last_id"], "sim-large");
    Ok(())
}
