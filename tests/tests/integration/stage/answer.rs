//! What an answer says, read as strictly as each dialect's own form allows.

use anyhow::{Context, bail, ensure};
use domain::dialect::Dialect;
use domain::usage::Usage;
use http::HeaderMap;
use serde_json::{Value, json};

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    End,
    ToolCalls,
    Length,
}

/// A tool that is to be called.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

/// An answer, in no dialect's words.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The call's id.
    pub(crate) id: String,
    /// What of the request the upstream was not told, by the answer's head.
    pub(crate) dropped: String,
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) thoughts: String,
    pub(crate) calls: Vec<Call>,
    pub(crate) stop: Stop,
    pub(crate) usage: Usage,
    /// What is sent back of it, in the dialect's own items.
    pub(crate) again: Vec<Value>,
}

impl Answer {
    /// Reads a whole answer.
    pub(crate) fn read(
        dialect: Dialect,
        headers: &HeaderMap,
        whole: &Value,
    ) -> anyhow::Result<Self> {
        let read = match dialect {
            Dialect::Chat => chat(whole),
            Dialect::Responses => responses(whole),
            Dialect::Messages => messages(whole),
            Dialect::Gemini => gemini(whole),
        };
        let read = read.with_context(|| format!("{} answer: {whole}", dialect.name()))?;
        let header = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        Ok(Self { id: header("x-request-id"), dropped: header("x-tollkeeper-dropped"), ..read })
    }

    fn new(model: &Value, stop: Stop, usage: Usage) -> anyhow::Result<Self> {
        Ok(Self {
            id: String::new(),
            dropped: String::new(),
            model: model.as_str().context("no model")?.to_owned(),
            text: String::new(),
            thoughts: String::new(),
            calls: Vec::new(),
            stop,
            usage,
            again: Vec::new(),
        })
    }

    /// The answer and what its tools said, as the next request has them.
    pub(crate) fn with_results(&self, dialect: Dialect, results: &[&str]) -> Vec<Value> {
        let both = || self.calls.iter().zip(results);
        let mut items = self.again.clone();
        match dialect {
            Dialect::Chat => items.extend(both().map(|(call, result)| {
                json!({"role": "tool", "tool_call_id": call.id, "content": result})
            })),
            Dialect::Responses => items.extend(both().map(|(call, result)| {
                json!({"type": "function_call_output", "call_id": call.id, "output": result})
            })),
            Dialect::Messages => {
                let block = |(call, result): (&Call, &&str)| {
                    json!({"type": "tool_result", "tool_use_id": call.id, "content": result})
                };
                let blocks: Vec<Value> = both().map(block).collect();
                items.push(json!({"role": "user", "content": blocks}));
            }
            Dialect::Gemini => {
                let part = |(call, result): (&Call, &&str)| {
                    let (id, name) = (&call.id, &call.name);
                    json!({"functionResponse": {"id": id, "name": name, "response": {"output": result}}})
                };
                let parts: Vec<Value> = both().map(part).collect();
                items.push(json!({"role": "user", "parts": parts}));
            }
        }
        items
    }
}

fn chat(whole: &Value) -> anyhow::Result<Answer> {
    ensure!(whole["object"] == "chat.completion" && whole["id"].is_string(), "no completion");
    let choice = &whole["choices"][0];
    let stop = match choice["finish_reason"].as_str() {
        Some("stop") => Stop::End,
        Some("tool_calls") => Stop::ToolCalls,
        Some("length") => Stop::Length,
        other => bail!("finish_reason {other:?}"),
    };
    let message = &choice["message"];
    ensure!(message["role"] == "assistant", "no assistant");
    let mut answer = Answer::new(&whole["model"], stop, openai_usage(&whole["usage"])?)?;
    answer.text = text(&message["content"]);
    answer.thoughts = text(&message["reasoning_content"]);
    for call in list(&message["tool_calls"]) {
        ensure!(call["type"] == "function", "{call}");
        let function = &call["function"];
        let arguments = serde_json::from_str(function["arguments"].as_str().context("no text")?)?;
        answer.calls.push(Call {
            id: name(&call["id"])?,
            name: name(&function["name"])?,
            arguments,
        });
    }
    let mut again = message.clone();
    if let Some(fields) = again.as_object_mut() {
        fields.retain(|name, value| name != "refusal" || !value.is_null());
    }
    answer.again.push(again);
    Ok(answer)
}

fn responses(whole: &Value) -> anyhow::Result<Answer> {
    ensure!(whole["object"] == "response" && whole["id"].is_string(), "no response");
    let output = list(&whole["output"]);
    let calls = output.iter().any(|item| item["type"] == "function_call");
    let stop = match (whole["status"].as_str(), whole["incomplete_details"]["reason"].as_str()) {
        (Some("completed"), None) if calls => Stop::ToolCalls,
        (Some("completed"), None) => Stop::End,
        (Some("incomplete"), Some("max_output_tokens")) => Stop::Length,
        other => bail!("status {other:?}"),
    };
    let mut answer = Answer::new(&whole["model"], stop, responses_usage(&whole["usage"])?)?;
    for item in output {
        match item["type"].as_str() {
            Some("message") => {
                ensure!(item["role"] == "assistant", "{item}");
                for part in list(&item["content"]) {
                    ensure!(part["type"] == "output_text", "{item}");
                    answer.text.push_str(&text(&part["text"]));
                }
            }
            Some("reasoning") => {
                let parts = list(&item["summary"]).iter();
                answer.thoughts.extend(parts.map(|part| text(&part["text"])));
            }
            Some("function_call") => {
                let arguments =
                    serde_json::from_str(item["arguments"].as_str().context("no text")?)?;
                let (id, name) = (name(&item["call_id"])?, name(&item["name"])?);
                answer.calls.push(Call { id, name, arguments });
            }
            _ => bail!("{item}"),
        }
    }
    answer.again = output.to_vec();
    Ok(answer)
}

