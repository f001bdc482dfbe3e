//! A peek into a request of the Anthropic Messages dialect, or of its token count.

use super::field::{
    Known, decoded_if_any, elements, is_true, maximum_or_zero, members, members_if_any,
    members_or_skip, model, objects, string_if_any,
};
use super::messages_block::read_blocks;
use super::messages_session::session_part;
use super::stored::id_if_any;
use super::thinking::read_budget_in;
use super::{Peek, PeekError, SessionRank, StoredKind};
use crate::json::{Kind, Reader, Span, Text};

const NAMES: &[&str] = &[
    "model",
    "messages",
    "system",
    "max_tokens",
    "stream",
    "tools",
    "metadata",
    "thinking",
    "mcp_servers",
    "container",
    "service_tier",
];

pub(super) fn read<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    members(reader, Known::new(NAMES), |reader, name| member(name, reader, peek)).map(|_| ())
}

fn member<'a>(
    name: &'static str,
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    match name {
        "model" => peek.model = Some(model(reader)?),
        "messages" => {
            peek.content.messages = objects(reader, name, |reader| read_message(reader, peek))?;
            peek.has_input = true;
        }
        "system" => read_blocks(reader, peek).map_err(|error| error.within(name))?,
        "max_tokens" => peek.max_tokens = Some(maximum_or_zero(reader, name)?),
        "stream" => peek.stream = is_true(reader, name)?,
        "tools" => read_tools(reader, peek)?,
        "metadata" => members_if_any(reader, name, Known::new(&["user_id"]), |reader, _| {
            peek.pin(SessionRank::User, decoded_if_any(reader)?.map(session_part));
            Ok(())
        })?,
        "thinking" => peek.think(read_budget_in(reader, name, &["budget_tokens"])?),
        "mcp_servers" => {
            let span = reader.skip()?;
            let none = matches!(reader.bytes(span), b"null" | b"[]");
            peek.server_side_tools |= !none;
        }
        "container" => read_container(reader, name, peek)?,
        _ => peek.service_tier = decoded_if_any(reader)?,
    }
    Ok(())
}

fn read_message<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    members(reader, Known::new(&["content"]), |reader, name| {
        read_blocks(reader, peek).map_err(|error| error.within(name))
    })
    .map(|_| ())
}

/// The types of tools that Anthropic defines and the caller runs; the date of the version follows.
const CLIENT_TOOLS: &[&str] = &["bash_", "text_editor_", "computer_", "memory_"];

fn read_tools<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    let kind = reader.kind()?;
    let start = reader.position();
    let any = if kind == Kind::Array {
        elements(reader, |reader| {
            members_or_skip(reader, Known::new(&["type"]), |reader, _| {
                if let Some(kind) = string_if_any(reader)? {
                    take_tool(&kind, peek);
                }
                Ok(())
            })
        })
        .map_err(|error| error.within("tools"))?
            > 0
    } else {
        reader.skip()?;
        kind != Kind::Null
    };
    peek.has_tools |= any;
    peek.tools = Some(Span::new(start, reader.position()));
    Ok(())
}

fn take_tool(kind: &Text<'_>, peek: &mut Peek<'_>) {
    let name = kind.name();
    if kind.is("custom") {
        return;
    }
    match CLIENT_TOOLS.iter().any(|prefix| name.starts_with(prefix.as_bytes())) {
        true => peek.built_in_tools += 1,
        // Searches, fetches, code, remote servers, and whatever else the provider may run.
        false => peek.server_side_tools = true,
    }
}

/// A container: its id, or an object with it and the skills to load.
fn read_container<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    if reader.kind()? == Kind::String {
        peek.refer(StoredKind::Container, id_if_any(reader)?);
        return Ok(());
    }
    members_if_any(reader, name, Known::new(&["id", "skills"]), |reader, name| {
        if name == "id" {
            peek.refer(StoredKind::Container, id_if_any(reader)?);
        } else if reader.kind()? == Kind::Array {
            // What a skill says is loaded into the input.
            let skills = elements(reader, |reader| read_skill(reader, peek))
                .map_err(|error| error.within(name))?;
            peek.server_side_tools |= skills > 0;
        } else {
            reader.skip()?;
        }
        Ok(())
    })
}

/// A skill: Anthropic's own are for everyone, others belong to the account.
fn read_skill<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    let (mut id, mut is_public) = (None, false);
    members_or_skip(reader, Known::new(&["type", "skill_id"]), |reader, name| {
        match name {
            "type" => is_public = string_if_any(reader)?.is_some_and(|kind| kind.is("anthropic")),
            _ => id = id_if_any(reader)?,
        }
        Ok(())
    })?;
    if !is_public {
        peek.refer(StoredKind::Skill, id);
    }
    Ok(())
}
