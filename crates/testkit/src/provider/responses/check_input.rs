//! What the Responses API refuses of a request's input items.

use serde_json::Value;

use crate::provider::node::{Checked, Fault, Node};
use crate::provider::reading;
use crate::provider::seal::{Kind, is_genuine};

/// Fields that Codex adds to items of every type.
const OF_EVERY_ITEM: &[&str] =
    &["id", "type", "status", "internal_chat_message_metadata_passthrough"];
const KINDS: &[&str] = &[
    "message",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "reasoning",
    "item_reference",
    "web_search_call",
    "file_search_call",
    "computer_call",
    "computer_call_output",
    "image_generation_call",
    "code_interpreter_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "compaction",
    "tool_search_call",
    "tool_search_output",
];

/// Checks each item, and that calls and their outputs belong together.
pub(super) fn check(input: &Node<'_>, history: &[Value]) -> Checked {
    if input.value.is_string() {
        return Ok(());
    }
    if !input.value.is_array() {
        return Err(input.wrong("a string or an array"));
    }
    let items = input.items()?;
    items.iter().try_for_each(item)?;
    let values: Vec<&Value> = history.iter().chain(items.iter().map(|item| item.value)).collect();
    calls_and_outputs(input, &values)
}

fn item(item: &Node<'_>) -> Checked {
    item.object()?;
    let kind = match item.field("type") {
        Some(kind) => kind.one_of(KINDS)?,
        None if item.has("role") => "message",
        None => return item.need("type").map(drop),
    };
    let only = |fields: &[&str]| item.only(&[OF_EVERY_ITEM, fields].concat());
    match kind {
        "message" => {
            only(&["role", "content", "phase"])?;
            message(item)
        }
        "function_call" => {
            only(&["call_id", "name", "arguments", "namespace"])?;
            ["call_id", "name", "arguments"]
                .iter()
                .try_for_each(|it| item.need(it)?.text().map(drop))
        }
        "custom_tool_call" => {
            only(&["call_id", "name", "input", "namespace"])?;
            ["call_id", "name", "input"].iter().try_for_each(|it| item.need(it)?.text().map(drop))
        }
        "function_call_output" | "custom_tool_call_output" => {
            only(&["call_id", "output", "name"])?;
            item.need("call_id")?.text()?;
            output(&item.need("output")?)
        }
        "reasoning" => {
            only(&["summary", "content", "encrypted_content"])?;
            reasoning(item)
        }
        _ => Ok(()),
    }
}

fn message(message: &Node<'_>) -> Checked {
    let role = message.need("role")?.one_of(&["assistant", "system", "developer", "user"])?;
    let content = message.need("content")?;
    if content.value.is_string() {
        return Ok(());
    }
    // A translator's favourite mistake: the parts of an assistant's message are outputs.
    let kinds: &[&str] = match role {
        "assistant" => &["output_text", "refusal"],
        _ => &["input_text", "input_image", "input_file", "input_audio"],
    };
    content.items()?.iter().try_for_each(|part| match part.need("type")?.one_of(kinds)? {
        "output_text" => {
            part.only(&["type", "text", "annotations", "logprobs"])?;
            part.need("text")?.text().map(drop)
        }
        "input_text" => {
            part.only(&["type", "text"])?;
            part.need("text")?.text().map(drop)
        }
        "input_image" => {
            part.only(&["type", "image_url", "file_id", "detail"])?;
            part.each_if_there(&["image_url", "file_id"], |it| it.text().map(drop))
        }
        _ => Ok(()),
    })
}

fn output(output: &Node<'_>) -> Checked {
    if output.value.is_string() {
        return Ok(());
    }
    if !output.value.is_array() {
        return Err(output.wrong("a string or an array"));
    }
    let kinds = ["input_text", "input_image", "input_file"];
    output.items()?.iter().try_for_each(|part| part.need("type")?.one_of(&kinds).map(drop))
}

/// Encrypted thoughts come back as they were issued, with the summary that they were issued with.
fn reasoning(item: &Node<'_>) -> Checked {
    let mut texts = Vec::new();
    for part in item.need("summary")?.items()? {
        part.need("type")?.one_of(&["summary_text"])?;
        texts.push(part.need("text")?.text()?);
    }
    let Some(encrypted) = item.field("encrypted_content") else { return Ok(()) };
    if is_genuine(Kind::Reasoning, &texts.concat(), encrypted.text()?) {
        return Ok(());
    }
    let id = reading::text(item.value, "id");
    Err(Fault {
        code: Some("invalid_encrypted_content"),
        ..encrypted.fault(format!(
            "The encrypted content for item {id} could not be verified. Reason: Encrypted content \
             could not be decrypted or parsed."
        ))
    })
}

/// Every output has its call somewhere before it, every call its output somewhere after it.
fn calls_and_outputs(input: &Node<'_>, items: &[&Value]) -> Checked {
    let mut open: Vec<(&str, String)> = Vec::new();
    for item in items {
        let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
        let id = reading::text(item, "call_id");
        match kind {
            "function_call" => open.push(("function", id)),
            "custom_tool_call" => open.push(("custom tool", id)),
            "function_call_output" | "custom_tool_call_output" => {
                let what = if kind == "function_call_output" { "function" } else { "custom tool" };
                let Some(at) = open.iter().position(|call| *call == (what, id.clone())) else {
                    return Err(input.fault(format!(
                        "No tool call found for {what} call output with call_id {id}."
                    )));
                };
                open.remove(at);
            }
            _ => {}
        }
    }
    match open.first() {
        None => Ok(()),
        Some((what, id)) => Err(input.fault(format!("No tool output found for {what} call {id}."))),
    }
}
