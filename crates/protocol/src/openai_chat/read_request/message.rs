//! The messages of a conversation, read into turns.

use std::collections::HashMap;

use serde_json::Value;

use super::content::read_content;
use super::field::{Object, given, objects, string, the_object, the_string, within, wrong};
use crate::canonical::{Losses, Part, Role, Thought, ToolCall, ToolResult, Turn, Untranslatable};
use crate::openai_chat::signature;

const ROLES: &str = "one of system, developer, user, assistant, tool or function";

/// Reads `messages`.
pub(super) fn read_messages(
    body: &Object,
    losses: &mut Losses,
) -> Result<Vec<Turn>, Untranslatable> {
    if given(body, "messages").is_none() {
        return Err(wrong("messages", "an array of objects"));
    }
    let mut conversation = Conversation::default();
    for message in objects(body, "messages") {
        let (index, message) = message?;
        conversation.read(message, losses).map_err(within(format!("messages[{index}]")))?;
    }
    Ok(conversation.turns)
}

#[derive(Default)]
struct Conversation {
    turns: Vec<Turn>,
    /// The names of the tools that were called, by the calls' ids.
    called: HashMap<String, String>,
    /// How many calls came without an id (the older `function_call`).
    nameless: u32,
    /// Whether the last turn holds results, to which the next result belongs.
    in_results: bool,
}

impl Conversation {
    fn read(&mut self, message: &Object, losses: &mut Losses) -> Result<(), Untranslatable> {
        let role = the_string(message, "role").map_err(|_| wrong("role", ROLES))?;
        if given(message, "name").is_some() && role != "function" && role != "tool" {
            losses.add("messages.name");
        }
        let (role, parts) = match role {
            "system" | "developer" => (Role::System, read_content(message)?),
            "user" => (Role::User, read_user(message)?),
            "assistant" => (Role::Assistant, self.read_assistant(message)?),
            "tool" => {
                let call = the_string(message, "tool_call_id")?.to_owned();
                return self.read_result(call, message);
            }
            "function" => {
                let name = the_string(message, "name")?.to_owned();
                let call = format!("call_{}", self.nameless);
                self.called.entry(call.clone()).or_insert(name);
                return self.read_result(call, message);
            }
            _ => return Err(wrong("role", ROLES)),
        };
        self.in_results = false;
        if !parts.is_empty() {
            self.turns.push(Turn { role, parts });
        }
        Ok(())
    }

    fn read_result(&mut self, call: String, message: &Object) -> Result<(), Untranslatable> {
        let name = self.called.get(&call).cloned();
        let parts = read_content(message)?;
        if let Some(other) = parts.iter().position(|part| matches!(part, Part::Refusal(_))) {
            return Err(wrong(&format!("content[{other}].type"), "text"));
        }
        let result = Part::ToolResult(ToolResult { call, name, parts, is_error: false });
        match self.turns.last_mut() {
            Some(turn) if self.in_results => turn.parts.push(result),
            _ => self.turns.push(Turn { role: Role::User, parts: vec![result] }),
        }
        self.in_results = true;
        Ok(())
    }

    fn read_assistant(&mut self, message: &Object) -> Result<Vec<Part>, Untranslatable> {
        if given(message, "audio").is_some() {
            return Err(Untranslatable::new(
                "audio",
                "`audio` names a sound that the model's provider does not have. Send its transcript as content.",
            ));
        }
        let mut parts = Vec::new();
        parts.extend(read_thought(message)?.map(Part::Thought));
        parts.extend(read_content(message)?);
        let refusal = string(message, "refusal")?.filter(|words| !words.is_empty());
        parts.extend(refusal.map(|words| Part::Refusal(words.to_owned())));
        for call in objects(message, "tool_calls") {
            let (index, call) = call?;
            let call = read_call(call).map_err(within(format!("tool_calls[{index}]")))?;
            self.called.insert(call.id.clone(), call.name.clone());
            parts.push(Part::ToolCall(call));
        }
        if given(message, "function_call").is_some() {
            self.nameless = self.nameless.saturating_add(1);
            let id = format!("call_{}", self.nameless);
            let call = read_function(the_object(message, "function_call")?, id)
                .map_err(within("function_call".to_owned()))?;
            self.called.insert(call.id.clone(), call.name.clone());
            parts.push(Part::ToolCall(call));
        }
        Ok(parts)
    }
}

/// An empty text of a user's is kept: it may be all that the conversation has.
fn read_user(message: &Object) -> Result<Vec<Part>, Untranslatable> {
    let parts = read_content(message)?;
    if parts.is_empty() {
        return match given(message, "content") {
            Some(_) => Ok(vec![Part::text("")]),
            None => Err(wrong("content", "a string or an array of parts")),
        };
    }
    Ok(parts)
}

/// `reasoning_content`, or `reasoning` where that says nothing.
fn read_thought(message: &Object) -> Result<Option<Thought>, Untranslatable> {
    let text = ["reasoning_content", "reasoning"]
        .into_iter()
        .filter_map(|name| message.get(name)?.as_str())
        .find(|text| !text.is_empty());
    Ok(text.map(|text| Thought { text: text.to_owned(), ..Thought::default() }))
}

fn read_call(call: &Object) -> Result<ToolCall, Untranslatable> {
    let id = the_string(call, "id")?.to_owned();
    let mut read = match string(call, "type")? {
        Some("custom") => {
            let custom = the_object(call, "custom")?;
            let inside = || within("custom".to_owned());
            let name = the_string(custom, "name").map_err(inside())?.to_owned();
            let arguments = the_string(custom, "input").map_err(inside())?.to_owned();
            ToolCall { id, name, arguments, signature: None }
        }
        None | Some("function") => read_function(the_object(call, "function")?, id)
            .map_err(within("function".to_owned()))?,
        Some(_) => return Err(wrong("type", "function or custom")),
    };
    read.signature = call.get("extra_content").and_then(signature::read);
    Ok(read)
}

fn read_function(function: &Object, id: String) -> Result<ToolCall, Untranslatable> {
    let arguments = match given(function, "arguments") {
        None => "{}".to_owned(),
        Some(Value::String(text)) if text.trim().is_empty() => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        // Some clients send the object itself.
        Some(object @ Value::Object(_)) => object.to_string(),
        Some(_) => return Err(wrong("arguments", "a string")),
    };
    let name = the_string(function, "name")?.to_owned();
    Ok(ToolCall { id, name, arguments, signature: None })
}
