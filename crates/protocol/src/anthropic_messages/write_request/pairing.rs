//! Calls and their results: each call of the model's turn has its result at the front of the turn
//! that follows, and no result stands anywhere else.

use serde_json::Value;

use super::block::{Block, BlockKind, missing_result};
use super::conversation::Message;

/// Brings results to where their calls want them. A call without one gets an error for a result; a
/// result without a call becomes text.
pub(super) fn pair(messages: &mut Vec<Message>) {
    let ends_with_calls = messages.last().is_some_and(|last| last.assistant && last.calls());
    if ends_with_calls {
        messages.push(Message { assistant: false, blocks: Vec::new() });
    }
    let mut called: Vec<String> = Vec::new();
    for message in messages {
        let calls = std::mem::take(&mut called);
        if message.assistant {
            called = calls_of(message);
            continue;
        }
        let mut blocks: Vec<Option<Block>> =
            std::mem::take(&mut message.blocks).into_iter().map(Some).collect();
        for call in calls {
            let kind = BlockKind::Result(call);
            let result = blocks
                .iter_mut()
                .find(|block| block.as_ref().is_some_and(|block| block.kind == kind))
                .and_then(Option::take);
            message.blocks.push(result.unwrap_or_else(|| {
                let value = match &kind {
                    BlockKind::Result(call) => missing_result(call),
                    _ => Value::Null,
                };
                Block { kind, value }
            }));
        }
        for block in blocks.into_iter().flatten() {
            match block.kind {
                BlockKind::Result(_) => spread(block.value, &mut message.blocks),
                _ => message.blocks.push(block),
            }
        }
    }
}

fn calls_of(message: &Message) -> Vec<String> {
    let calls = message.blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Call(id) => Some(id.clone()),
        _ => None,
    });
    calls.collect()
}

/// What a result says, without the call that it would belong to.
fn spread(mut result: Value, blocks: &mut Vec<Block>) {
    blocks.push(Block::text("(The result of an earlier call:)", false));
    match result.get_mut("content").map(Value::take) {
        Some(Value::String(text)) => blocks.push(Block::text(&text, false)),
        Some(Value::Array(contents)) => {
            blocks.extend(contents.into_iter().map(|value| Block { kind: BlockKind::Media, value }))
        }
        _ => {}
    }
}
