//! What is said in a request: instructions, messages and their blocks.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{array, object, text};
use crate::canonical::{
    Losses, Media, MediaSource, Part, Role, Thought, ToolCall, ToolResult, Turn, Untranslatable,
};

/// How Claude Code's first block of instructions begins. It tells Anthropic who is billed, changes
/// from call to call, and would spoil any other provider's prompt cache.
const BILLING_NOTE: &str = "x-anthropic-billing-header:";

/// The turns read so far.
#[derive(Debug)]
pub(super) struct Contents<'l> {
    losses: &'l mut Losses,
    turns: Vec<Turn>,
    /// The tools that earlier calls were made to, by the calls' ids.
    called: HashMap<String, String>,
}

impl<'l> Contents<'l> {
    pub(super) fn new(losses: &'l mut Losses) -> Self {
        Self { losses, turns: Vec::new(), called: HashMap::new() }
    }

    pub(super) fn into_turns(self) -> Vec<Turn> {
        self.turns
    }

    /// Reads `system`.
    pub(super) fn system(&mut self, system: Value) -> Result<(), Untranslatable> {
        let mut parts = self.parts(system, Role::System, "system")?;
        parts.retain(
            |part| !matches!(part, Part::Text { text, .. } if text.starts_with(BILLING_NOTE)),
        );
        self.push(Role::System, parts);
        Ok(())
    }

    /// Reads `messages`.
    pub(super) fn messages(&mut self, messages: Value) -> Result<(), Untranslatable> {
        for (place, message) in array(messages, "messages")?.into_iter().enumerate() {
            let path = format!("messages[{place}]");
            let mut message = object(message, &path)?;
            let role = match message.get("role").and_then(Value::as_str) {
                Some("user") => Role::User,
                Some("assistant") => Role::Assistant,
                Some("system") => Role::System,
                _ => {
                    return Err(Untranslatable::new(
                        format!("{path}.role"),
                        "The role must be `user`, `assistant` or `system`.",
                    ));
                }
            };
            let path = format!("{path}.content");
            let content = message.remove("content").unwrap_or_default();
            let parts = self.parts(content, role, &path)?;
            self.push(role, parts);
        }
        Ok(())
    }

    fn push(&mut self, role: Role, parts: Vec<Part>) {
        if !parts.is_empty() {
            self.turns.push(Turn { role, parts });
        }
    }

    /// A text or blocks. Instructions amid a message's blocks become a turn where they stand.
    fn parts(&mut self, value: Value, role: Role, path: &str) -> Result<Vec<Part>, Untranslatable> {
        let mut parts = Vec::new();
        let blocks = match value {
            Value::Null => return Ok(parts),
            Value::String(text) => {
                push_text(&mut parts, text, false);
                return Ok(parts);
            }
            other => array(other, path)?,
        };
        for (place, block) in blocks.into_iter().enumerate() {
            let path = format!("{path}[{place}]");
            let mut block = object(block, &path)?;
            if block.get("type").and_then(Value::as_str) == Some("mid_conv_system") {
                let path = format!("{path}.content");
                let inner = block.remove("content").unwrap_or_default();
                let inner = self.parts(inner, Role::System, &path)?;
                self.push(role, std::mem::take(&mut parts));
                self.push(Role::System, inner);
            } else {
                self.block(block, &path, &mut parts)?;
            }
        }
        Ok(parts)
    }

    fn block(
        &mut self,
        mut block: Map<String, Value>,
        path: &str,
        parts: &mut Vec<Part>,
    ) -> Result<(), Untranslatable> {
        let kind = text(block.remove("type"), &format!("{path}.type"))?.unwrap_or_default();
        let cached = self.cached(&block);
        let mut field = |name: &str| text(block.remove(name), &format!("{path}.{name}"));
        match kind.as_str() {
            "text" => {
                push_text(parts, field("text")?.unwrap_or_default(), cached);
                return Ok(());
            }
            "thinking" => parts.push(Part::Thought(Thought {
                text: field("thinking")?.unwrap_or_default(),
                seal: field("signature")?.filter(|seal| !seal.is_empty()),
                id: None,
                redacted: false,
            })),
            "redacted_thinking" => parts.push(Part::Thought(Thought {
                seal: field("data")?,
                redacted: true,
                ..Thought::default()
            })),
            "tool_use" => {
                let id = field("id")?.unwrap_or_default();
                let name = field("name")?.unwrap_or_default();
                let arguments = block.get("input").map_or("{}".to_owned(), Value::to_string);
                self.called.insert(id.clone(), name.clone());
                parts.push(Part::ToolCall(ToolCall { id, name, arguments, signature: None }));
            }
            "tool_result" => {
                let result = self.tool_result(block, cached, path)?;
                parts.push(Part::ToolResult(result));
                return Ok(());
            }
            "image" => parts.push(image(block, path)?),
            "document" => self.document(block, path, parts)?,
            "search_result" => {
                let title = field("title")?.unwrap_or_default();
                let source = field("source")?.unwrap_or_default();
                push_text(parts, format!("{title}\n{source}"), false);
                let content = block.remove("content").unwrap_or_default();
                parts.extend(self.parts(content, Role::User, &format!("{path}.content"))?);
            }
            other => self.losses.add(other),
        }
        if cached {
            self.losses.add("messages.cache_control");
        }
        Ok(())
    }

