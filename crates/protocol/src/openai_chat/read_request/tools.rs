//! What the model may call, and whether it must.

use serde_json::{Map, Value, json};

use super::field::{
    Object, boolean, given, objects, string, the_object, the_string, within, wrong,
};
use crate::canonical::{Losses, Tool, ToolChoice, ToolKind, Untranslatable};

/// `tools`, and the older `functions`. A tool that the provider would run itself is left out.
pub(super) fn read_tools(body: &Object, losses: &mut Losses) -> Result<Vec<Tool>, Untranslatable> {
    let mut tools = Vec::new();
    for element in objects(body, "tools") {
        let (index, element) = element?;
        let inside = within(format!("tools[{index}]"));
        tools.extend(read_tool(element, losses).map_err(inside)?);
    }
    for element in objects(body, "functions") {
        let (index, element) = element?;
        tools.push(read_function(element).map_err(within(format!("functions[{index}]")))?);
    }
    Ok(tools)
}

fn read_tool(tool: &Object, losses: &mut Losses) -> Result<Option<Tool>, Untranslatable> {
    let kind = string(tool, "type")?.unwrap_or("function");
    let inside = || within(kind.to_owned());
    let mut read = match kind {
        "function" => read_function(the_object(tool, kind)?).map_err(inside())?,
        "custom" => read_custom(the_object(tool, kind)?).map_err(inside())?,
        other => {
            losses.add(format!("tools.{other}"));
            return Ok(None);
        }
    };
    read.cached = given(tool, "cache_control").is_some();
    Ok(Some(read))
}

fn read_function(function: &Object) -> Result<Tool, Untranslatable> {
    let parameters = match given(function, "parameters") {
        Some(Value::Object(parameters)) if !parameters.is_empty() => {
            Value::Object(parameters.clone())
        }
        None | Some(Value::Object(_)) => json!({"properties": {}, "type": "object"}),
        Some(_) => return Err(wrong("parameters", "an object")),
    };
    let strict = boolean(function, "strict")?;
    named(function, ToolKind::Function { parameters, strict })
}

fn read_custom(custom: &Object) -> Result<Tool, Untranslatable> {
    let format = given(custom, "format").and_then(read_grammar);
    named(custom, ToolKind::Free { format })
}

/// The grammar in the flat form that Responses gives it (`{"type","syntax","definition"}`), here
/// one level deeper; plain text is no grammar.
fn read_grammar(format: &Value) -> Option<Value> {
    match format.get("grammar").and_then(Value::as_object) {
        Some(grammar) => {
            let mut flat = Map::from_iter([("type".to_owned(), json!("grammar"))]);
            flat.extend(grammar.clone());
            Some(Value::Object(flat))
        }
        None if format.get("type").and_then(Value::as_str) == Some("text") => None,
        None => Some(format.clone()),
    }
}

fn named(object: &Object, kind: ToolKind) -> Result<Tool, Untranslatable> {
    Ok(Tool {
        name: the_string(object, "name")?.to_owned(),
        namespace: None,
        description: string(object, "description")?.map(str::to_owned),
        kind,
        cached: false,
    })
}

/// `tool_choice`, else the older `function_call`.
pub(super) fn read_choice(body: &Object) -> Result<Option<ToolChoice>, Untranslatable> {
    if let Some(choice) = given(body, "tool_choice") {
        return match choice {
            Value::String(word) => read_word(word)
                .ok_or_else(|| wrong("tool_choice", "one of none, auto or required, or an object")),
            Value::Object(choice) => read_chosen(choice).map_err(within("tool_choice".to_owned())),
            _ => Err(wrong("tool_choice", "a string or an object")),
        }
        .map(Some);
    }
    match given(body, "function_call") {
        None => Ok(None),
        Some(Value::String(word)) => {
            let choice = read_word(word).ok_or_else(|| wrong("function_call", "none or auto"))?;
            Ok(Some(choice))
        }
        Some(Value::Object(function)) => {
            let name = the_string(function, "name").map_err(within("function_call".to_owned()))?;
            Ok(Some(ToolChoice::Named(name.to_owned())))
        }
        Some(_) => Err(wrong("function_call", "a string or an object")),
    }
}

fn read_word(word: &str) -> Option<ToolChoice> {
    match word {
        "auto" => Some(ToolChoice::Auto),
        "none" => Some(ToolChoice::None),
        // Mistral's word is `any`.
        "required" | "any" => Some(ToolChoice::Required),
        _ => None,
    }
}

fn read_chosen(choice: &Object) -> Result<ToolChoice, Untranslatable> {
    match string(choice, "type")? {
        Some("allowed_tools") => {
            // The reference nests the list; some clients send it flat.
            let allowed = match given(choice, "allowed_tools") {
                Some(_) => the_object(choice, "allowed_tools")?,
                None => choice,
            };
            let names = objects(allowed, "tools").map(|tool| {
                let (index, tool) = tool?;
                let kind = string(tool, "type")?.unwrap_or("function");
                read_chosen_name(tool, kind).map_err(within(format!("tools[{index}]")))
            });
            let required = string(allowed, "mode")? == Some("required");
            Ok(ToolChoice::Among { names: names.collect::<Result<_, _>>()?, required })
        }
        Some(kind @ ("function" | "custom")) => {
            read_chosen_name(choice, kind).map(ToolChoice::Named)
        }
        _ => Err(wrong("type", "one of function, custom or allowed_tools")),
    }
}

fn read_chosen_name(tool: &Object, kind: &str) -> Result<String, Untranslatable> {
    let named = match given(tool, kind) {
        Some(_) => the_object(tool, kind)?,
        None => tool,
    };
    the_string(named, "name").map(str::to_owned).map_err(within(kind.to_owned()))
}
