//! Streams put together to the whole answers that they tell of, as SDKs do; strictly: an event that
//! comes where it may not is an error.

use anyhow::{Context, bail, ensure};
use domain::dialect::Dialect;
use serde_json::{Map, Value, json};
use testkit::client::Event;

use super::merged;

/// The whole answer in the dialect's own form.
pub(crate) fn whole(dialect: Dialect, events: &[Event]) -> anyhow::Result<Value> {
    match dialect {
        Dialect::Chat => chat(events),
        Dialect::Responses => responses(events),
        Dialect::Messages => messages(events),
        Dialect::Gemini => gemini(events),
    }
}

/// The words that an event adds to the answer's text; none if it adds none.
pub(crate) fn words(dialect: Dialect, event: &Event) -> Option<String> {
    let data = event.json();
    let place = match dialect {
        Dialect::Chat => "/choices/0/delta/content",
        Dialect::Responses if data["type"] == "response.output_text.delta" => "/delta",
        Dialect::Responses => return None,
        Dialect::Messages => "/delta/text",
        Dialect::Gemini => "/candidates/0/content/parts/0/text",
    };
    let words = data.pointer(place)?.as_str()?;
    (!words.is_empty()).then(|| words.to_owned())
}

/// Whether an event ends a whole answer.
pub(crate) fn is_last(dialect: Dialect, event: &Event) -> bool {
    match dialect {
        Dialect::Chat => event.data == "[DONE]",
        Dialect::Responses => {
            matches!(&*event.name, "response.completed" | "response.incomplete")
        }
        Dialect::Messages => event.name == "message_stop",
        Dialect::Gemini => event.json().pointer("/candidates/0/finishReason").is_some(),
    }
}

/// The stable code of an error inside a stream; empty for one that is not ours.
pub(crate) fn error_code(dialect: Dialect, event: &Event) -> Option<String> {
    let data = event.json();
    let error = data.get("error").filter(|error| !error.is_null())?;
    let code = match dialect {
        Dialect::Gemini => error.pointer("/details/0/reason"),
        _ => error.get("code"),
    };
    Some(code.and_then(Value::as_str).unwrap_or_default().to_lowercase())
}

