//! One part of what is said, as a block.

use serde_json::{Map, Value, json};

use crate::anthropic_messages::calls::{fit_id, input};
use crate::canonical::{
    Media, MediaSource, Part, Request, Thought, ToolKind, ToolNames, ToolResult, Untranslatable,
};

/// A block, and what its place in the conversation depends on.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) value: Value,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlockKind {
    Text,
    Thought,
    /// A call, by its id.
    Call(String),
    /// A result, by its call's id.
    Result(String),
    Media,
}

impl Block {
    pub(super) fn text(text: &str, cached: bool) -> Self {
        let mut value = json!({ "type": "text", "text": text });
        if cached {
            mark_cached(&mut value);
        }
        Self { kind: BlockKind::Text, value }
    }

    /// The block of a part; nothing where there is nothing to say, or nothing that Anthropic would
    /// believe.
    pub(super) fn of(
        part: &Part,
        request: &Request,
        names: &ToolNames,
        path: &str,
    ) -> Result<Option<Self>, Untranslatable> {
        Ok(match part {
            Part::Text { text, .. } | Part::Refusal(text) if text.trim().is_empty() => None,
            Part::Text { text, cached } => Some(Self::text(text, *cached)),
            Part::Refusal(text) => Some(Self::text(text, false)),
            Part::Media(media) => {
                Some(Self { kind: BlockKind::Media, value: media_block(media, path)? })
            }
            Part::Thought(thought) => {
                thought_block(thought).map(|value| Self { kind: BlockKind::Thought, value })
            }
            Part::ToolCall(call) => {
                let free = request
                    .tool(&call.name)
                    .is_some_and(|tool| matches!(tool.kind, ToolKind::Free { .. }));
                let id = fit_id(&call.id).into_owned();
                let value = json!({
                    "type": "tool_use",
                    "id": id,
                    "name": names.there(&call.name),
                    "input": input(&call.arguments, free),
                });
                Some(Self { kind: BlockKind::Call(id), value })
            }
            Part::ToolResult(result) => Some(result_block(result, path)?),
        })
    }
}

/// Puts a cache breakpoint behind a block.
pub(super) fn mark_cached(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.insert("cache_control".to_owned(), json!({ "type": "ephemeral" }));
    }
}

/// The result that a call has to have, where the conversation holds none.
pub(super) fn missing_result(call: &str) -> Value {
    json!({
        "type": "tool_result",
        "tool_use_id": call,
        "content": "(This call has no result.)",
        "is_error": true,
    })
}

/// A thought goes back with the proof that it is Anthropic's own, or not at all.
fn thought_block(thought: &Thought) -> Option<Value> {
    let seal = thought.seal.as_deref()?;
    let foreign = seal.is_empty() || seal.starts_with("gAAAA") || seal.starts_with("gemini.");
    if foreign {
        None
    } else if thought.redacted {
        Some(json!({ "type": "redacted_thinking", "data": seal }))
    } else {
        Some(json!({ "type": "thinking", "thinking": thought.text, "signature": seal }))
    }
}

fn result_block(result: &ToolResult, path: &str) -> Result<Block, Untranslatable> {
    let call = fit_id(&result.call).into_owned();
    let mut fields = Map::new();
    fields.insert("type".to_owned(), json!("tool_result"));
    fields.insert("tool_use_id".to_owned(), json!(call));
    let mut contents = Vec::new();
    let mut cached = false;
    for part in &result.parts {
        match part {
            Part::Text { text, cached: mark } => {
                cached |= mark;
                if !text.trim().is_empty() {
                    contents.push(json!({ "type": "text", "text": text }));
                }
            }
            Part::Media(media) => contents.push(media_block(media, path)?),
            _ => {}
        }
    }
    match (contents.as_slice(), result.parts.as_slice()) {
        ([], _) => {}
        ([_], [Part::Text { text, .. }]) => {
            fields.insert("content".to_owned(), json!(text));
        }
        _ => {
            fields.insert("content".to_owned(), Value::Array(contents));
        }
    }
    if result.is_error {
        fields.insert("is_error".to_owned(), json!(true));
    }
    let mut value = Value::Object(fields);
    if cached {
        mark_cached(&mut value);
    }
    Ok(Block { kind: BlockKind::Result(call), value })
}

fn media_block(media: &Media, path: &str) -> Result<Value, Untranslatable> {
    let kind = media.media_type.as_str();
    let is_image = kind.starts_with("image/");
    let source = match &media.source {
        MediaSource::Inline(data) if is_image => {
            let kind = match kind {
                "image/*" => image_type(data).ok_or_else(|| {
                    Untranslatable::new(
                        path,
                        "This model reads images of the types PNG, JPEG, GIF and WebP.",
                    )
                })?,
                "image/jpg" => "image/jpeg",
                other => other,
            };
            json!({ "type": "base64", "media_type": kind, "data": data })
        }
        MediaSource::Inline(data) if kind == "application/pdf" => {
            json!({ "type": "base64", "media_type": kind, "data": data })
        }
        MediaSource::Url(url) if is_image || kind == "application/pdf" => {
            json!({ "type": "url", "url": url })
        }
        _ => {
            return Err(Untranslatable::new(
                path,
                format!("This model reads text, images and PDF files, not `{kind}`."),
            ));
        }
    };
    let mut block =
        json!({ "type": if is_image { "image" } else { "document" }, "source": source });
    if let (Value::Object(fields), false, Some(name)) = (&mut block, is_image, &media.name) {
        fields.insert("title".to_owned(), json!(name));
    }
    Ok(block)
}

/// The type of an image by its first bytes, in base64.
fn image_type(data: &str) -> Option<&'static str> {
    [
        ("iVBORw0KGgo", "image/png"),
        ("/9j/", "image/jpeg"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
    ]
    .into_iter()
    .find_map(|(start, kind)| data.starts_with(start).then_some(kind))
}
