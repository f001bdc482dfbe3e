//! An answer of this dialect in one piece, as the canonical one.

use serde_json::{Map, Value};

use super::read_usage;
use super::stop::read_stop;
use crate::canonical::{Answer, Block, Thought, ToolCall, ToolNames, UpstreamFailure};
use crate::openai_chat::error::read_upstream_error;

/// Reads an answer's body. Blocks that only Anthropic's own tools make are left out.
///
/// # Errors
/// The body is an error, or no answer at all.
pub fn read_answer(body: &[u8], names: &ToolNames) -> Result<Answer, UpstreamFailure> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
        return Err(no_answer());
    };
    if fields.get("type").and_then(Value::as_str) == Some("error")
        || fields.get("error").is_some_and(|error| !error.is_null())
    {
        return Err(read_failure(body));
    }
    let Some(Value::Array(blocks)) = fields.remove("content") else {
        return Err(no_answer());
    };
    let mut answer = Answer {
        id: text(&mut fields, "id"),
        model: text(&mut fields, "model"),
        created: None,
        blocks: blocks.into_iter().filter_map(|block| read_block(block, names)).collect(),
        stop: None,
        usage: fields
            .get("usage")
            .and_then(|usage| read_usage(usage.to_string().as_bytes()).ok().flatten()),
    };
    let sequence = text(&mut fields, "stop_sequence");
    answer.stop = text(&mut fields, "stop_reason").map(|reason| read_stop(&reason, sequence));
    if let Some(Value::Object(details)) = fields.get_mut("stop_details") {
        let explanation = text(details, "explanation").filter(|text| !text.is_empty());
        answer.blocks.extend(explanation.map(Block::Refusal));
    }
    Ok(answer)
}

/// What an error's body, or an `error` event's data, says.
pub(super) fn read_failure(body: &[u8]) -> UpstreamFailure {
    let error = read_upstream_error(body);
    UpstreamFailure { message: error.message, kind: error.kind, code: error.code }
}

fn no_answer() -> UpstreamFailure {
    UpstreamFailure {
        message: Some("The upstream's answer is not a message.".to_owned()),
        ..UpstreamFailure::default()
    }
}

fn read_block(block: Value, names: &ToolNames) -> Option<Block> {
    let Value::Object(mut block) = block else {
        return None;
    };
    let kind = text(&mut block, "type")?;
    match kind.as_str() {
        "text" => text(&mut block, "text").filter(|text| !text.is_empty()).map(Block::Text),
        "thinking" => Some(Block::Thought(Thought {
            text: text(&mut block, "thinking").unwrap_or_default(),
            seal: text(&mut block, "signature").filter(|seal| !seal.is_empty()),
            id: None,
            redacted: false,
        })),
        "redacted_thinking" => Some(Block::Thought(Thought {
            seal: text(&mut block, "data"),
            redacted: true,
            ..Thought::default()
        })),
        "tool_use" => Some(Block::ToolCall(ToolCall {
            id: text(&mut block, "id").unwrap_or_default(),
            name: names.here(&text(&mut block, "name").unwrap_or_default()).to_owned(),
            arguments: block.get("input").map_or("{}".to_owned(), Value::to_string),
            signature: None,
        })),
        _ => None,
    }
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
