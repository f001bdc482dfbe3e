//! What the Responses API refuses of a request's settings and tools.

use serde_json::Value;

use super::check_input;
use crate::provider::node::{Checked, Node, is_tool_name};

const FIELDS: &[&str] = &[
    "background",
    "client_metadata",
    "context_management",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];
const TOOLS: &[&str] = &[
    "function",
    "custom",
    "namespace",
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "file_search",
    "computer",
    "computer_use_preview",
    "code_interpreter",
    "image_generation",
    "mcp",
    "local_shell",
    "shell",
    "apply_patch",
    "tool_search",
];
const INCLUDABLE: &[&str] = &[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];

/// Finds what is wrong with a request, if anything; the history is what `previous_response_id`
/// stands for.
pub(in crate::provider) fn check(root: &Node<'_>, history: &[Value]) -> Checked {
    root.only(FIELDS)?;
    root.need("model")?.text()?;
    check_input::check(&root.need("input")?, history)?;
    settings(root)?;
    tools(root)
}

fn settings(root: &Node<'_>) -> Checked {
    root.each_if_there(&["stream", "store", "parallel_tool_calls", "background"], |it| {
        it.flag().map(drop)
    })?;
    root.each_if_there(&["max_output_tokens"], |it| it.whole_from(16).map(drop))?;
    root.each_if_there(&["temperature"], |it| it.number_within(0.0, 2.0))?;
    root.each_if_there(&["top_p"], |it| it.number_within(0.0, 1.0))?;
    root.each_if_there(&["instructions", "user", "prompt_cache_key"], |it| it.text().map(drop))?;
    root.each_if_there(&["truncation"], |it| it.one_of(&["auto", "disabled"]).map(drop))?;
    root.each_if_there(&["include"], |include| {
        include.items()?.iter().try_for_each(|it| it.one_of(INCLUDABLE).map(drop))
    })?;
    root.each_if_there(&["stream_options"], |it| it.only(&["include_obfuscation"]))?;
    root.each_if_there(&["metadata"], |it| it.object().map(drop))?;
    root.each_if_there(&["reasoning"], |reasoning| {
        reasoning.only(&["effort", "summary", "generate_summary", "context", "mode"])?;
        reasoning.each_if_there(&["effort"], |it| {
            it.one_of(&["none", "minimal", "low", "medium", "high", "xhigh", "max"]).map(drop)
        })?;
        reasoning.each_if_there(&["summary"], |it| {
            it.one_of(&["auto", "concise", "detailed", "none"]).map(drop)
        })
    })?;
    root.each_if_there(&["text"], |text| {
        text.only(&["format", "verbosity"])?;
        text.each_if_there(&["verbosity"], |it| it.one_of(&["low", "medium", "high"]).map(drop))?;
        text.each_if_there(&["format"], format)
    })
}

/// Unlike in Chat Completions, a schema's name stands beside its type.
fn format(format: &Node<'_>) -> Checked {
    let kind = format.need("type")?.one_of(&["text", "json_object", "json_schema"])?;
    if kind != "json_schema" {
        return format.only(&["type"]);
    }
    format.only(&["type", "name", "description", "schema", "strict"])?;
    format.need("name")?.text()?;
    format.need("schema")?.object().map(drop)
}

fn tools(root: &Node<'_>) -> Checked {
    let mut names = Vec::new();
    if let Some(tools) = root.field("tools") {
        for entry in tools.items()? {
            names.extend(tool(&entry)?);
        }
    }
    root.field("tool_choice").map_or(Ok(()), |choice| tool_choice(&choice, &names))
}

/// The tool's name, if it has one that a choice can name.
fn tool<'a>(tool: &Node<'a>) -> Checked<Option<&'a str>> {
    match tool.need("type")?.one_of(TOOLS)? {
        "function" => {
            let name = named(tool)?;
            tool.only(&[
                "type",
                "name",
                "description",
                "parameters",
                "strict",
                "defer_loading",
                "output_schema",
            ])?;
            // `null` is good, left out is not.
            if tool.value.get("parameters").is_none() {
                tool.need("parameters")?;
            }
            tool.each_if_there(&["parameters"], |it| it.object().map(drop))?;
            tool.each_if_there(&["strict"], |it| it.flag().map(drop))?;
            Ok(Some(name))
        }
        "custom" => {
            tool.only(&["type", "name", "description", "format", "defer_loading"])?;
            named(tool).map(Some)
        }
        "namespace" => {
            tool.only(&["type", "name", "description", "tools"])?;
            tool.need("name")?.text()?;
            for nested in tool.need("tools")?.items()? {
                self::tool(&nested)?;
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

fn named<'a>(tool: &Node<'a>) -> Checked<&'a str> {
    let name = tool.need("name")?;
    if is_tool_name(name.text()?, 128) {
        return name.text();
    }
    Err(name.fault(format!(
        "Invalid '{}': string does not match pattern. Expected a string that matches the pattern \
         '^[a-zA-Z0-9_-]+$'.",
        name.path
    )))
}

fn tool_choice(choice: &Node<'_>, names: &[&str]) -> Checked {
    if choice.value.is_string() {
        return choice.one_of(&["none", "auto", "required"]).map(drop);
    }
    let kind = choice.need("type")?.text()?;
    if !matches!(kind, "function" | "custom") {
        return Ok(());
    }
    choice.only(&["type", "name"])?;
    let name = choice.need("name")?.text()?;
    if names.contains(&name) {
        return Ok(());
    }
    Err(choice.fault(format!("Tool choice '{name}' not found in 'tools' parameter.")))
}
