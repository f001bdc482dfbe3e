//! The conversation, as a list of items.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{ByName, put_some};
use crate::canonical::{
    Losses, Part, Role, Thought, ToolCall, ToolNames, ToolResult, Turn, Untranslatable,
};
use crate::openai_responses::media::write_media;
use crate::openai_responses::seal::is_openais;

/// Takes a first turn of plain instructions apart from the rest: every upstream knows the field for
/// them, and not every one knows the role.
pub(super) fn instructions(turns: &[Turn]) -> (Option<&str>, &[Turn]) {
    match turns {
        [Turn { role: Role::System, parts }, rest @ ..] if !rest.is_empty() => {
            match parts.as_slice() {
                [Part::Text { text, .. }] if !text.is_empty() => (Some(text), rest),
                _ => (None, turns),
            }
        }
        _ => (None, turns),
    }
}

/// Writes the turns.
pub(super) fn write(
    turns: &[Turn],
    tools: &ByName<'_>,
    names: &ToolNames,
    losses: &mut Losses,
) -> Result<Value, Untranslatable> {
    let mut input = Input { items: Vec::new(), free: HashSet::new(), tools, names, losses };
    for (index, turn) in turns.iter().enumerate() {
        input.turn(turn, &format!("messages[{index}]"))?;
    }
    Ok(Value::Array(input.items))
}

struct Input<'r> {
    items: Vec<Value>,
    /// Calls of tools that take free text.
    free: HashSet<&'r str>,
    tools: &'r ByName<'r>,
    names: &'r ToolNames,
    losses: &'r mut Losses,
}

impl<'r> Input<'r> {
    fn turn(&mut self, turn: &'r Turn, field: &str) -> Result<(), Untranslatable> {
        let mut content = Vec::new();
        for part in &turn.parts {
            match part {
                Part::Text { text, .. } => content.push(write_text(turn.role, text)),
                Part::Refusal(text) if turn.role == Role::Assistant => {
                    content.push(json!({"type": "refusal", "refusal": text}));
                }
                Part::Refusal(text) => content.push(write_text(turn.role, text)),
                Part::Media(_) if turn.role == Role::Assistant => {
                    return Err(Untranslatable::new(
                        field,
                        "OpenAI's Responses take no media in what the model said.",
                    ));
                }
                Part::Media(media) => content.push(write_media(media, field)?),
                Part::ToolCall(call) => {
                    self.message(turn.role, &mut content);
                    self.call(call);
                }
                Part::ToolResult(result) => {
                    self.message(turn.role, &mut content);
                    self.result(result, field)?;
                }
                Part::Thought(thought) => {
                    self.message(turn.role, &mut content);
                    self.items.extend(write_thought(thought));
                }
            }
        }
        self.message(turn.role, &mut content);
        Ok(())
    }

    /// Ends the message under way.
    fn message(&mut self, role: Role, content: &mut Vec<Value>) {
        if content.is_empty() {
            return;
        }
        let role = match role {
            Role::System => "developer",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let content = std::mem::take(content);
        self.items.push(json!({"type": "message", "role": role, "content": content}));
    }

    fn call(&mut self, call: &'r ToolCall) {
        let mut item = if self.tools.is_free(&call.name) {
            self.free.insert(&call.id);
            json!({"type": "custom_tool_call", "call_id": call.id, "input": call.arguments})
        } else {
            json!({"type": "function_call", "call_id": call.id, "arguments": call.arguments})
        };
        match self.tools.namespace(&call.name) {
            Some((namespace, name)) => {
                put_some(&mut item, "name", json!(name));
                put_some(&mut item, "namespace", json!(namespace));
            }
            None => put_some(&mut item, "name", json!(self.names.there(&call.name))),
        }
        self.items.push(item);
    }

    fn result(&mut self, result: &ToolResult, field: &str) -> Result<(), Untranslatable> {
        if result.is_error {
            self.losses.add("tool_result.is_error");
        }
        let kind = if self.free.contains(result.call.as_str()) {
            "custom_tool_call_output"
        } else {
            "function_call_output"
        };
        let output = match result.parts.as_slice() {
            [] => json!(""),
            [Part::Text { text, .. }] => json!(text),
            parts => {
                parts.iter().map(|part| write_output(part, field)).collect::<Result<_, _>>()?
            }
        };
        self.items.push(json!({"type": kind, "call_id": result.call, "output": output}));
        Ok(())
    }
}

fn write_text(role: Role, text: &str) -> Value {
    let kind = if role == Role::Assistant { "output_text" } else { "input_text" };
    json!({"type": kind, "text": text})
}

fn write_output(part: &Part, field: &str) -> Result<Value, Untranslatable> {
    match part {
        Part::Text { text, .. } => Ok(write_text(Role::User, text)),
        Part::Media(media) => write_media(media, field),
        _ => Err(Untranslatable::new(field, "A tool's result must be text, images or files.")),
    }
}

/// A thought that OpenAI sealed; others are of no use to it, and without a seal it would look for
/// them among what it stored.
fn write_thought(thought: &Thought) -> Option<Value> {
    let seal = thought.seal.as_deref().filter(|seal| is_openais(seal))?;
    let summary = match thought.text.as_str() {
        "" => json!([]),
        text => json!([{"type": "summary_text", "text": text}]),
    };
    let mut item = json!({"type": "reasoning", "summary": summary, "encrypted_content": seal});
    let id = thought.id.as_deref().filter(|id| id.starts_with("rs_"));
    put_some(&mut item, "id", json!(id));
    Some(item)
}
