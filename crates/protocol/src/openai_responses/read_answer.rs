//! A response object of this dialect, as an answer between the dialects.

use super::frame::{Item, Response, each_part, text};
use super::read_usage;
use crate::canonical::{Answer, Block, Stop, Thought, ToolCall, ToolNames, UpstreamFailure};
use crate::json::{JsonError, Reader};
use crate::openai_chat::error::read_upstream_error;

/// Reads an answer. Items that only this dialect knows (searches, generated images) are left out.
///
/// # Errors
/// The upstream says that it failed, or the body is not JSON.
pub fn read_answer(body: &[u8], names: &ToolNames) -> Result<Answer, UpstreamFailure> {
    let response = whole(body).map_err(|_| not_json())?;
    if response.error.is_some() || response.has_status(b"failed") {
        return Err(failure(response.error.unwrap_or_default()));
    }
    let blocks = blocks_of(&response, names).map_err(|_| not_json())?;
    let completed = response.has_status(b"completed");
    let has_calls = blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
    Ok(Answer {
        id: text(response.id),
        model: text(response.model),
        created: response.created,
        stop: stop(&response, completed, has_calls),
        blocks,
        usage: response.usage.and_then(|bytes| read_usage(bytes).ok().flatten()),
    })
}

fn whole(body: &[u8]) -> Result<Response<'_>, JsonError> {
    let mut reader = Reader::new(body)?;
    let response = Response::read(&mut reader)?;
    reader.finish()?;
    Ok(response.unwrap_or_default())
}

fn not_json() -> UpstreamFailure {
    UpstreamFailure {
        message: Some("The provider's answer is not valid JSON.".to_owned()),
        ..UpstreamFailure::default()
    }
}

/// What an upstream said when it failed, from its error object or an event that holds one.
pub(super) fn failure(error: &[u8]) -> UpstreamFailure {
    let error = read_upstream_error(error);
    // The type of an event is no kind of failure.
    let kind = error.kind.filter(|kind| kind != "error");
    UpstreamFailure { message: error.message, kind, code: error.code }
}

/// Why a response ended that did not fail; nothing where it does not say.
pub(super) fn stop(response: &Response<'_>, completed: bool, has_calls: bool) -> Option<Stop> {
    if completed {
        return Some(if has_calls { Stop::ToolCalls } else { Stop::End });
    }
    match response.reason?.raw() {
        b"max_output_tokens" | b"max_tokens" | b"length" => Some(Stop::Length),
        b"content_filter" => Some(Stop::Filtered),
        _ => None,
    }
}

/// What a response says.
pub(super) fn blocks_of(
    response: &Response<'_>,
    names: &ToolNames,
) -> Result<Vec<Block>, JsonError> {
    let mut blocks = Vec::new();
    response.each_item(|item| push_blocks(&mut blocks, item, names))?;
    Ok(blocks)
}

/// Adds what an item says.
pub(super) fn push_blocks(
    blocks: &mut Vec<Block>,
    item: &Item<'_>,
    names: &ToolNames,
) -> Result<(), JsonError> {
    match item.kind() {
        b"message" => each_part(item.content, |part| {
            let said = text(part.text).filter(|said| !said.is_empty());
            blocks.extend(said.map(|said| match part.is_refusal {
                true => Block::Refusal(said),
                false => Block::Text(said),
            }));
        }),
        b"reasoning" => {
            let thought = thought(item)?;
            if !thought.text.is_empty() || thought.seal.is_some() {
                blocks.push(Block::Thought(thought));
            }
            Ok(())
        }
        b"function_call" | b"custom_tool_call" => {
            blocks.push(Block::ToolCall(ToolCall {
                id: call_id(item),
                name: tool_name(item, names),
                arguments: text(item.arguments).unwrap_or_default(),
                signature: None,
            }));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What the result of a call will refer to.
pub(super) fn call_id(item: &Item<'_>) -> String {
    text(item.call_id.or(item.id)).unwrap_or_default()
}

/// The canonical name of the tool that an item calls.
pub(super) fn tool_name(item: &Item<'_>, names: &ToolNames) -> String {
    let name = text(item.name).unwrap_or_default();
    match text(item.namespace).filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => format!("{namespace}__{name}"),
        None => names.here(&name).to_owned(),
    }
}

/// Thoughts: their summary, or where there is none they themselves.
fn thought(item: &Item<'_>) -> Result<Thought, JsonError> {
    let mut words = joined(item.summary)?;
    if words.is_empty() {
        words = joined(item.content)?;
    }
    Ok(Thought {
        text: words,
        seal: text(item.encrypted_content).filter(|seal| !seal.is_empty()),
        id: text(item.id),
        redacted: false,
    })
}

fn joined(parts: Option<&[u8]>) -> Result<String, JsonError> {
    let mut whole = String::new();
    each_part(parts, |part| {
        let said = text(part.text).unwrap_or_default();
        if !whole.is_empty() && !said.is_empty() {
            whole.push_str(PART_BREAK);
        }
        whole.push_str(&said);
    })?;
    Ok(whole)
}

/// What stands between the parts of a thought's summary.
pub(super) const PART_BREAK: &str = "\n\n";
