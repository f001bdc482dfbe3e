//! What Chat Completions refuses.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::provider::node::{Checked, Fault, Node, Problem, is_tool_name};

const FIELDS: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];
const ROLES: &[&str] = &["system", "assistant", "user", "function", "tool", "developer"];

/// Finds what is wrong with a request, if anything.
pub(in crate::provider) fn check(root: &Node<'_>) -> Checked {
    root.only(FIELDS).map_err(unrecognized)?;
    root.need("model")?.text()?;
    let messages = root.need("messages")?;
    let items = messages.items()?;
    if items.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, \
                       but got an empty array instead.";
        return Err(messages.fault(message));
    }
    items.iter().try_for_each(message)?;
    calls_and_results(&messages, &items)?;
    tools(root)?;
    settings(root)
}

/// Unknown top-level arguments have words of their own here.
fn unrecognized(fault: Fault) -> Fault {
    let message = format!("Unrecognized request argument supplied: {}", fault.path);
    match fault.problem {
        Problem::Unknown => Fault { problem: Problem::Said(message), code: None, ..fault },
        _ => fault,
    }
}

fn settings(root: &Node<'_>) -> Checked {
    root.each_if_there(&["stream", "store", "logprobs", "parallel_tool_calls"], |it| {
        it.flag().map(drop)
    })?;
    root.each_if_there(&["max_tokens", "max_completion_tokens", "n"], |it| {
        it.whole_from(1).map(drop)
    })?;
    root.each_if_there(&["temperature"], |it| it.number_within(0.0, 2.0))?;
    root.each_if_there(&["top_p"], |it| it.number_within(0.0, 1.0))?;
    root.each_if_there(&["frequency_penalty", "presence_penalty"], |it| {
        it.number_within(-2.0, 2.0)
    })?;
    root.each_if_there(&["user", "prompt_cache_key"], |it| it.text().map(drop))?;
    root.each_if_there(&["reasoning_effort"], |it| {
        it.one_of(&["none", "minimal", "low", "medium", "high", "xhigh", "max"]).map(drop)
    })?;
    if root.has("max_tokens") && root.has("max_completion_tokens") {
        let message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not \
                       supported.";
        return Err(root.fault(message));
    }
    if let Some(options) = root.field("stream_options") {
        options.only(&["include_usage", "include_obfuscation"])?;
        if !root.field("stream").is_some_and(|stream| stream.value == &Value::Bool(true)) {
            let message =
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
            return Err(options.fault(message));
        }
    }
    if let Some(stop) = root.field("stop")
        && !stop.value.is_string()
    {
        let stops = stop.items()?;
        stops.iter().try_for_each(|it| it.text().map(drop))?;
        if stops.len() > 4 {
            return Err(stop.fault("Invalid 'stop': array too long. Expected at most 4 items."));
        }
    }
    root.field("response_format").map_or(Ok(()), |format| response_format(&format))
}

fn response_format(format: &Node<'_>) -> Checked {
    let kind = format.need("type")?.one_of(&["text", "json_object", "json_schema"])?;
    if kind != "json_schema" {
        return format.only(&["type"]);
    }
    format.only(&["type", "json_schema"])?;
    let schema = format.need("json_schema")?;
    schema.only(&["name", "description", "schema", "strict"])?;
    schema.need("name")?.text()?;
    schema.each_if_there(&["schema"], |it| it.object().map(drop))
}

fn message(message: &Node<'_>) -> Checked {
    let role = message.need("role")?.one_of(ROLES)?;
    match role {
        "tool" => {
            message.only(&["role", "content", "tool_call_id"])?;
            message.need("tool_call_id")?.text()?;
        }
        "assistant" => {
            // Other makers' chat APIs take thoughts back as `reasoning_content`.
            let thoughts = ["reasoning_content", "reasoning"];
            let known =
                ["role", "content", "name", "refusal", "audio", "tool_calls", "function_call"];
            message.only(&[known.as_slice(), &thoughts].concat())?;
            message.each_if_there(&["tool_calls"], tool_calls)?;
        }
        _ => message.only(&["role", "content", "name"])?,
    }
    let may_be_silent = role == "assistant"
        && ["tool_calls", "function_call", "refusal"].iter().any(|field| message.has(field));
    if may_be_silent && !message.has("content") {
        return Ok(());
    }
    content(&message.need("content")?, role)
}