    /// What a call came to. A cache breakpoint behind it stands behind its last text.
    fn tool_result(
        &mut self,
        mut block: Map<String, Value>,
        cached: bool,
        path: &str,
    ) -> Result<ToolResult, Untranslatable> {
        let call = text(block.remove("tool_use_id"), &format!("{path}.tool_use_id"))?;
        let call = call.unwrap_or_default();
        let content = block.remove("content").unwrap_or_default();
        let mut parts = self.parts(content, Role::User, &format!("{path}.content"))?;
        parts.retain(|part| matches!(part, Part::Text { .. } | Part::Media(_)));
        if cached {
            match parts.last_mut() {
                Some(Part::Text { cached, .. }) => *cached = true,
                _ => self.losses.add("messages.cache_control"),
            }
        }
        Ok(ToolResult {
            name: self.called.get(&call).cloned(),
            call,
            parts,
            is_error: block.get("is_error") == Some(&Value::Bool(true)),
        })
    }

    /// A document: a file, or texts that are put in its place under its title.
    fn document(
        &mut self,
        mut block: Map<String, Value>,
        path: &str,
        parts: &mut Vec<Part>,
    ) -> Result<(), Untranslatable> {
        let title = text(block.remove("title"), &format!("{path}.title"))?;
        let context = text(block.remove("context"), &format!("{path}.context"))?;
        let citations = block.get("citations").and_then(|citations| citations.get("enabled"));
        if citations == Some(&Value::Bool(true)) {
            self.losses.add("citations");
        }
        push_text(parts, context.unwrap_or_default(), false);
        let path = format!("{path}.source");
        let mut source = object(block.remove("source").unwrap_or_default(), &path)?;
        let kind = source.remove("type");
        match kind.as_ref().and_then(Value::as_str) {
            Some("base64" | "url") => {
                let media_type = "application/pdf";
                let (source, media_type) = media_source(source, media_type, &path)?;
                parts.push(Part::Media(Media { source, media_type, name: title, detail: None }));
            }
            Some("text") => {
                push_text(parts, title.unwrap_or_default(), false);
                let data = text(source.remove("data"), &format!("{path}.data"))?;
                push_text(parts, data.unwrap_or_default(), false);
            }
            Some("content") => {
                push_text(parts, title.unwrap_or_default(), false);
                let content = source.remove("content").unwrap_or_default();
                parts.extend(self.parts(content, Role::User, &format!("{path}.content"))?);
            }
            _ => return Err(unreachable_file(&path)),
        }
        Ok(())
    }

    /// Whether a cache breakpoint stands behind a block. How long it lives is not carried.
    fn cached(&mut self, block: &Map<String, Value>) -> bool {
        let control = block.get("cache_control").filter(|control| !control.is_null());
        if control.and_then(|control| control.get("ttl")).is_some_and(|ttl| ttl != "5m") {
            self.losses.add("cache_control.ttl");
        }
        control.is_some()
    }
}

/// Texts without a character say nothing, and some dialects refuse them.
fn push_text(parts: &mut Vec<Part>, text: String, cached: bool) {
    if !text.is_empty() {
        parts.push(Part::Text { text, cached });
    }
}

fn image(mut block: Map<String, Value>, path: &str) -> Result<Part, Untranslatable> {
    let path = format!("{path}.source");
    let source = object(block.remove("source").unwrap_or_default(), &path)?;
    let (source, media_type) = media_source(source, "image/*", &path)?;
    Ok(Part::Media(Media { source, media_type, name: None, detail: None }))
}

fn media_source(
    mut source: Map<String, Value>,
    media_type: &str,
    path: &str,
) -> Result<(MediaSource, String), Untranslatable> {
    let mut field = |name: &str| text(source.remove(name), &format!("{path}.{name}"));
    if let Some(data) = field("data")? {
        let given = field("media_type")?.unwrap_or_else(|| media_type.to_owned());
        Ok((MediaSource::Inline(data), given))
    } else if let Some(url) = field("url")? {
        Ok((MediaSource::Url(url), media_type.to_owned()))
    } else {
        Err(unreachable_file(path))
    }
}

fn unreachable_file(path: &str) -> Untranslatable {
    Untranslatable::new(
        path,
        "The provider of this model cannot read a file that is kept at Anthropic: send it in \
         base64 or as a URL.",
    )
}
