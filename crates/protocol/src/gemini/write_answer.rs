//! The canonical form of an answer into a `GenerateContentResponse`.

use super::candidate::{
    CallText, OPENING, push_call, push_candidate_end, push_ending, push_sealed, push_text,
    push_thought, push_usage, shows_thoughts,
};
use crate::canonical::{Answer, Asked, Block, Thought, ToolCall};

/// Writes an answer. Thoughts are shown if the caller asked for them; their seals go in any case,
/// because the conversation may need them back.
#[must_use]
pub fn write_answer(answer: &Answer, asked: Asked<'_>) -> Vec<u8> {
    let show = shows_thoughts(asked.request);
    let mut out = OPENING.to_vec();
    let mut first = true;
    for block in &answer.blocks {
        let start = out.len();
        if !first {
            out.push(b',');
        }
        let before = out.len();
        push_block(&mut out, block, show);
        if out.len() == before {
            out.truncate(start);
        } else {
            first = false;
        }
    }
    push_candidate_end(&mut out, answer.stop.as_ref());
    if let Some(usage) = &answer.usage {
        push_usage(&mut out, usage);
    }
    let model = answer.model.as_deref().unwrap_or(&asked.request.model);
    push_ending(&mut out, model, answer.id.as_deref().unwrap_or(asked.call));
    out
}

fn push_block(out: &mut Vec<u8>, block: &Block, show: bool) {
    match block {
        Block::Text(text) | Block::Refusal(text) => push_text(out, text),
        Block::Thought(Thought { text, seal, redacted, .. }) => {
            let text = if show { text.as_str() } else { "" };
            match seal {
                Some(seal) => push_sealed(out, text, seal, *redacted),
                None if text.is_empty() => {}
                None => push_thought(out, text),
            }
        }
        Block::ToolCall(ToolCall { id, name, arguments, signature }) => {
            push_call(out, &CallText { id, name, arguments, seal: signature.as_deref() });
        }
    }
}
