//! The tool-using script: the first turn calls a tool that the request offers, the turn with the
//! tool's result answers with what the tool said. Two turns make a coding agent do real work.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What the default tool call runs.
const COMMAND: &str = "echo tollkeeper";

/// Call tools where the request offers some and carries no result yet.
///
/// `{}` calls the shell of a known agent (Claude Code's `Bash`, Codex's `exec_command` or
/// `shell`), else the first tool with arguments made from its schema.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolUse {
    /// What the default call runs, where the tool takes a command; `echo tollkeeper` by default.
    pub command: Option<String>,
    /// These calls instead of the default one, in parallel. Tools that the request does not offer
    /// are left out; with none left, the answer is text.
    pub calls: Vec<ToolCall>,
    /// Text before the calls.
    pub say: Option<String>,
}

impl ToolUse {
    /// The default call with this command.
    #[must_use]
    pub fn command(command: impl Into<String>) -> Self {
        Self { command: Some(command.into()), ..Self::default() }
    }

    /// One call of this tool.
    #[must_use]
    pub fn call(name: impl Into<String>, arguments: Value) -> Self {
        let call = ToolCall { name: name.into(), arguments, anyway: false };
        Self { calls: vec![call], ..Self::default() }
    }
}

/// A scripted tool call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolCall {
    /// The tool's name; a tool inside a namespace is found by its own name.
    pub name: String,
    /// The arguments: an object; a string for a custom tool, or to put broken JSON on the wire.
    #[serde(default)]
    pub arguments: Value,
    /// Call it even if the request does not offer it.
    #[serde(default)]
    pub anyway: bool,
}

/// A tool that a request offers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tool {
    pub(super) name: String,
    /// Codex's groups of tools; their calls carry the group's name.
    pub(super) namespace: Option<String>,
    /// The arguments' JSON schema; `None` for a custom tool, which takes text.
    pub(super) schema: Option<Value>,
}

/// A call that an answer makes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlannedCall {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    /// Whether the tool takes text instead of JSON.
    pub(super) custom: bool,
    /// The arguments as an object, where they are one.
    pub(super) input: Value,
    /// The arguments as text, in pieces of one token each.
    pub(super) pieces: Vec<String>,
}

impl PlannedCall {
    fn new(tool: &Tool, arguments: &Value) -> Self {
        let text = match arguments {
            Value::String(text) => text.clone(),
            Value::Null => "{}".to_owned(),
            other => other.to_string(),
        };
        let input = match arguments {
            Value::Object(_) => arguments.clone(),
            _ => json!({}),
        };
        let custom = tool.schema.is_none();
        let (name, namespace) = (tool.name.clone(), tool.namespace.clone());
        Self { name, namespace, custom, input, pieces: pieces(&text) }
    }

    pub(super) fn text(&self) -> String {
        self.pieces.concat()
    }
}

/// The calls that a script makes of the tools offered.
pub(super) fn planned(script: &ToolUse, offered: &[Tool]) -> Vec<PlannedCall> {
    if script.calls.is_empty() {
        let command = script.command.as_deref().unwrap_or(COMMAND);
        let tool = offered.iter().find(|tool| is_shell(&tool.name)).or(offered.first());
        return tool
            .map(|tool| PlannedCall::new(tool, &default_arguments(tool, command)))
            .into_iter()
            .collect();
    }
    let wanted = |call: &ToolCall| {
        let tool = offered.iter().find(|tool| tool.name == call.name).cloned();
        let unknown = Tool { name: call.name.clone(), namespace: None, schema: Some(json!({})) };
        let tool = tool.or_else(|| call.anyway.then_some(unknown))?;
        Some(PlannedCall::new(&tool, &call.arguments))
    };
    script.calls.iter().filter_map(wanted).collect()
}

fn is_shell(name: &str) -> bool {
    matches!(name, "Bash" | "exec_command" | "shell" | "shell_command" | "local_shell")
}

/// Arguments that satisfy the tool's schema, with the command where it belongs.
fn default_arguments(tool: &Tool, command: &str) -> Value {
    let Some(schema) = &tool.schema else {
        return Value::from(command);
    };
    let mut arguments = Map::new();
    let properties = schema.get("properties");
    let property = |name: &str| properties.and_then(|all| all.get(name));
    if tool.name == "exec_command" || property("cmd").is_some() {
        arguments.insert("cmd".to_owned(), command.into());
    } else if is_list(property("command"))
        || (tool.name == "shell" && property("command").is_none())
    {
        arguments.insert("command".to_owned(), json!(["bash", "-lc", command]));
    } else if is_shell(&tool.name) || property("command").is_some() {
        arguments.insert("command".to_owned(), command.into());
    }
    if tool.name == "Bash" {
        arguments.insert("description".to_owned(), "Runs the scripted command".into());
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !arguments.contains_key(name) {
            arguments.insert(name.to_owned(), example(property(name)));
        }
    }
    Value::Object(arguments)
}

/// The smallest value of a schema's type.
fn example(schema: Option<&Value>) -> Value {
    let Some(schema) = schema else { return json!("x") };
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|all| all.first()) {
        return first.clone();
    }
    match kind(schema).as_deref() {
        Some("object") => json!({}),
        Some("array") => json!([]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        _ => json!("x"),
    }
}

/// The first type of a schema; Gemini writes types in capitals.
fn kind(schema: &Value) -> Option<String> {
    let kind = schema.get("type")?;
    let kind = kind.as_str().or_else(|| kind.as_array()?.first()?.as_str())?;
    Some(kind.to_lowercase())
}

fn is_list(schema: Option<&Value>) -> bool {
    schema.and_then(kind).as_deref() == Some("array")
}

/// A dozen characters at a time.
fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(12).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, schema: Value) -> Tool {
        Tool { name: name.to_owned(), namespace: None, schema: Some(schema) }
    }

    fn input(tool: Tool) -> Value {
        planned(&ToolUse::command("ls"), &[tool])[0].input.clone()
    }

    #[test]
    fn knows_the_shells_of_coding_agents() {
        let bash = input(tool("Bash", json!({"required": ["command"]})));
        assert_eq!(bash["command"], "ls");
        assert!(bash["description"].is_string());
        assert_eq!(input(tool("exec_command", json!({}))), json!({"cmd": "ls"}));
        let list = json!({"properties": {"command": {"type": "array"}}});
        let words = json!({"command": ["bash", "-lc", "ls"]});
        assert_eq!(input(tool("shell", list)), words);
        let offered = [tool("other", json!({})), tool("Bash", json!({}))];
        assert_eq!(planned(&ToolUse::default(), &offered)[0].name, "Bash");
    }

    #[test]
    fn fills_an_unknown_tools_required_arguments() {
        let schema = json!({
            "properties": {"city": {"type": "STRING"}, "days": {"type": "integer"}, "unit": {"enum": ["C"]}},
            "required": ["city", "days", "unit"],
        });
        assert_eq!(input(tool("weather", schema)), json!({"city": "x", "days": 1, "unit": "C"}));
    }

    #[test]
    fn a_tool_that_is_not_offered_is_not_called() {
        let script = ToolUse::call("rm", json!({}));
        assert!(planned(&script, &[tool("ls", json!({}))]).is_empty());
    }
}
