//! One item of a Responses input: a message, a call, its output, or a reference to an earlier one.

use std::borrow::Cow;

use super::field::{Known, members, raw_bytes, string_bytes, string_if_any};
use super::openai_part::{read_content, read_part};
use super::openai_tools::read_tools;
use super::stored::id_if_any;
use super::{Peek, PeekError, StoredKind};
use crate::json::{Kind, Reader, Text};

const ITEM_NAMES: &[&str] = &[
    "type",
    "id",
    "role",
    "content",
    "output",
    "summary",
    "arguments",
    "input",
    "encrypted_content",
    "result",
    "tools",
];

/// The types whose input is all in the body.
const KNOWN_TYPES: &[&str] = &[
    "message",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "reasoning",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "computer_call",
    "computer_call_output",
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
    "mcp_list_tools",
    "mcp_call",
    "mcp_approval_request",
    "mcp_approval_response",
    "tool_search_call",
    "tool_search_output",
    "additional_tools",
    "compaction",
    "compaction_summary",
    "context_compaction",
    "item_reference",
];

#[derive(Default)]
struct Item<'a> {
    kind: Option<Text<'a>>,
    id: Option<Cow<'a, str>>,
    has_role: bool,
    has_content: bool,
    is_encrypted: bool,
    image_bytes: Option<u64>,
}

/// Reads one item. A text that stands in its place counts as one.
pub(super) fn read_item<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    if reader.kind()? != Kind::Object {
        return read_part(reader, peek);
    }
    let mut item = Item::default();
    members(reader, Known::new(ITEM_NAMES), |reader, name| {
        match name {
            "type" => item.kind = string_if_any(reader)?,
            "id" => item.id = id_if_any(reader)?,
            "role" => item.has_role = string_if_any(reader)?.is_some(),
            "content" | "output" | "summary" => {
                let any = read_content(reader, peek).map_err(|error| error.within(name))?;
                item.has_content |= any && name != "summary";
            }
            "arguments" | "input" => peek.content.text_bytes += string_bytes(reader)?,
            "encrypted_content" => {
                item.is_encrypted =
                    string_if_any(reader)?.is_some_and(|text| !text.raw().is_empty());
            }
            "result" => item.image_bytes = string_if_any(reader)?.as_ref().map(raw_bytes),
            // Tools that were found in a search for tools, or come with a message.
            _ => {
                let earlier = peek.tools;
                read_tools(reader, peek)?;
                peek.tools = earlier;
            }
        }
        Ok(())
    })?;
    item.count(peek);
    Ok(())
}

impl<'a> Item<'a> {
    fn is(&self, name: &str) -> bool {
        self.kind.is_some_and(|kind| kind.is(name))
    }

    fn count(self, peek: &mut Peek<'a>) {
        if self.is("image_generation_call") {
            peek.content.image(self.image_bytes.unwrap_or(0));
        }
        if let Some(kind) = self.kind
            && !KNOWN_TYPES.iter().any(|name| kind.is(name))
        {
            peek.content.other_parts += 1;
        }
        if self.is_reference() {
            peek.refer_to_input(StoredKind::Item, self.id);
        }
    }

    /// Whether the provider looks the item's content up by its id.
    fn is_reference(&self) -> bool {
        match self.kind {
            None => !self.has_role && !self.has_content,
            Some(_) if self.is("item_reference") => true,
            Some(_) if self.is("reasoning") => !self.is_encrypted && !self.has_content,
            Some(_) if self.is("image_generation_call") => self.image_bytes.is_none(),
            Some(_) => false,
        }
    }
}
