//! An answer in one piece, as a response object of this dialect.

use super::envelope::{Envelope, Status};
use super::item::{Item, ItemKind};
use crate::canonical::{Answer, Asked, Block};

/// Writes an answer as OpenAI's SDKs parse it.
#[must_use]
pub fn write_answer(answer: &Answer, asked: Asked<'_>) -> Vec<u8> {
    let mut envelope = Envelope::new(asked);
    envelope.begin(answer.model.clone(), answer.created);
    let mut output = Vec::new();
    let mut index = 0;
    for block in &answer.blocks {
        let item = item_of(&envelope, index, block);
        separate(&mut output);
        item.push(&mut output, true);
        index += 1;
        if let Some(carrier) = item.carrier(&envelope, index) {
            separate(&mut output);
            output.extend_from_slice(&carrier);
            index += 1;
        }
    }
    let mut out = Vec::with_capacity(output.len() + 1_024);
    envelope.push(&mut out, Status::of(answer.stop.as_ref()), &output, answer.usage.as_ref());
    out
}

fn separate(output: &mut Vec<u8>) {
    if !output.is_empty() {
        output.push(b',');
    }
}

fn item_of(envelope: &Envelope, index: u32, block: &Block) -> Item {
    let (kind, id, text) = match block {
        Block::Text(text) => (ItemKind::Text, None, text),
        Block::Refusal(text) => (ItemKind::Refusal, None, text),
        Block::Thought(thought) => {
            let (seal, redacted) = (thought.seal.clone(), thought.redacted);
            (ItemKind::Thought { seal, redacted }, thought.id.clone(), &thought.text)
        }
        Block::ToolCall(call) => {
            let mut kind = ItemKind::call(envelope, call.id.clone(), call.name.clone());
            if let ItemKind::Call { signature, .. } = &mut kind {
                signature.clone_from(&call.signature);
            }
            (kind, None, &call.arguments)
        }
    };
    let mut item = Item::new(envelope, index, kind, id);
    item.add(text);
    item.settle();
    item
}
