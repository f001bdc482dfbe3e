//! A peek into a request of the OpenAI chat dialect.

use super::field::{
    Known, boolean_or_null, choices, decoded_if_any, is_set, is_true, maximum, members, model,
    objects, section, string_if_any,
};
use super::openai_part::read_content;
use super::openai_tools::read_tools;
use super::stored::id_if_any;
use super::thinking::{read_budget, read_budget_in};
use super::{Peek, PeekError, SessionRank, StoredKind, StreamOptions};
use crate::json::{Kind, Reader};

const NAMES: &[&str] = &[
    "model",
    "messages",
    "stream",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "best_of",
    "stream_options",
    "tools",
    "functions",
    "user",
    "prompt_cache_key",
    "safety_identifier",
    "reasoning_effort",
    "thinking_budget",
    "thinking",
    "reasoning",
    "service_tier",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
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
        "messages" => {
            peek.content.messages = objects(reader, name, |reader| read_message(reader, peek))?;
            peek.has_input = true;
        }
        "stream" => peek.stream = is_true(reader, name)?,
        "max_tokens" => peek.max_tokens = Some(maximum(reader, name)?),
        "max_completion_tokens" => peek.max_completion_tokens = Some(maximum(reader, name)?),
        "n" => peek.n = choices(reader, name)?,
        "best_of" => peek.best_of = choices(reader, name)?,
        "stream_options" => peek.stream_options = Some(read_stream_options(reader)?),
        "tools" | "functions" => read_tools(reader, peek)?,
        "user" => peek.pin(SessionRank::User, decoded_if_any(reader)?),
        "prompt_cache_key" => peek.pin(SessionRank::CacheKey, decoded_if_any(reader)?),
        "safety_identifier" => peek.pin(SessionRank::SafetyIdentifier, decoded_if_any(reader)?),
        "thinking_budget" => peek.think(read_budget(reader, name)?),
        "thinking" => peek.think(read_budget_in(reader, name, &["budget_tokens"])?),
        "reasoning" => peek.think(read_budget_in(reader, name, &["max_tokens"])?),
        "reasoning_effort" => peek.reasoning_effort = decoded_if_any(reader)?,
        "service_tier" => peek.service_tier = decoded_if_any(reader)?,
        "modalities" => read_modalities(reader, peek)?,
        "audio" => peek.audio_output |= is_set(reader)?.is_some(),
        "prediction" => peek.prediction = is_set(reader)?,
        // A search of the provider's, by the names that vendors give it.
        _ => peek.server_side_tools |= is_set(reader)?.is_some(),
    }
    Ok(())
}

fn read_message<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    members(reader, Known::new(&["content", "audio"]), |reader, name| {
        match name {
            "content" => {
                read_content(reader, peek).map_err(|error| error.within(name))?;
            }
            _ => read_audio_reference(reader, peek).map_err(|error| error.within(name))?,
        }
        Ok(())
    })
    .map(|_| ())
}

/// Audio of an earlier answer, by its id.
fn read_audio_reference<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    let kind = reader.kind()?;
    if kind != Kind::Object {
        reader.skip()?;
        peek.content.audio_references += u64::from(kind != Kind::Null);
        return Ok(());
    }
    peek.content.audio_references += 1;
    members(reader, Known::new(&["id"]), |reader, _| {
        peek.refer(StoredKind::Audio, id_if_any(reader)?);
        Ok(())
    })
    .map(|_| ())
}

/// Reads `stream_options`, which completions have too.
pub(super) fn read_stream_options(reader: &mut Reader<'_>) -> Result<StreamOptions, PeekError> {
    let mut include_usage = None;
    let known = Known::new(&["include_usage"]);
    let section = section(reader, "stream_options", known, |reader, name| {
        include_usage = Some(boolean_or_null(reader, name)?);
        Ok(())
    })?;
    Ok(StreamOptions { section, include_usage })
}

/// Reads a list of what the answer may be made of, in whatever case.
pub(super) fn read_modalities(
    reader: &mut Reader<'_>,
    peek: &mut Peek<'_>,
) -> Result<(), PeekError> {
    if reader.kind()? != Kind::Array {
        reader.skip()?;
        return Ok(());
    }
    let mut elements = reader.array()?;
    while elements.next(reader)? {
        let Some(text) = string_if_any(reader)? else { continue };
        let name = text.name();
        peek.audio_output |= name.eq_ignore_ascii_case(b"audio");
        peek.image_output |= name.eq_ignore_ascii_case(b"image");
    }
    Ok(())
}
