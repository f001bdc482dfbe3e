//! What the model may call, and whether it must.

use serde_json::{Value, json};

use super::{array, object, text};
use crate::canonical::{Losses, Request, Tool, ToolChoice, ToolKind, Untranslatable};

/// Reads `tools`, and says the names of those that only Anthropic has (the tools that it runs
/// itself, and those of which it knows the schema): they are left out and named as lost.
pub(super) fn read_tools(
    tools: Option<Value>,
    request: &mut Request,
    losses: &mut Losses,
) -> Result<Vec<String>, Untranslatable> {
    let mut hosted = Vec::new();
    for (place, tool) in array(tools.unwrap_or(json!([])), "tools")?.into_iter().enumerate() {
        let path = format!("tools[{place}]");
        let mut tool = object(tool, &path)?;
        let kind = text(tool.remove("type"), &format!("{path}.type"))?;
        let name = text(tool.remove("name"), &format!("{path}.name"))?;
        if let Some(kind) = kind.filter(|kind| kind != "custom") {
            let name = name.unwrap_or(kind);
            losses.add(name.as_str());
            hosted.push(name);
            continue;
        }
        let Some(name) = name else {
            return Err(Untranslatable::new(format!("{path}.name"), "A tool must have a name."));
        };
        let cache = tool.get("cache_control").filter(|control| !control.is_null());
        if cache.and_then(|control| control.get("ttl")).is_some_and(|ttl| ttl != "5m") {
            losses.add("cache_control.ttl");
        }
        request.tools.push(Tool {
            name,
            namespace: None,
            cached: cache.is_some(),
            description: text(tool.remove("description"), &format!("{path}.description"))?,
            kind: ToolKind::Function {
                strict: tool.get("strict").and_then(Value::as_bool),
                parameters: tool.remove("input_schema").unwrap_or(json!({ "type": "object" })),
            },
        });
        if tool.contains_key("input_examples") {
            losses.add("tools.input_examples");
        }
    }
    Ok(hosted)
}

/// Reads `tool_choice`.
pub(super) fn read_choice(
    choice: Option<Value>,
    hosted: &[String],
    request: &mut Request,
) -> Result<(), Untranslatable> {
    let Some(choice) = choice else { return Ok(()) };
    let mut choice = object(choice, "tool_choice")?;
    let one_at_a_time = choice.get("disable_parallel_tool_use").and_then(Value::as_bool);
    request.parallel_tool_calls = one_at_a_time.map(|one| !one);
    let gone = |name: &str| {
        Untranslatable::new(
            "tool_choice",
            format!("The tool `{name}` is Anthropic's own: this model's provider cannot call it."),
        )
    };
    request.tool_choice = match choice.get("type").and_then(Value::as_str) {
        Some("auto") => Some(ToolChoice::Auto),
        Some("none") => Some(ToolChoice::None),
        Some("any") => match hosted.first() {
            Some(name) if request.tools.is_empty() => return Err(gone(name)),
            _ => Some(ToolChoice::Required),
        },
        Some("tool") => {
            let name = text(choice.remove("name"), "tool_choice.name")?.unwrap_or_default();
            if hosted.contains(&name) {
                return Err(gone(&name));
            }
            Some(ToolChoice::Named(name))
        }
        _ => {
            return Err(Untranslatable::new(
                "tool_choice.type",
                "The type must be `auto`, `any`, `tool` or `none`.",
            ));
        }
    };
    Ok(())
}