fn content(content: &Node<'_>, role: &str) -> Checked {
    if content.value.is_string() {
        return Ok(());
    }
    if !content.value.is_array() {
        return Err(content.wrong("a string or an array"));
    }
    let kinds: &[&str] = match role {
        "user" => &["text", "image_url", "input_audio", "file"],
        "assistant" => &["text", "refusal"],
        _ => &["text"],
    };
    content.items()?.iter().try_for_each(|part| {
        let kind = part.need("type")?.one_of(kinds)?;
        part.only(&["type", kind])?;
        let inner = part.need(kind)?;
        match kind {
            "text" | "refusal" => inner.text().map(drop),
            "image_url" => inner.need("url")?.text().map(drop),
            _ => inner.object().map(drop),
        }
    })
}

fn tool_calls(calls: &Node<'_>) -> Checked {
    calls.items()?.iter().try_for_each(|call| {
        call.need("id")?.text()?;
        let kind = call.need("type")?.one_of(&["function", "custom"])?;
        call.only(&["id", "type", kind])?;
        let inner = call.need(kind)?;
        inner.need("name")?.text()?;
        inner.need(if kind == "function" { "arguments" } else { "input" })?.text().map(drop)
    })
}

/// Every call has its result right after it, every result its call before it.
fn calls_and_results(messages: &Node<'_>, items: &[Node<'_>]) -> Checked {
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for item in items {
        let role = item.value.get("role").and_then(Value::as_str).unwrap_or_default();
        if role == "tool" {
            let id = item.need("tool_call_id")?.text()?;
            if !open.remove(id) {
                return Err(Fault {
                    path: format!("{}.role", item.path),
                    ..item.fault(
                        "Invalid parameter: messages with role 'tool' must be a response to a \
                         preceeding message with 'tool_calls'.",
                    )
                });
            }
            continue;
        }
        no_call_is_open(messages, &open)?;
        for call in item.field("tool_calls").map_or(Ok(Vec::new()), |calls| calls.items())? {
            open.insert(call.need("id")?.text()?);
        }
    }
    no_call_is_open(messages, &open)
}

fn no_call_is_open(messages: &Node<'_>, open: &BTreeSet<&str>) -> Checked {
    if open.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = open.iter().copied().collect();
    Err(messages.fault(format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to \
         each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        ids.join(", ")
    )))
}

fn tools(root: &Node<'_>) -> Checked {
    let Some(tools) = root.field("tools") else {
        return root.each_if_there(&["tool_choice", "parallel_tool_calls"], |it| {
            Err(it.fault(format!("'{}' is only allowed when 'tools' are specified.", it.path)))
        });
    };
    let mut names = Vec::new();
    for tool in tools.items()? {
        let kind = tool.need("type")?.one_of(&["function", "custom"])?;
        tool.only(&["type", kind])?;
        let inner = tool.need(kind)?;
        inner.only(if kind == "function" {
            &["name", "description", "parameters", "strict"]
        } else {
            &["name", "description", "format"]
        })?;
        let name = inner.need("name")?;
        if !is_tool_name(name.text()?, 64) {
            return Err(name.fault(format!(
                "Invalid '{}': string does not match pattern. Expected a string that matches the \
                 pattern '^[a-zA-Z0-9_-]+$'.",
                name.path
            )));
        }
        names.push(name.text()?);
        inner.each_if_there(&["parameters"], |it| it.object().map(drop))?;
    }
    root.field("tool_choice").map_or(Ok(()), |choice| tool_choice(&choice, &names))
}

fn tool_choice(choice: &Node<'_>, names: &[&str]) -> Checked {
    if choice.value.is_string() {
        return choice.one_of(&["none", "auto", "required"]).map(drop);
    }
    let kind = choice.need("type")?.one_of(&["function", "custom", "allowed_tools"])?;
    choice.only(&["type", kind])?;
    if kind == "allowed_tools" {
        return choice.need(kind)?.object().map(drop);
    }
    let name = choice.need(kind)?.need("name")?.text()?;
    if names.contains(&name) {
        return Ok(());
    }
    Err(choice.fault(format!("Tool choice '{name}' not found in 'tools' parameter.")))
}
