//! Responses: shapes, events, what is kept, and what it refuses.

use serde_json::{Value, json};

use super::stage::{RESPONSES, Stage, responses, with};

fn tools() -> Value {
    json!([
        {"type": "function", "name": "exec_command", "parameters": {"type": "object"}},
        {"type": "custom", "name": "apply_patch"},
        {"type": "namespace", "name": "agents", "tools": [
            {"type": "function", "name": "spawn", "parameters": {"type": "object"}},
        ]},
        {"type": "web_search"},
    ])
}

fn calls() -> Value {
    json!({"thoughts": "Let me see.", "tool_use": {"say": "At once.", "calls": [
        {"name": "exec_command", "arguments": {"cmd": "ls"}},
        {"name": "apply_patch", "arguments": "*** Begin Patch"},
        {"name": "spawn", "arguments": {}},
    ]}})
}

#[tokio::test]
async fn json_has_openais_shape() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"cached_tokens": 2, "reasoning_tokens": 4})).await?;
    let answer = stage.post(RESPONSES, &responses(json!({"metadata": {"tag": "a"}}))).await?;
    assert_eq!((&answer["object"], &answer["status"]), (&json!("response"), &json!("completed")));
    assert_eq!(answer["output"][0]["content"][0]["type"], "output_text");
    assert_eq!(answer["usage"]["input_tokens"], 7);
    assert_eq!(answer["usage"]["input_tokens_details"]["cached_tokens"], 2);
    assert_eq!(answer["usage"]["output_tokens_details"]["reasoning_tokens"], 4);
    assert_eq!(stage.books()?.by_call("a").len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_stream_opens_fills_and_closes_each_item() -> anyhow::Result<()> {
    let stage = Stage::scripted(calls()).await?;
    let include = json!(["reasoning.encrypted_content"]);
    let body = json!({"stream": true, "tools": tools(), "reasoning": {"summary": "auto"}, "include": include});
    let events = stage.events(RESPONSES, &responses(body)).await?;
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event.json()["sequence_number"], number);
        assert_eq!(event.json()["type"], event.name.as_str());
    }
    let mut names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    names.dedup();
    let names: Vec<&str> = names.iter().map(|name| name.trim_start_matches("response.")).collect();
    let expected = [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ];
    assert_eq!(names, expected);
    let response = events.last().unwrap().json()["response"].clone();
    let kinds: Vec<&str> = response["output"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["type"].as_str())
        .collect();
    let all = ["reasoning", "message", "function_call", "custom_tool_call", "function_call"];
    assert_eq!(kinds, all);
    assert_eq!(response["output"][4]["namespace"], "agents");
    assert!(response["output"][0]["encrypted_content"].is_string());
    assert!(response["usage"]["output_tokens"].as_u64() > Some(5));
    let closed = events.iter().filter(|event| event.name == "response.output_item.done");
    let items: Vec<Value> = closed.map(|event| event.json()["item"].clone()).collect();
    assert_eq!(json!(items), response["output"]);
    Ok(())
}

#[tokio::test]
async fn incomplete_and_failed_have_their_own_last_events() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"output_tokens": 50})).await?;
    let short = responses(json!({"stream": true, "max_output_tokens": 16}));
    let events = stage.events(RESPONSES, &short).await?;
    let last = events.last().unwrap();
    assert_eq!(last.name, "response.incomplete");
    assert_eq!(last.json()["response"]["incomplete_details"]["reason"], "max_output_tokens");

    stage.script(json!({"error_event_mid_stream": {"after_chunks": 2}}))?;
    let events = stage.events(RESPONSES, &responses(json!({"stream": true}))).await?;
    let last = events.last().unwrap();
    assert_eq!(last.name, "response.failed");
    assert_eq!(last.json()["sequence_number"], events.len() - 1);
    assert_eq!(last.json()["response"]["error"]["code"], "server_error");

    stage.script(json!({"finish": "failed"}))?;
    let answer = stage.post(RESPONSES, &responses(json!({}))).await?;
    assert_eq!(answer["status"], "failed");
    Ok(())
}

