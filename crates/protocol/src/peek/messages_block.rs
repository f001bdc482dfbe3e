//! Content blocks in Anthropic's dialect: text, images, documents, tool calls and their results.

use std::borrow::Cow;

use super::field::{Known, elements, members, raw_bytes, string_bytes, string_if_any};
use super::stored::id_if_any;
use super::{Peek, PeekError, StoredKind};
use crate::json::{Kind, Reader, Text};

const BLOCK_NAMES: &[&str] = &["type", "text", "thinking", "source", "content", "file_id"];

/// The types whose input is all in the body, but for images, documents and uploads.
const KNOWN_TYPES: &[&str] = &[
    "text",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "tool_result",
    "tool_reference",
    "server_tool_use",
    "search_result",
    "compaction",
    "mcp_tool_use",
    "mcp_tool_result",
    "web_search_tool_result",
    "web_search_result",
    "web_search_tool_result_error",
    "web_fetch_tool_result",
    "web_fetch_result",
    "web_fetch_tool_result_error",
    "code_execution_tool_result",
    "code_execution_result",
    "encrypted_code_execution_result",
    "code_execution_output",
    "code_execution_tool_result_error",
    "bash_code_execution_tool_result",
    "bash_code_execution_result",
    "bash_code_execution_output",
    "bash_code_execution_tool_result_error",
    "text_editor_code_execution_tool_result",
    "text_editor_code_execution_view_result",
    "text_editor_code_execution_create_result",
    "text_editor_code_execution_str_replace_result",
    "text_editor_code_execution_tool_result_error",
    "tool_search_tool_result",
    "tool_search_tool_search_result",
    "tool_search_tool_result_error",
];

/// Reads content: a text, or an array of blocks, or one block as results nest it.
pub(super) fn read_blocks<'a>(
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    match reader.kind()? {
        Kind::String => peek.content.text(&reader.string()?),
        Kind::Array => {
            elements(reader, |reader| read_blocks(reader, peek))?;
        }
        Kind::Object => read_block(reader, peek)?,
        _ => {
            reader.skip()?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Block<'a> {
    kind: Option<Text<'a>>,
    source: Option<Source<'a>>,
    file: Option<Cow<'a, str>>,
}

#[derive(Default)]
struct Source<'a> {
    is_text: bool,
    bytes: Option<u64>,
    by_url: bool,
    file: Option<Cow<'a, str>>,
    nested: bool,
}

fn read_block<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    let mut block = Block::default();
    members(reader, Known::new(BLOCK_NAMES), |reader, name| {
        match name {
            "type" => block.kind = string_if_any(reader)?,
            "text" | "thinking" => peek.content.text_bytes += string_bytes(reader)?,
            "source" if reader.kind()? == Kind::Object => {
                let source = read_source(reader, peek).map_err(|error| error.within(name))?;
                block.source = Some(source);
            }
            // A search result names its source.
            "source" => peek.content.text_bytes += string_bytes(reader)?,
            "content" => read_blocks(reader, peek).map_err(|error| error.within(name))?,
            _ => block.file = id_if_any(reader)?,
        }
        Ok(())
    })?;
    block.count(peek);
    Ok(())
}

fn read_source<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<Source<'a>, PeekError> {
    let mut source = Source::default();
    let known = Known::new(&["type", "data", "url", "file_id", "content"]);
    members(reader, known, |reader, name| {
        match name {
            "type" => source.is_text = string_if_any(reader)?.is_some_and(|kind| kind.is("text")),
            "data" => source.bytes = string_if_any(reader)?.as_ref().map(raw_bytes),
            "url" => source.by_url = string_if_any(reader)?.is_some(),
            "file_id" => source.file = id_if_any(reader)?,
            _ => {
                read_blocks(reader, peek).map_err(|error| error.within(name))?;
                source.nested = true;
            }
        }
        Ok(())
    })?;
    Ok(source)
}

impl<'a> Block<'a> {
    fn count(self, peek: &mut Peek<'a>) {
        let is = |name: &str| self.kind.is_some_and(|kind| kind.is(name));
        let source = self.source;
        if is("container_upload") {
            peek.content.files_by_id += 1;
            peek.refer(StoredKind::File, self.file);
        }
        if is("image") {
            let source = source.unwrap_or_default();
            peek.content.image(source.bytes.unwrap_or(0));
            peek.refer(StoredKind::File, source.file);
            return;
        }
        if let Some(source) = source {
            source.count(peek);
        } else if is("document") {
            peek.content.other_parts += 1;
        }
        let known = |kind: Text<'_>| KNOWN_TYPES.iter().any(|name| kind.is(name));
        if !is("document") && !is("container_upload") && self.kind.is_some_and(|kind| !known(kind))
        {
            peek.content.other_parts += 1;
        }
    }
}

impl<'a> Source<'a> {
    /// Counts a source that is not an image's.
    fn count(self, peek: &mut Peek<'a>) {
        let content = &mut peek.content;
        if self.by_url || self.file.is_some() {
            content.files_by_id += 1;
        } else {
            match self.bytes {
                Some(bytes) if self.is_text => content.text_bytes += bytes,
                Some(bytes) => content.inline_file(bytes),
                None if self.nested => {}
                None => content.other_parts += 1,
            }
        }
        peek.refer(StoredKind::File, self.file);
    }
}
