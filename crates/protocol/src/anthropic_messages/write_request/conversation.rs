//! The turns, in the order and shape that Anthropic takes.

use serde_json::{Value, json};

use super::block::{Block, BlockKind};
use super::pairing;
use crate::canonical::{Part, Request, Role, ToolNames, Untranslatable};

/// What the user is made to say where a conversation would begin, or must not end, without them.
const GO_ON: &str = "(continue)";

/// A conversation.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// The instructions at its front.
    pub(super) system: Vec<Value>,
    /// What follows, by turns.
    pub(super) messages: Vec<Message>,
}

/// A turn.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) assistant: bool,
    pub(super) blocks: Vec<Block>,
}

impl Message {
    pub(super) fn into_value(self) -> Value {
        let role = if self.assistant { "assistant" } else { "user" };
        let blocks: Vec<Value> = self.blocks.into_iter().map(|block| block.value).collect();
        json!({ "role": role, "content": blocks })
    }

    /// Whether the model's turn begins with a thought.
    pub(super) fn begins_with_thought(&self) -> bool {
        self.blocks.first().is_some_and(|block| block.kind == BlockKind::Thought)
    }

    pub(super) fn calls(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block.kind, BlockKind::Call(_)))
    }
}

impl Conversation {
    pub(super) fn of(request: &Request, names: &ToolNames) -> Result<Self, Untranslatable> {
        if request.turns.is_empty() {
            return Err(Untranslatable::new("messages", "There must be at least one message."));
        }
        let mut conversation = Self::default();
        for (place, turn) in request.turns.iter().enumerate() {
            for (part_place, part) in turn.parts.iter().enumerate() {
                let path = format!("messages[{place}].content[{part_place}]");
                if turn.role == Role::System {
                    conversation.instruct(part, &path)?;
                } else if let Some(block) = Block::of(part, request, names, &path)? {
                    conversation.push(turn.role == Role::Assistant, block);
                }
            }
        }
        conversation.drop_last_thoughts();
        pairing::pair(&mut conversation.messages);
        if conversation.messages.first().is_none_or(|message| message.assistant) {
            let blocks = vec![Block::text(GO_ON, false)];
            conversation.messages.insert(0, Message { assistant: false, blocks });
        }
        conversation.trim_end();
        Ok(conversation)
    }

    /// Lets the user speak last, for models that begin every turn themselves.
    pub(super) fn end_with_user(&mut self) {
        if self.messages.last().is_some_and(|message| message.assistant) {
            self.push(false, Block::text(GO_ON, false));
        }
    }

    /// Instructions: in front of everything they are the system prompt, later a note in what the
    /// user says, because a turn of their own needs a beta that not every upstream has.
    fn instruct(&mut self, part: &Part, path: &str) -> Result<(), Untranslatable> {
        let (text, cached) = match part {
            Part::Text { text, cached } => (text, *cached),
            Part::Refusal(text) => (text, false),
            _ => {
                return Err(Untranslatable::new(
                    path,
                    "Instructions to this model are text: put images and files into a turn of \
                     the user.",
                ));
            }
        };
        if text.trim().is_empty() {
            return Ok(());
        }
        if self.messages.is_empty() {
            self.system.push(Block::text(text, cached).value);
        } else {
            let note = format!("<system-reminder>\n{text}\n</system-reminder>");
            self.push(false, Block::text(&note, cached));
        }
        Ok(())
    }

    /// Adds a block to the turn under way, or begins another.
    fn push(&mut self, assistant: bool, block: Block) {
        match self.messages.last_mut() {
            Some(last) if last.assistant == assistant => last.blocks.push(block),
            _ => self.messages.push(Message { assistant, blocks: vec![block] }),
        }
    }

    /// A turn of the model must not end with a thought.
    fn drop_last_thoughts(&mut self) {
        for message in std::mem::take(&mut self.messages) {
            let kept = message.blocks.iter().rposition(|block| block.kind != BlockKind::Thought);
            let kept = if message.assistant { kept.map_or(0, |last| last + 1) } else { usize::MAX };
            for block in message.blocks.into_iter().take(kept) {
                self.push(message.assistant, block);
            }
        }
    }

    /// Where the model is to go on with its own words, these must not end with white space.
    fn trim_end(&mut self) {
        let last = self.messages.last_mut().filter(|message| message.assistant);
        let Some(block) = last.and_then(|message| message.blocks.last_mut()) else {
            return;
        };
        if let Some(Value::String(text)) = block.value.get_mut("text") {
            text.truncate(text.trim_end().len());
        }
    }
}
