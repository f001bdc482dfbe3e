//! Chat Completions: thoughts, tool calls, and what it refuses when it is strict.

use serde_json::{Value, json};

use super::stage::{CHAT, Stage, chat};
use testkit::provider::ProviderConfig;

#[tokio::test]
async fn thoughts_and_calls_in_json_and_streams() -> anyhow::Result<()> {
    let call = json!({"name": "weather", "arguments": {"city": "Bern"}});
    let script = json!({"thoughts": "Let me see.", "tool_use": {"calls": [call]}});
    let stage = Stage::scripted(script).await?;
    let function = json!({"name": "weather", "parameters": {"type": "object"}});
    let tools = json!([{"type": "function", "function": function}]);
    let answer = stage.post(CHAT, &chat(json!({"tools": tools}))).await?;
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    assert_eq!(choice["message"]["reasoning_content"], "Let me see.");
    assert_eq!(choice["message"]["tool_calls"][0]["function"]["name"], "weather");
    assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 3);

    let events = stage.events(CHAT, &chat(json!({"tools": tools, "stream": true}))).await?;
    let deltas: Vec<Value> =
        events.iter().map(|event| event.json()["choices"][0]["delta"].clone()).collect();
    let arguments: String = deltas
        .iter()
        .filter_map(|delta| delta["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, r#"{"city":"Bern"}"#);
    let first = deltas.iter().find(|delta| delta["tool_calls"].is_array()).unwrap();
    assert_eq!(first["tool_calls"][0]["index"], 0);
    assert!(first["tool_calls"][0]["id"].as_str().unwrap().starts_with("call_"));
    Ok(())
}

#[tokio::test]
async fn is_strict_when_told_to_be() -> anyhow::Result<()> {
    let lenient = Stage::start().await?;
    lenient.post(CHAT, &chat(json!({"unheard_of": 1}))).await?;

    let stage = Stage::with(ProviderConfig::default().strict(true)).await?;
    let call =
        json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let calling = json!({"role": "assistant", "tool_calls": [call]});
    let user = json!({"role": "user", "content": "x"});
    let wrong = [
        (json!({"unheard_of": 1}), "Unrecognized request argument supplied: unheard_of"),
        (json!({"messages": []}), "empty array"),
        (json!({"messages": [{"role": "model", "content": "x"}]}), "Invalid value: 'model'"),
        (json!({"messages": [{"role": "user"}]}), "messages[0].content"),
        (
            json!({"messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]}),
            "preceeding",
        ),
        (json!({"messages": [user, calling]}), "did not have response messages: c1"),
        (json!({"messages": [calling, {"role": "tool", "content": "x"}]}), "tool_call_id"),
        (json!({"max_tokens": "5"}), "Invalid type for 'max_tokens': expected an integer"),
        (json!({"tools": [{"type": "function", "function": {}}]}), "tools[0].function.name"),
        (
            json!({"tools": [{"type": "function", "name": "f"}]}),
            "Unknown parameter: 'tools[0].name'",
        ),
        (json!({"tool_choice": "auto"}), "only allowed when 'tools' are specified"),
        (json!({"stream_options": {"include_usage": true}}), "only allowed when 'stream'"),
    ];
    for (fields, expected) in wrong {
        let message = stage.refused(CHAT, &chat(fields.clone())).await?;
        assert!(message.contains(expected), "{fields}: {message}");
    }
    let result = json!({"role": "tool", "tool_call_id": "c1", "content": "x"});
    stage.post(CHAT, &chat(json!({"messages": [user, calling, result]}))).await?;
    Ok(())
}