#[tokio::test]
async fn responses_are_kept_unless_store_is_false() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let first = stage.post(RESPONSES, &responses(json!({}))).await?;
    let id = first["id"].as_str().unwrap();
    let path = format!("{RESPONSES}/{id}");
    assert_eq!(stage.client.get(&path).await?.success()?.json()?["output"], first["output"]);
    let next = responses(json!({"previous_response_id": id, "input": "And now?"}));
    let second = stage.post(RESPONSES, &next).await?;
    let (before, after) = (&first["usage"]["input_tokens"], &second["usage"]["input_tokens"]);
    assert!(after.as_u64() > before.as_u64());
    assert_eq!(stage.client.delete(&path).await?.json()?["deleted"], true);
    assert_eq!(stage.client.get(&path).await?.status, 404);
    let gone = stage.client.post_json(RESPONSES, &next).await?;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.code().as_deref(), Some("previous_response_not_found"));

    let unkept = stage.post(RESPONSES, &responses(json!({"store": false}))).await?;
    let path = format!("{RESPONSES}/{}", unkept["id"].as_str().unwrap());
    assert_eq!(stage.client.get(&path).await?.status, 404);
    assert_eq!(stage.client.get(RESPONSES).await?.status, 426);
    Ok(())
}

#[tokio::test]
async fn a_call_can_be_answered_by_its_id_alone() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"tool_use": {"command": "ls"}})).await?;
    let first = stage.post(RESPONSES, &responses(json!({"tools": tools()}))).await?;
    let call = first["output"][0]["call_id"].clone();
    let output = json!([{"type": "function_call_output", "call_id": call, "output": "42 files"}]);
    let next = json!({"previous_response_id": first["id"], "input": output, "tools": tools()});
    let second = stage.post(RESPONSES, &responses(next)).await?;
    assert_eq!(second["output"][0]["content"][0]["text"], "The tool said: 42 files");
    Ok(())
}

#[tokio::test]
async fn refuses_what_openai_refuses() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let user = json!({"role": "user", "content": "x"});
    let said =
        |kind: &str| json!([{"role": "assistant", "content": [{"type": kind, "text": "x"}]}]);
    let call = json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c2", "output": "x"});
    let sealed =
        json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"});
    let nested = json!([{"type": "function", "function": {"name": "f", "parameters": {}}}]);
    let wrong = [
        (json!({"messages": []}), "Unknown parameter: 'messages'."),
        (json!({"max_tokens": 20}), "Unknown parameter: 'max_tokens'."),
        (json!({"input": null}), "Missing required parameter: 'input'."),
        (json!({"input": [{"role": "tool", "content": "x"}]}), "Invalid value: 'tool'"),
        (json!({"input": said("input_text")}), "Supported values are: 'output_text', 'refusal'"),
        (json!({"input": [user, output]}), "No tool call found for function call output"),
        (json!({"input": [user, call]}), "No tool output found for function call c1."),
        (json!({"input": [sealed]}), "The encrypted content for item rs_1"),
        (json!({"tools": nested}), "Missing required parameter: 'tools[0].name'."),
        (json!({"tools": [{"type": "function", "name": "f"}]}), "'tools[0].parameters'"),
        (json!({"text": {"format": {"type": "json_schema", "schema": {}}}}), "text.format.name"),
        (json!({"stream": "yes"}), "Invalid type for 'stream': expected a boolean"),
    ];
    for (fields, expected) in wrong {
        let message = stage.refused(RESPONSES, &responses(fields.clone())).await?;
        assert!(message.contains(expected), "{fields}: {message}");
    }
    stage.post(RESPONSES, &responses(json!({"input": said("output_text")}))).await?;
    stage.script(json!({"strict": false}))?;
    stage.post(RESPONSES, &responses(json!({"unheard_of": 1}))).await?;
    Ok(())
}

#[tokio::test]
async fn thoughts_come_back_with_their_seal() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"thoughts": "Let me see."})).await?;
    let include = json!(["reasoning.encrypted_content"]);
    for summary in [json!({"summary": "auto"}), json!({})] {
        let body = responses(json!({"include": include, "store": false, "reasoning": summary}));
        let answer = stage.post(RESPONSES, &body).await?;
        let mut input = vec![json!({"role": "user", "content": "x"})];
        input.extend(answer["output"].as_array().unwrap().iter().cloned());
        input.push(json!({"role": "user", "content": "And?"}));
        stage.post(RESPONSES, &with(body, json!({"input": input}))).await?;
    }
    Ok(())
}
