//! What the Messages API refuses of a request's settings and tools.

use serde_json::Value;

use super::{check_content, check_order};
use crate::provider::node::{Checked, Node, Problem, is_tool_name};

const FIELDS: &[&str] = &[
    "cache_control",
    "container",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];
const FIELDS_TO_COUNT: &[&str] = &[
    "cache_control",
    "messages",
    "model",
    "output_config",
    "system",
    "thinking",
    "tool_choice",
    "tools",
];
/// Fields that are known only to those who ask for them in `anthropic-beta`.
const BY_BETA: &[(&str, &str)] = &[
    ("context_management", "context-management-"),
    ("context_management", "compact-"),
    ("mcp_servers", "mcp-client-"),
    ("output_format", "structured-outputs-"),
];

/// What the headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) struct Head<'a> {
    /// `anthropic-version`.
    pub(in crate::provider) version: Option<&'a str>,
    /// `anthropic-beta`: names with dates, parted by commas.
    pub(in crate::provider) betas: &'a str,
}

impl Head<'_> {
    pub(super) fn has_beta(&self, name: &str) -> bool {
        self.betas.split(',').any(|beta| beta.trim().starts_with(name))
    }
}

/// Finds what is wrong with a request, if anything.
pub(in crate::provider) fn check(root: &Node<'_>, head: &Head<'_>) -> Checked {
    known_fields(root, head, FIELDS)?;
    let max_tokens = root.need("max_tokens")?;
    let max = max_tokens.whole()?;
    if max == 0 {
        return Err(max_tokens.fault("Input should be greater than or equal to 1"));
    }
    conversation(root, head)?;
    root.each_if_there(&["stream"], |it| it.flag().map(drop))?;
    root.each_if_there(&["temperature", "top_p"], |it| {
        let good = it.value.as_f64().is_some_and(|number| (0.0..=1.0).contains(&number));
        if good { Ok(()) } else { Err(it.fault("Input should be between 0 and 1")) }
    })?;
    root.each_if_there(&["top_k"], |it| it.whole().map(drop))?;
    root.each_if_there(&["stop_sequences"], |it| {
        it.items()?.iter().try_for_each(|stop| stop.text().map(drop))
    })?;
    root.each_if_there(&["metadata"], |metadata| {
        metadata.only(&["user_id", "simulate"])?;
        metadata.each_if_there(&["user_id"], |it| it.text().map(drop))
    })?;
    thinking(root, max)
}

/// The same for a request that only wants its tokens counted.
pub(in crate::provider) fn check_count(root: &Node<'_>, head: &Head<'_>) -> Checked {
    known_fields(root, head, FIELDS_TO_COUNT)?;
    conversation(root, head)
}

fn known_fields(root: &Node<'_>, head: &Head<'_>, fields: &[&str]) -> Checked {
    if head.version.is_none() {
        return Err(root.fault("anthropic-version: header is required"));
    }
    let mut known = fields.to_vec();
    known.extend(BY_BETA.iter().filter(|(_, beta)| head.has_beta(beta)).map(|(field, _)| *field));
    root.only(&known)?;
    root.need("model")?.text().map(drop)
}

fn conversation(root: &Node<'_>, head: &Head<'_>) -> Checked {
    root.each_if_there(&["system"], |system| {
        if system.value.is_string() { Ok(()) } else { check_content::texts(system) }
    })?;
    let messages = root.need("messages")?;
    let items = messages.items()?;
    if items.is_empty() {
        return Err(messages.fault("at least one message is required"));
    }
    let may_hold_system = head.has_beta("mid-conversation-");
    items.iter().try_for_each(|item| check_content::message(item, may_hold_system))?;
    check_order::check(&messages, &items, is_thinking(root))?;
    tools(root)?;
    let marks = marks(root.value);
    if marks > 4 {
        let message = "A maximum of 4 blocks with cache_control may be provided. Found ";
        return Err(root.fault(format!("{message}{marks}.")));
    }
    Ok(())
}

/// Whether thoughts must be sent back with the calls that they led to.
fn is_thinking(root: &Node<'_>) -> bool {
    root.value.pointer("/thinking/type").and_then(Value::as_str) == Some("enabled")
}

