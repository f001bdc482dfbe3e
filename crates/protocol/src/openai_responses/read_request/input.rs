//! The conversation: a text, or a list of items.

mod content;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::content::{read_content, read_output, words};
use super::tools::{Tools, canonical_name};
use super::{Fields, text};
use crate::canonical::{Losses, Part, Role, Thought, ToolCall, ToolResult, Turn, Untranslatable};
use crate::openai_responses::{free, seal};

/// Reads `input` behind the turns that are there.
pub(super) fn read(
    value: Value,
    tools: &mut Tools,
    turns: &mut Vec<Turn>,
    losses: &mut Losses,
) -> Result<(), Untranslatable> {
    let mut items = match value {
        Value::String(said) => {
            turns.push(Turn { role: Role::User, parts: vec![Part::text(said)] });
            return Ok(());
        }
        Value::Array(items) => items,
        Value::Null => return Ok(()),
        _ => {
            return Err(Untranslatable::new("input", "`input` must be a text or a list of items."));
        }
    };
    // Tools can be given amid the conversation; how calls are read hangs on them.
    for (index, item) in items.iter_mut().enumerate() {
        let kind = item.get("type").and_then(Value::as_str);
        if matches!(kind, Some("additional_tools" | "tool_search_output")) {
            let nested = item.get_mut("tools").map(Value::take).unwrap_or_default();
            tools.read(nested, &format!("input[{index}].tools"), losses)?;
        }
    }
    let mut input = Input { tools, turns, losses, calls: HashMap::new(), dropped: HashSet::new() };
    for (index, item) in items.into_iter().enumerate() {
        if let Value::Object(item) = item {
            input.item(item, &format!("input[{index}]"))?;
        }
    }
    Ok(())
}

struct Input<'r> {
    tools: &'r Tools,
    turns: &'r mut Vec<Turn>,
    losses: &'r mut Losses,
    /// The tools that were called, by the calls' ids.
    calls: HashMap<String, String>,
    /// Calls that were left out: what they came to is left out as well.
    dropped: HashSet<String>,
}

impl Input<'_> {
    fn item(&mut self, mut item: Fields, field: &str) -> Result<(), Untranslatable> {
        let kind = text(&mut item, "type");
        match kind.as_deref() {
            None if item.contains_key("role") => self.message(item, field)?,
            None if item.contains_key("id") => return Err(stored_item(field)),
            Some("message") => self.message(item, field)?,
            Some("reasoning") => self.reasoning(item),
            Some("function_call") => self.call(item, "arguments", false),
            Some("custom_tool_call") => self.call(item, "input", true),
            Some("function_call_output" | "custom_tool_call_output") => self.output(item, field)?,
            Some("additional_tools") => {}
            Some("item_reference") => return Err(stored_item(field)),
            Some("compaction" | "compaction_summary" | "context_compaction") => {
                return Err(Untranslatable::new(
                    field,
                    "The conversation was compacted by OpenAI, and only OpenAI can read it; start \
                     a new one, or stay with a model of OpenAI.",
                ));
            }
            Some("compaction_trigger") => {
                return Err(Untranslatable::new(
                    field,
                    "The provider of this model cannot compact a conversation; summarise it instead.",
                ));
            }
            other => {
                if let Some(call) = text(&mut item, "call_id").or_else(|| text(&mut item, "id")) {
                    self.dropped.insert(call);
                }
                self.losses.add(format!("input.{}", other.unwrap_or("item")));
            }
        }
        Ok(())
    }

    fn message(&mut self, mut item: Fields, field: &str) -> Result<(), Untranslatable> {
        let role = match text(&mut item, "role").as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("system" | "developer") => Role::System,
            _ => {
                return Err(Untranslatable::new(
                    format!("{field}.role"),
                    "The role must be user, assistant, system or developer.",
                ));
            }
        };
        let content = item.remove("content").unwrap_or_default();
        let parts = read_content(content, &format!("{field}.content"))?;
        match role {
            Role::Assistant => parts.into_iter().for_each(|part| self.answered(part)),
            _ => self.turns.push(Turn { role, parts }),
        }
        Ok(())
    }

    /// Adds a part of an answer: what the model said in one go is one turn.
    fn answered(&mut self, part: Part) {
        match self.turns.last_mut() {
            Some(turn) if turn.role == Role::Assistant => turn.parts.push(part),
            _ => self.turns.push(Turn { role: Role::Assistant, parts: vec![part] }),
        }
    }

    fn reasoning(&mut self, mut item: Fields) {
        let mut said = words(item.remove("summary").unwrap_or_default());
        if said.is_empty() {
            said = words(item.remove("content").unwrap_or_default());
        }
        let kept = text(&mut item, "encrypted_content").filter(|kept| !kept.is_empty());
        let (seal, redacted) = match kept.map(seal::from_client) {
            Some(seal::Returned::Signature { call, signature }) => {
                return self.sign(&call, signature);
            }
            Some(seal::Returned::Seal(seal)) => (Some(seal).filter(|seal| !seal.is_empty()), false),
            Some(seal::Returned::Redacted(seal)) => (Some(seal), true),
            None => (None, false),
        };
        if said.is_empty() && seal.is_none() {
            return;
        }
        let id = text(&mut item, "id");
        self.answered(Part::Thought(Thought { text: said, seal, id, redacted }));
    }

    /// Gives a call its seal back; the item that carries it stands behind.
    fn sign(&mut self, id: &str, of_it: String) {
        let near = self.turns.iter_mut().rev().take(4);
        let parts = near.flat_map(|turn| turn.parts.iter_mut().rev());
        for part in parts {
            if let Part::ToolCall(call) = part
                && call.id == id
            {
                call.signature = Some(of_it);
                return;
            }
        }
    }

    fn call(&mut self, mut item: Fields, arguments: &str, is_free: bool) {
        let name = text(&mut item, "name").unwrap_or_default();
        let name = canonical_name(text(&mut item, "namespace").as_deref(), &name);
        let said = text(&mut item, arguments).unwrap_or_default();
        let arguments = match (is_free, self.tools.is_free(&name)) {
            (true, false) => free::wrap(&said),
            (false, true) => free::unwrap(&said).into_owned(),
            _ => said,
        };
        let id = text(&mut item, "call_id").or_else(|| text(&mut item, "id")).unwrap_or_default();
        self.calls.insert(id.clone(), name.clone());
        self.answered(Part::ToolCall(ToolCall { id, name, arguments, signature: None }));
    }

    fn output(&mut self, mut item: Fields, field: &str) -> Result<(), Untranslatable> {
        let call = text(&mut item, "call_id").unwrap_or_default();
        if self.dropped.contains(&call) {
            return Ok(());
        }
        let parts = read_output(item.remove("output").unwrap_or_default(), field)?;
        let name = self.calls.get(&call).cloned();
        let result = Part::ToolResult(ToolResult { call, name, parts, is_error: false });
        let is_result = |part: &Part| matches!(part, Part::ToolResult(_));
        match self.turns.last_mut() {
            Some(turn) if turn.role == Role::User && turn.parts.iter().all(is_result) => {
                turn.parts.push(result);
            }
            _ => self.turns.push(Turn { role: Role::User, parts: vec![result] }),
        }
        Ok(())
    }
}

fn stored_item(field: &str) -> Untranslatable {
    Untranslatable::new(
        field,
        "The item is stored at OpenAI, and the provider of this model cannot see it; send it whole.",
    )
}