fn chat(events: &[Event]) -> anyhow::Result<Value> {
    let (last, chunks) = events.split_last().context("no event")?;
    ensure!(last.data == "[DONE]", "the last event is {last:?}");
    let (mut message, mut finish, mut usage) = (Map::new(), Value::Null, Value::Null);
    let mut calls: Vec<Value> = Vec::new();
    let id = chunks.first().context("no chunk")?.json()["id"].clone();
    let mut model = Value::Null;
    for chunk in chunks.iter().map(Event::json) {
        ensure!(chunk["object"] == "chat.completion.chunk" && chunk["id"] == id, "{chunk}");
        model = chunk["model"].clone();
        if !chunk["usage"].is_null() {
            ensure!(usage.is_null() && chunk["choices"] == json!([]), "usage: {chunk}");
            usage = chunk["usage"].clone();
            continue;
        }
        let choice = &chunk["choices"][0];
        let delta = choice["delta"].as_object().with_context(|| format!("no delta: {chunk}"))?;
        ensure!(finish.is_null(), "after the end: {chunk}");
        finish = choice["finish_reason"].clone();
        for (name, value) in delta {
            match value {
                Value::Array(pieces) if name == "tool_calls" => {
                    pieces.iter().try_for_each(|piece| call_piece(&mut calls, piece))?;
                }
                Value::String(more) if name != "role" => append(&mut message, name, more),
                Value::Null => {}
                other => drop(message.insert(name.clone(), other.clone())),
            }
        }
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    let choice = json!({"index": 0, "message": message, "finish_reason": finish});
    let whole = json!({"id": id, "object": "chat.completion", "choices": [choice]});
    Ok(merged(whole, json!({"usage": usage, "model": model})))
}

fn call_piece(calls: &mut Vec<Value>, piece: &Value) -> anyhow::Result<()> {
    let index = usize::try_from(piece["index"].as_u64().context("a call without index")?)?;
    if index == calls.len() {
        let (id, name) = (&piece["id"], &piece["function"]["name"]);
        ensure!(id.is_string() && name.is_string(), "a call begins with {piece}");
        let function = json!({"name": name, "arguments": ""});
        calls.push(json!({"id": id, "type": "function", "function": function}));
    }
    let call = calls.get_mut(index).with_context(|| format!("no such call yet: {piece}"))?;
    let function = call["function"].as_object_mut().context("no function")?;
    append(function, "arguments", piece["function"]["arguments"].as_str().unwrap_or_default());
    Ok(())
}

fn append(object: &mut Map<String, Value>, name: &str, more: &str) {
    let text = object.get(name).and_then(Value::as_str).unwrap_or_default();
    object.insert(name.to_owned(), Value::from(format!("{text}{more}")));
}

fn responses(events: &[Event]) -> anyhow::Result<Value> {
    let (mut text, mut arguments, mut thoughts) = (String::new(), String::new(), String::new());
    let mut open = None;
    for (index, event) in events.iter().enumerate() {
        let data = event.json();
        ensure!(data["type"] == event.name.as_str(), "{event:?}");
        ensure!(data["sequence_number"] == index, "{index}: {event:?}");
        let more = data["delta"].as_str().unwrap_or_default();
        match &*event.name {
            "response.created" => ensure!(index == 0, "{event:?}"),
            "response.output_item.added" => {
                ensure!(open.is_none(), "two items are open: {event:?}");
                open = Some(data["output_index"].clone());
            }
            "response.output_item.done" => {
                ensure!(open.take() == Some(data["output_index"].clone()), "{event:?}");
            }
            "response.output_text.delta" => text.push_str(more),
            "response.function_call_arguments.delta" => arguments.push_str(more),
            "response.reasoning_summary_text.delta" => thoughts.push_str(more),
            _ => {}
        }
    }
    ensure!(open.is_none(), "an item is left open");
    let last = events.last().context("no event")?;
    let response = last.json()["response"].clone();
    let ended = format!("response.{}", response["status"].as_str().unwrap_or_default());
    ensure!(last.name == ended && ended != "response.in_progress", "the last is {last:?}");
    let mut said = [String::new(), String::new(), String::new()];
    for item in response["output"].as_array().context("no output")? {
        let [said_text, said_arguments, said_thoughts] = &mut said;
        said_text.push_str(item["content"][0]["text"].as_str().unwrap_or_default());
        said_arguments.push_str(item["arguments"].as_str().unwrap_or_default());
        said_thoughts.push_str(item["summary"][0]["text"].as_str().unwrap_or_default());
    }
    ensure!([text, arguments, thoughts] == said, "the deltas are not the response: {said:?}");
    Ok(response)
}

fn messages(events: &[Event]) -> anyhow::Result<Value> {
    let (mut message, mut blocks) = (Value::Null, Vec::<Value>::new());
    let (mut open, mut json) = (false, String::new());
    let mut stopped = false;
    for event in events {
        let data = event.json();
        ensure!(data["type"] == event.name.as_str() && !stopped, "{event:?}");
        match &*event.name {
            "message_start" => {
                ensure!(message.is_null(), "{event:?}");
                message = data["message"].clone();
            }
            "content_block_start" => {
                ensure!(!open && data["index"] == blocks.len(), "{event:?}");
                blocks.push(data["content_block"].clone());
                (open, json) = (true, String::new());
            }
            "content_block_delta" => {
                ensure!(open && data["index"] == blocks.len() - 1, "{event:?}");
                let block = blocks.last_mut().and_then(Value::as_object_mut);
                block_piece(block.context("no block")?, &data["delta"], &mut json)?;
            }
            "content_block_stop" => {
                ensure!(open && data["index"] == blocks.len() - 1, "{event:?}");
                open = false;
                if !json.is_empty()
                    && let Some(block) = blocks.last_mut()
                {
                    block["input"] = serde_json::from_str(&json)?;
                }
            }
            "message_delta" => {
                ensure!(!open && !message.is_null(), "{event:?}");
                let usage = merged(message["usage"].clone(), data["usage"].clone());
                message = merged(merged(message, data["delta"].clone()), json!({"usage": usage}));
            }
            "message_stop" => stopped = true,
            "ping" => {}
            _ => bail!("{event:?}"),
        }
    }
    ensure!(stopped, "no message_stop");
    Ok(merged(message, json!({"content": blocks})))
}

fn block_piece(
    block: &mut Map<String, Value>,
    delta: &Value,
    json: &mut String,
) -> anyhow::Result<()> {
    let text = |name: &str| delta[name].as_str().unwrap_or_default();
    match text("type") {
        "text_delta" => append(block, "text", text("text")),
        "thinking_delta" => append(block, "thinking", text("thinking")),
        "signature_delta" => append(block, "signature", text("signature")),
        "input_json_delta" => json.push_str(text("partial_json")),
        _ => bail!("{delta}"),
    }
    Ok(())
}

fn gemini(events: &[Event]) -> anyhow::Result<Value> {
    let (mut parts, mut last) = (Vec::<Value>::new(), Value::Null);
    for chunk in events.iter().map(Event::json) {
        ensure!(last["candidates"][0]["finishReason"].is_null(), "after the end: {chunk}");
        for part in chunk["candidates"][0]["content"]["parts"].as_array().into_iter().flatten() {
            let same =
                |old: &&mut Value| old["text"].is_string() && old["thought"] == part["thought"];
            match (parts.last_mut().filter(same), part["text"].as_str()) {
                (Some(old), Some(more)) => {
                    let said = old["text"].as_str().unwrap_or_default();
                    *old = merged(part.clone(), json!({"text": format!("{said}{more}")}));
                }
                (_, Some("")) => {}
                _ => parts.push(part.clone()),
            }
        }
        last = chunk;
    }
    let candidate = merged(
        last["candidates"][0].clone(),
        json!({"content": {"role": "model", "parts": parts}}),
    );
    ensure!(candidate["finishReason"].is_string(), "no reason to end: {last}");
    Ok(merged(last, json!({"candidates": [candidate]})))
}
