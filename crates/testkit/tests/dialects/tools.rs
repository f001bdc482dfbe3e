//! The tool-using script: two turns in each dialect, as a coding agent takes them.

use serde_json::{Value, json};

use super::stage::{CHAT, GEMINI, MESSAGES, RESPONSES, Stage};

/// Says `go`, takes the call, answers it with `42 files`; returns the call's input and the last
/// text.
async fn two_turns(stage: &Stage, dialect: &str) -> anyhow::Result<(Value, String)> {
    let schema = json!({"type": "object", "properties": {"command": {"type": "string"}}});
    let text = "42 files";
    Ok(match dialect {
        "chat" => {
            let function = json!({"name": "Bash", "parameters": schema});
            let tools = json!([{"type": "function", "function": function}]);
            let user = json!({"role": "user", "content": "go"});
            let body = json!({"model": "m", "messages": [user], "tools": tools});
            let said = stage.post(CHAT, &body).await?["choices"][0]["message"].clone();
            let call = &said["tool_calls"][0];
            let result = json!({"role": "tool", "tool_call_id": call["id"], "content": text});
            let body = json!({"model": "m", "messages": [user, said, result], "tools": tools});
            let answer = stage.post(CHAT, &body).await?;
            let arguments = call["function"]["arguments"].as_str().unwrap();
            let said = &answer["choices"][0]["message"]["content"];
            (serde_json::from_str(arguments)?, said.to_string())
        }
        "responses" => {
            let schema = json!({"type": "object", "properties": {"cmd": {"type": "string"}}});
            let tools = json!([{"type": "function", "name": "exec_command", "parameters": schema}]);
            let user = json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]});
            let settings = json!({"summary": "auto"});
            let include = json!(["reasoning.encrypted_content"]);
            let ask = |input: Vec<Value>| {
                json!({"model": "m", "input": input, "tools": tools, "store": false,
                    "reasoning": settings, "include": include})
            };
            let output = stage.post(RESPONSES, &ask(vec![user.clone()])).await?["output"].clone();
            let call = output.as_array().unwrap().last().unwrap().clone();
            let mut input = vec![user];
            input.extend(output.as_array().unwrap().iter().cloned());
            let id = &call["call_id"];
            input.push(json!({"type": "function_call_output", "call_id": id, "output": text}));
            let answer = stage.post(RESPONSES, &ask(input)).await?;
            let said = answer["output"].as_array().unwrap().last().unwrap().clone();
            let arguments = call["arguments"].as_str().unwrap();
            (serde_json::from_str(arguments)?, said["content"][0]["text"].to_string())
        }
        "messages" => {
            let tools = json!([{"name": "Bash", "input_schema": schema}]);
            let user = json!({"role": "user", "content": "go"});
            let ask = |messages: Value| {
                json!({"model": "m", "max_tokens": 900, "messages": messages, "tools": tools,
                    "thinking": {"type": "adaptive"}})
            };
            let said = stage.post(MESSAGES, &ask(json!([user]))).await?["content"].clone();
            let call = said.as_array().unwrap().last().unwrap().clone();
            let result = json!({"type": "tool_result", "tool_use_id": call["id"], "content": text});
            let reminder = json!({"type": "text", "text": "<system-reminder>"});
            let turns = json!([user, {"role": "assistant", "content": said},
                {"role": "user", "content": [result, reminder]}]);
            let answer = stage.post(MESSAGES, &ask(turns)).await?;
            let said = answer["content"].as_array().unwrap().last().unwrap().clone();
            (call["input"].clone(), said["text"].to_string())
        }
        _ => {
            let tools = json!([{"functionDeclarations": [{"name": "Bash", "parameters": schema}]}]);
            let user = json!({"role": "user", "parts": [{"text": "go"}]});
            let ask = |contents: Value| json!({"contents": contents, "tools": tools});
            let answer = stage.post(GEMINI, &ask(json!([user]))).await?;
            let said = answer["candidates"][0]["content"].clone();
            let call = said["parts"][0]["functionCall"].clone();
            let response = json!({"name": "Bash", "response": {"output": text}});
            let result = json!({"role": "user", "parts": [{"functionResponse": response}]});
            let answer = stage.post(GEMINI, &ask(json!([user, said, result]))).await?;
            let said = &answer["candidates"][0]["content"]["parts"][0]["text"];
            (call["args"].clone(), said.to_string())
        }
    })
}

#[tokio::test]
async fn a_command_is_run_and_its_result_repeated() -> anyhow::Result<()> {
    for dialect in ["chat", "responses", "messages", "gemini"] {
        let script = json!({"thoughts": "Let me see.", "tool_use": {"command": "ls -l"}});
        let stage = Stage::scripted(script).await?;
        let (input, said) = two_turns(&stage, dialect).await?;
        let command = input.get("command").or(input.get("cmd"));
        assert_eq!(command, Some(&json!("ls -l")), "{dialect}");
        assert!(said.contains("42 files"), "{dialect}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn without_tools_or_without_leave_the_answer_is_text() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"tool_use": {}})).await?;
    let tools = json!([{"name": "Bash", "input_schema": {"type": "object"}}]);
    let user = json!({"role": "user", "content": "go"});
    let mut body = json!({"model": "m", "max_tokens": 900, "messages": [user]});
    assert_eq!(stage.post(MESSAGES, &body).await?["stop_reason"], "end_turn");
    body["tools"] = tools;
    assert_eq!(stage.post(MESSAGES, &body).await?["stop_reason"], "tool_use");
    body["tool_choice"] = json!({"type": "none"});
    assert_eq!(stage.post(MESSAGES, &body).await?["stop_reason"], "end_turn");
    Ok(())
}
