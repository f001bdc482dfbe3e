//! The conversation as messages of this dialect.
//!
//! This dialect wants a call's result right after the message that makes the call, and all calls
//! of one go in one message. So the model's turns that follow one another become one message where
//! they hold thoughts or calls, and in what the user's side says next the results come first.

use serde_json::{Map, Value, json};

use crate::canonical::{
    Losses, Part, Request, Role, ToolCall, ToolNames, ToolResult, Turn, Untranslatable, free_text,
};
use crate::openai_chat::media::write_part;
use crate::openai_chat::write_answer::{APART, is_free};

/// The most characters of a call's id that OpenAI takes.
const LONGEST_CALL_ID: usize = 40;

/// The messages of all turns.
pub(super) fn write_messages(
    turns: &[Turn],
    names: &ToolNames,
    request: &Request,
    losses: &mut Losses,
) -> Result<Vec<Value>, Untranslatable> {
    let mut writer = Writer { messages: Vec::new(), names, request, losses };
    for turns in turns.chunk_by(|one, next| one.role == next.role) {
        match turns.first().map(|turn| turn.role) {
            Some(Role::System) => turns.iter().try_for_each(|turn| writer.system(turn))?,
            Some(Role::User) => writer.user(turns)?,
            Some(Role::Assistant) => writer.assistant(turns)?,
            None => {}
        }
    }
    Ok(writer.messages)
}

struct Writer<'w> {
    messages: Vec<Value>,
    names: &'w ToolNames,
    request: &'w Request,
    losses: &'w mut Losses,
}

impl Writer<'_> {
    fn system(&mut self, turn: &Turn) -> Result<(), Untranslatable> {
        let texts = turn.parts.iter().map(|part| match part {
            Part::Text { text, .. } => Ok(text.as_str()),
            _ => Err(cannot_stand("instructions")),
        });
        let texts: Vec<&str> = texts.collect::<Result<_, _>>()?;
        if texts.is_empty() {
            return Ok(());
        }
        self.messages.push(json!({"role": "system", "content": texts.join(APART)}));
        Ok(())
    }

    /// All results, then what they hold beside text, then the rest.
    fn user(&mut self, turns: &[Turn]) -> Result<(), Untranslatable> {
        let mut shown = Vec::new();
        for part in turns.iter().flat_map(|turn| &turn.parts) {
            if let Part::ToolResult(result) = part {
                self.result(result, &mut shown)?;
            }
        }
        for turn in turns {
            let mut parts = std::mem::take(&mut shown);
            let mut said = Vec::new();
            for part in &turn.parts {
                match part {
                    Part::ToolResult(_) => {}
                    Part::Text { text, .. } => {
                        said.push(text.as_str());
                        parts.push(json!({"type": "text", "text": text}));
                    }
                    Part::Media(media) => parts.push(
                        write_part(media).map_err(|why| Untranslatable::new("messages", why))?,
                    ),
                    _ => return Err(cannot_stand("what the user says")),
                }
            }
            let only_text = said.len() == parts.len();
            match (said.as_slice(), parts.as_slice()) {
                (_, []) => {}
                (texts, _) if only_text => {
                    self.messages.push(json!({"role": "user", "content": texts.join(APART)}));
                }
                _ => self.messages.push(json!({"role": "user", "content": parts})),
            }
        }
        Ok(())
    }

    fn result(
        &mut self,
        result: &ToolResult,
        shown: &mut Vec<Value>,
    ) -> Result<(), Untranslatable> {
        let mut texts = Vec::new();
        let mut media = Vec::new();
        for part in &result.parts {
            match part {
                Part::Text { text, .. } => texts.push(text.as_str()),
                Part::Media(one) => {
                    media.push(write_part(one).map_err(|why| Untranslatable::new("messages", why))?)
                }
                _ => return Err(cannot_stand("a tool's result")),
            }
        }
        if result.is_error {
            self.losses.add("is_error");
        }
        let id = call_id(&result.call);
        if !media.is_empty() {
            if texts.is_empty() {
                texts.push("The result is shown in the next message of the user.");
            }
            let line = format!("Shown by the result of call {id}:");
            shown.push(json!({"type": "text", "text": line}));
            shown.append(&mut media);
        }
        let content = texts.join("\n");
        self.messages.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
        Ok(())
    }

    fn assistant(&mut self, turns: &[Turn]) -> Result<(), Untranslatable> {
        let binds = |part: &Part| matches!(part, Part::Thought(_) | Part::ToolCall(_));
        if turns.iter().flat_map(|turn| &turn.parts).any(binds) {
            return self.assistant_message(turns);
        }
        turns.chunks(1).try_for_each(|turn| self.assistant_message(turn))
    }

    fn assistant_message(&mut self, turns: &[Turn]) -> Result<(), Untranslatable> {
        let mut thoughts = Vec::new();
        let mut text = String::new();
        let mut refusal = String::new();
        let mut calls = Vec::new();
        let mut after_text = false;
        for part in turns.iter().flat_map(|turn| &turn.parts) {
            match part {
                Part::Text { text: more, .. } => {
                    // Blocks of one text belong together as they are; others are set apart.
                    if !after_text && !text.is_empty() && !more.is_empty() {
                        text.push_str(APART);
                    }
                    text.push_str(more);
                }
                Part::Thought(thought) if !thought.redacted && !thought.text.is_empty() => {
                    thoughts.push(thought.text.as_str());
                }
                Part::Thought(_) => {}
                Part::Refusal(words) => refusal.push_str(words),
                Part::ToolCall(call) => calls.push(self.call(call)),
                Part::Media(_) | Part::ToolResult(_) => {
                    return Err(cannot_stand("what the model said"));
                }
            }
            after_text = matches!(part, Part::Text { .. });
        }
        if text.is_empty() && refusal.is_empty() && calls.is_empty() && thoughts.is_empty() {
            return Ok(());
        }
        let mut message = Map::new();
        message.insert("role".to_owned(), json!("assistant"));
        let content = match text.is_empty() && !(calls.is_empty() && refusal.is_empty()) {
            true => Value::Null,
            false => Value::String(text),
        };
        message.insert("content".to_owned(), content);
        if !thoughts.is_empty() {
            message.insert("reasoning_content".to_owned(), json!(thoughts.join(APART)));
        }
        if !refusal.is_empty() {
            message.insert("refusal".to_owned(), json!(refusal));
        }
        if !calls.is_empty() {
            message.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        self.messages.push(Value::Object(message));
        Ok(())
    }

    fn call(&self, call: &ToolCall) -> Value {
        let arguments = match is_free(self.request, &call.name) {
            true => free_text::wrap(&call.arguments),
            false if call.arguments.trim().is_empty() => "{}".to_owned(),
            false => call.arguments.clone(),
        };
        json!({
            "id": call_id(&call.id),
            "type": "function",
            "function": {"name": self.names.there(&call.name), "arguments": arguments},
        })
    }
}

/// The id, or one made of it where it is too long: the same for a call and its result.
fn call_id(id: &str) -> String {
    if id.len() <= LONGEST_CALL_ID {
        return id.to_owned();
    }
    // FNV-1a of 128 bits: ids of one conversation do not meet.
    let hash = id.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    format!("call_{hash:032x}")
}

fn cannot_stand(place: &str) -> Untranslatable {
    Untranslatable::new(
        "messages",
        format!(
            "The upstream's dialect takes only text in {place}, and media only in what the user says."
        ),
    )
}
