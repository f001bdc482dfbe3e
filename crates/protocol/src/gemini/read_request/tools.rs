//! What the model may call, and whether it must.

use serde_json::{Value, json};

use super::super::fields::{each, member, members, text, wrong};
use super::super::schema::json_schema;
use crate::canonical::{Losses, Tool, ToolChoice, ToolKind, Untranslatable};

/// Reads `tools`: functions; what Google runs itself (search, code, URLs, maps) is left out.
pub(super) fn read(tools: &Value, losses: &mut Losses) -> Result<Vec<Tool>, Untranslatable> {
    let mut out = Vec::new();
    for (index, tool) in each(tools).iter().enumerate() {
        for (name, value) in members(tool) {
            if name != "functionDeclarations" {
                losses.add(format!("tools.{name}"));
                continue;
            }
            for (place, function) in each(value).iter().enumerate() {
                let field = format!("tools[{index}].functionDeclarations[{place}]");
                out.push(read_function(function, &field, losses)?);
            }
        }
    }
    Ok(out)
}

fn read_function(
    function: &Value,
    field: &str,
    losses: &mut Losses,
) -> Result<Tool, Untranslatable> {
    let mut name = None;
    let mut description = None;
    let mut parameters = None;
    for (key, value) in members(function) {
        match &*key {
            "name" => name = Some(text(value, &format!("{field}.name"))?.to_owned()),
            "description" => {
                description = Some(text(value, &format!("{field}.description"))?.to_owned());
            }
            "parameters" => parameters = parameters.or_else(|| Some(json_schema(value))),
            "parametersJsonSchema" => parameters = Some(value.clone()),
            other => losses.add(format!("tools.functionDeclarations.{other}")),
        }
    }
    let empty = || json!({"type": "object", "properties": {}});
    Ok(Tool {
        name: name.ok_or_else(|| wrong(&format!("{field}.name"), "a string"))?,
        namespace: None,
        description,
        kind: ToolKind::Function { parameters: parameters.unwrap_or_else(empty), strict: None },
        cached: false,
    })
}

/// Reads `toolConfig`.
pub(super) fn read_choice(
    config: &Value,
    losses: &mut Losses,
) -> Result<Option<ToolChoice>, Untranslatable> {
    let mut choice = None;
    for (name, value) in members(config) {
        if name == "functionCallingConfig" {
            choice = read_mode(value, losses)?;
        } else {
            losses.add(format!("toolConfig.{name}"));
        }
    }
    Ok(choice)
}

/// `VALIDATED` lets the model speak or call, its calls held to their schemas, which no other
/// dialect says of all tools at once.
fn read_mode(config: &Value, losses: &mut Losses) -> Result<Option<ToolChoice>, Untranslatable> {
    const FIELD: &str = "toolConfig.functionCallingConfig.mode";
    let names = member(config, "allowedFunctionNames").map(each).unwrap_or_default();
    let mut names: Vec<String> =
        names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mode = member(config, "mode").map(|mode| mode.as_str().unwrap_or_default());
    Ok(match mode.map(str::to_ascii_uppercase).as_deref() {
        None | Some("MODE_UNSPECIFIED") => None,
        Some("NONE") => Some(ToolChoice::None),
        Some("ANY") if names.is_empty() => Some(ToolChoice::Required),
        Some("ANY") if names.len() == 1 => names.pop().map(ToolChoice::Named),
        Some("ANY") => Some(ToolChoice::Among { names, required: true }),
        Some("AUTO" | "VALIDATED") if !names.is_empty() => {
            Some(ToolChoice::Among { names, required: false })
        }
        Some("AUTO") => Some(ToolChoice::Auto),
        Some("VALIDATED") => {
            losses.add(FIELD);
            Some(ToolChoice::Auto)
        }
        Some(_) => return Err(wrong(FIELD, "AUTO, ANY, NONE or VALIDATED")),
    })
}
