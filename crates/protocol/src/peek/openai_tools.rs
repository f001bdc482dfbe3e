//! Tools in OpenAI's dialects: who runs them, and what they refer to.

use super::field::{Known, elements, members_or_skip, string_if_any};
use super::stored::{ids_of, ids_within};
use super::{Peek, PeekError, StoredKind};
use crate::json::{Kind, Reader, Span};

/// The types that the caller runs. Every other is run by the provider (a search, an interpreter,
/// a remote server), or treated as if it were.
const CLIENT_TYPES: &[&str] = &["function", "custom", "namespace", "local_shell"];

const TOOL_NAMES: &[&str] =
    &["type", "tools", "vector_store_ids", "container", "environment", "input_image_mask"];

/// Reads `tools`, or the older `functions`.
pub(super) fn read_tools<'a>(
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    let kind = reader.kind()?;
    let start = reader.position();
    let any = if kind == Kind::Array {
        let mut elements = reader.array()?;
        let mut any = false;
        while elements.next(reader)? {
            any = true;
            read_tool(reader, peek).map_err(|error| error.within("tools[]"))?;
        }
        any
    } else {
        reader.skip()?;
        kind != Kind::Null
    };
    peek.has_tools |= any;
    peek.tools = Some(Span::new(start, reader.position()));
    Ok(())
}

fn read_tool<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    let mut found = Vec::new();
    let (mut server_side, mut built_in) = (false, false);
    members_or_skip(reader, Known::new(TOOL_NAMES), |reader, name| {
        match name {
            "type" => {
                if let Some(text) = string_if_any(reader)? {
                    server_side = !CLIENT_TYPES.iter().any(|name| text.is(name));
                    built_in = text.is("local_shell");
                }
            }
            "tools" if reader.kind()? == Kind::Array => {
                elements(reader, |reader| read_tool(reader, peek))
                    .map_err(|error| error.within(name))?;
            }
            "vector_store_ids" => ids_of(reader, StoredKind::VectorStore, &mut found)?,
            "container" if reader.kind()? == Kind::String => {
                ids_of(reader, StoredKind::Container, &mut found)?;
            }
            _ => ids_within(reader, &mut found).map_err(|error| error.within(name))?,
        }
        Ok(())
    })?;
    peek.server_side_tools |= server_side;
    peek.built_in_tools += u64::from(built_in);
    if server_side {
        peek.stored.append(&mut found);
    }
    Ok(())
}
