//! A peek into a request of the OpenAI Responses dialect.

use super::chat::read_modalities;
use super::field::{
    Known, boolean_or_null, decoded_if_any, elements, every_member, is_set, is_true, maximum,
    members, members_if_any, model, string_bytes,
};
use super::openai_part::read_content;
use super::openai_tools::read_tools;
use super::responses_item::read_item;
use super::stored::id_if_any;
use super::thinking::{read_budget, read_budget_in};
use super::{Peek, PeekError, SessionRank, StoredKind};
use crate::json::{Kind, Reader};

const NAMES: &[&str] = &[
    "model",
    "input",
    "instructions",
    "stream",
    "max_output_tokens",
    "tools",
    "previous_response_id",
    "conversation",
    "prompt",
    "prompt_cache_key",
    "safety_identifier",
    "user",
    "store",
    "background",
    "service_tier",
    "reasoning",
    "thinking",
    "thinking_budget",
    "modalities",
    "search_parameters",
    "enable_search",
    "plugins",
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
        "input" if matches!(reader.kind()?, Kind::Number | Kind::Boolean) => {
            return Err(PeekError::at(name, "a string or a list"));
        }
        "input" => read_input(reader, peek).map_err(|error| error.within(name))?,
        "instructions" => peek.content.text_bytes += string_bytes(reader)?,
        "stream" => peek.stream = is_true(reader, name)?,
        "max_output_tokens" => peek.max_output_tokens = Some(maximum(reader, name)?),
        "tools" => read_tools(reader, peek)?,
        "previous_response_id" => {
            let id = id_if_any(reader)?;
            peek.pin(SessionRank::StoredConversation, id.clone());
            peek.refer_to_input(StoredKind::Response, id);
        }
        "conversation" => read_conversation(reader, name, peek)?,
        "prompt" => read_prompt(reader, name, peek)?,
        "prompt_cache_key" => peek.pin(SessionRank::CacheKey, decoded_if_any(reader)?),
        "safety_identifier" => peek.pin(SessionRank::SafetyIdentifier, decoded_if_any(reader)?),
        "user" => peek.pin(SessionRank::User, decoded_if_any(reader)?),
        // Kept unless the caller says otherwise.
        "store" => peek.stores = boolean_or_null(reader, name)?.value != Some(false),
        "background" => peek.background = is_true(reader, name)?,
        "service_tier" => peek.service_tier = decoded_if_any(reader)?,
        "reasoning" => peek.think(read_budget_in(reader, name, &["max_tokens"])?),
        "thinking" => peek.think(read_budget_in(reader, name, &["budget_tokens"])?),
        "thinking_budget" => peek.think(read_budget(reader, name)?),
        "modalities" => read_modalities(reader, peek)?,
        // A search of the provider's, by the names that vendors give it.
        _ => peek.server_side_tools |= is_set(reader)?.is_some(),
    }
    Ok(())
}

fn read_input<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    if reader.kind()? != Kind::Array {
        let given = read_content(reader, peek)?;
        peek.content.messages += u64::from(given);
        return Ok(());
    }
    let items = elements(reader, |reader| read_item(reader, peek))?;
    peek.content.messages += items;
    Ok(())
}

/// A conversation: its id, or an object with it.
fn read_conversation<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    let mut id = None;
    if reader.kind()? == Kind::String {
        id = id_if_any(reader)?;
    } else {
        members_if_any(reader, name, Known::new(&["id"]), |reader, _| {
            id = id_if_any(reader)?;
            Ok(())
        })?;
    }
    peek.pin(SessionRank::StoredConversation, id.clone());
    peek.refer_to_input(StoredKind::Conversation, id);
    Ok(())
}

/// A prompt template and what is put into it.
fn read_prompt<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    members_if_any(reader, name, Known::new(&["id", "variables"]), |reader, name| {
        if name == "id" {
            let id = id_if_any(reader)?;
            peek.refer_to_input(StoredKind::Prompt, id);
            return Ok(());
        }
        if reader.kind()? != Kind::Object {
            reader.skip()?;
            return Ok(());
        }
        every_member(reader, Known::new(&[]), |reader, _| read_content(reader, peek).map(|_| ()))
            .map_err(|error| error.within(name))?;
        Ok(())
    })
}