fn thinking(root: &Node<'_>, max_tokens: u64) -> Checked {
    let Some(thinking) = root.field("thinking") else { return Ok(()) };
    let kind = thinking.need("type")?.one_of(&["enabled", "disabled", "adaptive"])?;
    match kind {
        "enabled" => {
            thinking.only(&["type", "budget_tokens", "display"])?;
            let budget = thinking.need("budget_tokens")?;
            if budget.whole()? < 1024 {
                return Err(budget.fault("Input should be greater than or equal to 1024"));
            }
            if budget.whole()? >= max_tokens {
                return Err(
                    root.fault("`max_tokens` must be greater than `thinking.budget_tokens`.")
                );
            }
        }
        "adaptive" => thinking.only(&["type", "display"])?,
        _ => return thinking.only(&["type"]),
    }
    if let Some(temperature) = root.field("temperature").and_then(|it| it.value.as_f64())
        && (temperature - 1.0).abs() > f64::EPSILON
    {
        let message = "`temperature` may only be set to 1 when thinking is enabled.";
        return Err(root.fault(message));
    }
    let choice = root.value.pointer("/tool_choice/type").and_then(Value::as_str);
    if matches!(choice, Some("any" | "tool")) {
        let message = "Thinking may not be enabled when tool_choice forces tool use.";
        return Err(root.fault(message));
    }
    Ok(())
}

fn tools(root: &Node<'_>) -> Checked {
    let mut names: Vec<&str> = Vec::new();
    if let Some(tools) = root.field("tools") {
        for tool in tools.items()? {
            names.push(self::tool(&tool)?);
            let last = names.len() - 1;
            if names.iter().take(last).any(|name| Some(name) == names.last()) {
                return Err(tools.fault("Tool names must be unique."));
            }
        }
    }
    let Some(choice) = root.field("tool_choice") else { return Ok(()) };
    let kind = choice.need("type")?.one_of(&["auto", "any", "tool", "none"])?;
    choice.only(match kind {
        "tool" => &["type", "name", "disable_parallel_tool_use"],
        "none" => &["type"],
        _ => &["type", "disable_parallel_tool_use"],
    })?;
    if names.is_empty() && kind != "none" {
        return Err(choice.fault("tool_choice may only be specified while providing tools"));
    }
    if kind == "tool" {
        let name = choice.need("name")?.text()?;
        if !names.contains(&name) {
            return Err(root.fault(format!("Tool '{name}' not found in provided tools")));
        }
    }
    Ok(())
}

fn tool<'a>(tool: &Node<'a>) -> Checked<&'a str> {
    let kind = tool.field("type").map_or(Ok("custom"), |kind| kind.text())?;
    if kind != "custom" {
        // Anthropic's own tools have a date in their type and settings of their own.
        let dated = kind.rsplit_once('_').is_some_and(|(_, date)| date.parse::<u32>().is_ok());
        if !dated {
            let tags = "does not match any of the expected tags: 'bash_20250124', 'custom', …";
            let message = format!("Input tag '{kind}' found using 'type' {tags}");
            return Err(tool.fault(message));
        }
        return tool.need("name")?.text();
    }
    let in_custom = |fault: crate::provider::node::Fault| match fault.problem {
        // That is how the API names the place, the tag included.
        Problem::Missing => crate::provider::node::Fault {
            path: fault.path.replace(&tool.path, &format!("{}.custom", tool.path)),
            ..fault
        },
        _ => fault,
    };
    let name = tool.need("name").map_err(in_custom)?;
    if !is_tool_name(name.text()?, 128) {
        return Err(name.fault("String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"));
    }
    tool.only(&[
        "type",
        "name",
        "description",
        "input_schema",
        "cache_control",
        "strict",
        "defer_loading",
        "allowed_callers",
        "input_examples",
        "eager_input_streaming",
    ])?;
    let schema = tool.need("input_schema").map_err(in_custom)?;
    schema.object()?;
    if schema.need("type")?.value.as_str() != Some("object") {
        return Err(schema.need("type")?.fault("Input should be 'object'"));
    }
    name.text()
}

/// How many blocks end a part of the prompt that is to be cached.
fn marks(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(marks).sum(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "input" | "input_schema"))
            .map(|(name, inner)| {
                usize::from(name == "cache_control" && !inner.is_null()) + marks(inner)
            })
            .sum(),
        _ => 0,
    }
}
