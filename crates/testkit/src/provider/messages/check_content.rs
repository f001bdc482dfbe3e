//! What the Messages API refuses of a message's blocks.

use crate::provider::node::{Checked, Node};
use crate::provider::reading;
use crate::provider::seal::{Kind, is_genuine};

const OF_USERS: &[&str] =
    &["text", "image", "document", "search_result", "tool_result", "container_upload"];
const OF_ASSISTANTS: &[&str] = &[
    "text",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "server_tool_use",
    "mcp_tool_use",
    "mcp_tool_result",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "compaction",
];

/// Checks one message.
pub(super) fn message(message: &Node<'_>, may_be_system: bool) -> Checked {
    message.only(&["role", "content"])?;
    let role = message.need("role")?;
    if role.value == "system" && !may_be_system {
        return Err(message.fault(
            "Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, \
             not \"system\" as an input message role.",
        ));
    }
    let role = role.one_of(&["user", "assistant", "system"])?;
    let content = message.need("content")?;
    if let Some(text) = content.value.as_str() {
        if text.is_empty() && role == "user" {
            return Err(message.fault("user messages must have non-empty content"));
        }
        return Ok(());
    }
    let blocks = content.items()?;
    if blocks.is_empty() && role == "user" {
        return Err(message.fault("user messages must have non-empty content"));
    }
    match role {
        "system" => texts(&content),
        "user" => blocks.iter().try_for_each(|it| block(it, OF_USERS, OF_ASSISTANTS, "assistant")),
        _ => blocks.iter().try_for_each(|it| block(it, OF_ASSISTANTS, OF_USERS, "user")),
    }
}

/// Checks a list that holds nothing but text.
pub(super) fn texts(list: &Node<'_>) -> Checked {
    list.items()?.iter().try_for_each(|it| block(it, &["text"], &[], ""))
}

fn block(block: &Node<'_>, own: &[&str], others: &[&str], other: &str) -> Checked {
    let kind = block.need("type")?.text()?;
    if !own.contains(&kind) {
        return Err(block.fault(if others.contains(&kind) {
            format!("`{kind}` blocks can only be in `{other}` messages")
        } else {
            let tags: Vec<String> = own.iter().map(|tag| format!("'{tag}'")).collect();
            format!(
                "Input tag '{kind}' found using 'type' does not match any of the expected tags: {}",
                tags.join(", ")
            )
        }));
    }
    block.each_if_there(&["cache_control"], |mark| {
        mark.only(&["type", "ttl", "scope"])?;
        mark.need("type")?.one_of(&["ephemeral"])?;
        mark.each_if_there(&["ttl"], |ttl| ttl.one_of(&["5m", "1h"]).map(drop))
    })?;
    match kind {
        "text" => {
            block.only(&["type", "text", "cache_control", "citations"])?;
            if block.need("text")?.text()?.is_empty() {
                return Err(block.fault("text content blocks must be non-empty"));
            }
            Ok(())
        }
        "thinking" => {
            block.only(&["type", "thinking", "signature"])?;
            thinking(block)
        }
        "redacted_thinking" => block.need("data")?.text().map(drop),
        "tool_use" => {
            block.only(&["type", "id", "name", "input", "cache_control", "caller"])?;
            block.need("id")?.text()?;
            block.need("name")?.text()?;
            block.need("input")?.object().map(drop)
        }
        "tool_result" => {
            block.only(&["type", "tool_use_id", "content", "is_error", "cache_control"])?;
            block.need("tool_use_id")?.text()?;
            block.each_if_there(&["is_error"], |it| it.flag().map(drop))?;
            let inner = ["text", "image", "document", "search_result", "tool_reference"];
            match block.field("content") {
                Some(content) if !content.value.is_string() => {
                    content.items()?.iter().try_for_each(|it| self::block(it, &inner, &[], ""))
                }
                _ => Ok(()),
            }
        }
        "image" | "document" => {
            let source = block.need("source")?;
            source.need("type")?.one_of(&["base64", "url", "file", "text", "content"]).map(drop)
        }
        _ => Ok(()),
    }
}

/// Thoughts come back as they were issued.
fn thinking(block: &Node<'_>) -> Checked {
    let thinking = block.need("thinking")?.text()?;
    let signature = block.need("signature")?.text()?;
    if is_genuine(Kind::Thinking, thinking, signature) {
        return Ok(());
    }
    let kind = reading::text(block.value, "type");
    Err(block.fault(format!("Invalid `signature` in `{kind}` block")))
}