fn messages(whole: &Value) -> anyhow::Result<Answer> {
    ensure!(whole["type"] == "message" && whole["role"] == "assistant", "no message");
    ensure!(whole["id"].is_string(), "no id");
    let stop = match whole["stop_reason"].as_str() {
        Some("end_turn") => Stop::End,
        Some("tool_use") => Stop::ToolCalls,
        Some("max_tokens") => Stop::Length,
        other => bail!("stop_reason {other:?}"),
    };
    let mut answer = Answer::new(&whole["model"], stop, messages_usage(&whole["usage"])?)?;
    for block in list(&whole["content"]) {
        match block["type"].as_str() {
            Some("text") => answer.text.push_str(&text(&block["text"])),
            Some("thinking") => {
                ensure!(block["signature"].is_string(), "no signature: {block}");
                answer.thoughts.push_str(&text(&block["thinking"]));
            }
            Some("tool_use") => answer.calls.push(Call {
                id: name(&block["id"])?,
                name: name(&block["name"])?,
                arguments: block["input"].clone(),
            }),
            _ => bail!("{block}"),
        }
    }
    answer.again.push(json!({"role": "assistant", "content": whole["content"]}));
    Ok(answer)
}

fn gemini(whole: &Value) -> anyhow::Result<Answer> {
    let candidate = &whole["candidates"][0];
    let parts = list(&candidate["content"]["parts"]);
    let calls = parts.iter().any(|part| part["functionCall"].is_object());
    let stop = match candidate["finishReason"].as_str() {
        Some("STOP") if calls => Stop::ToolCalls,
        Some("STOP") => Stop::End,
        Some("MAX_TOKENS") => Stop::Length,
        other => bail!("finishReason {other:?}"),
    };
    let usage = gemini_usage(&whole["usageMetadata"])?;
    let mut answer = Answer::new(&whole["modelVersion"], stop, usage)?;
    for part in parts {
        if let Some(call) = part.get("functionCall") {
            // Older models give calls no id: a response is found by its order then.
            let id = call["id"].as_str().unwrap_or_default().to_owned();
            let arguments = call["args"].clone();
            answer.calls.push(Call { id, name: name(&call["name"])?, arguments });
        } else if part["thought"] == true {
            answer.thoughts.push_str(&text(&part["text"]));
        } else {
            answer.text.push_str(part["text"].as_str().with_context(|| format!("part {part}"))?);
        }
    }
    answer.again.push(candidate["content"].clone());
    Ok(answer)
}

fn openai_usage(usage: &Value) -> anyhow::Result<Usage> {
    let cached = usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap_or(0);
    let (prompt, output) = (count(usage, "prompt_tokens")?, count(usage, "completion_tokens")?);
    let reasoning = usage["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap_or(0);
    ensure!(count(usage, "total_tokens")? == prompt + output, "total: {usage}");
    let input = prompt.checked_sub(cached).context("more cached than read")?;
    Ok(Usage { input, cached_input: cached, output, reasoning, ..Usage::default() })
}

fn responses_usage(usage: &Value) -> anyhow::Result<Usage> {
    let cached = count(&usage["input_tokens_details"], "cached_tokens")?;
    let reasoning = count(&usage["output_tokens_details"], "reasoning_tokens")?;
    let (all, output) = (count(usage, "input_tokens")?, count(usage, "output_tokens")?);
    ensure!(count(usage, "total_tokens")? == all + output, "total: {usage}");
    let input = all.checked_sub(cached).context("more cached than read")?;
    Ok(Usage { input, cached_input: cached, output, reasoning, ..Usage::default() })
}

fn messages_usage(usage: &Value) -> anyhow::Result<Usage> {
    let written = usage["cache_creation_input_tokens"].as_u64().unwrap_or(0);
    let for_an_hour = usage["cache_creation"]["ephemeral_1h_input_tokens"].as_u64().unwrap_or(0);
    Ok(Usage {
        input: count(usage, "input_tokens")?,
        cached_input: usage["cache_read_input_tokens"].as_u64().unwrap_or(0),
        cache_write: written.checked_sub(for_an_hour).context("more for an hour than written")?,
        cache_write_1h: for_an_hour,
        output: count(usage, "output_tokens")?,
        reasoning: 0,
    })
}

fn gemini_usage(usage: &Value) -> anyhow::Result<Usage> {
    let or_none = |name: &str| usage[name].as_u64().unwrap_or(0);
    let (cached, reasoning) = (or_none("cachedContentTokenCount"), or_none("thoughtsTokenCount"));
    let prompt = count(usage, "promptTokenCount")?;
    let output = or_none("candidatesTokenCount") + reasoning;
    ensure!(count(usage, "totalTokenCount")? == prompt + output, "total: {usage}");
    let input = prompt.checked_sub(cached).context("more cached than read")?;
    Ok(Usage { input, cached_input: cached, output, reasoning, ..Usage::default() })
}

fn count(usage: &Value, name: &str) -> anyhow::Result<u64> {
    usage[name].as_u64().with_context(|| format!("no {name} in {usage}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn name(value: &Value) -> anyhow::Result<String> {
    value.as_str().filter(|name| !name.is_empty()).map(str::to_owned).context("no name or id")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
