//! A peek into the requests of the Gemini dialect: answers, token counts and embeddings.
//!
//! Google's APIs take every field in camel case and in snake case; both are one field here, so
//! that giving it in both is a duplicate.

use super::chat::read_modalities;
use super::field::{
    Known, choices, elements, every_member, maximum, members, members_if_any, model, objects,
    section, string_bytes,
};
use super::gemini_part::read_turn;
use super::stored::{id_if_any, ids_of};
use super::thinking::read_budget_or_dynamic;
use super::{Peek, PeekError, SessionRank, StoredKind};
use crate::json::{Kind, Reader, Span};

const GENERATE: &[&str] =
    &["contents", "systemInstruction", "tools", "generationConfig", "cachedContent", "model"];
const COUNT: &[&str] = &[
    "contents",
    "systemInstruction",
    "tools",
    "generationConfig",
    "cachedContent",
    "model",
    "generateContentRequest",
];
const CONFIG: &[&str] =
    &["maxOutputTokens", "candidateCount", "thinkingConfig", "responseModalities"];

/// Reads the body of `:generateContent` and `:streamGenerateContent`.
pub(super) fn read_generate<'a>(
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    let known = Known::in_either_case(GENERATE);
    members(reader, known, |reader, name| member(name, reader, peek)).map(|_| ())
}

/// Reads the body of `:countTokens`: turns, or a whole request of the other kind.
pub(super) fn read_count_tokens<'a>(
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    members(reader, Known::in_either_case(COUNT), |reader, name| {
        if name != "generateContentRequest" {
            return member(name, reader, peek);
        }
        if reader.kind()? != Kind::Object {
            return Err(PeekError::at(name, "an object"));
        }
        read_generate(reader, peek).map_err(|error| error.within(name))
    })
    .map(|_| ())
}

/// Reads the body of `:embedContent`, or of `:batchEmbedContents` with many of them.
pub(super) fn read_embed<'a>(
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    let known = Known::in_either_case(&["model", "content", "title", "requests"]);
    members(reader, known, |reader, name| match name {
        "requests" => {
            objects(reader, name, |reader| read_embed(reader, peek))?;
            Ok(())
        }
        "model" => {
            peek.repeated_models.push(model(reader)?);
            Ok(())
        }
        "content" if reader.kind()? == Kind::Object => {
            peek.has_input = true;
            peek.content.messages += 1;
            read_turn(reader, peek).map_err(|error| error.within(name))
        }
        "title" => {
            peek.content.text_bytes += string_bytes(reader)?;
            Ok(())
        }
        _ => Err(PeekError::at(name, "an object")),
    })
    .map(|_| ())
}

fn member<'a>(
    name: &'static str,
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    match name {
        "contents" => {
            peek.content.messages += objects(reader, name, |reader| read_turn(reader, peek))?;
            peek.has_input = true;
        }
        "systemInstruction" if reader.kind()? == Kind::Object => {
            read_turn(reader, peek).map_err(|error| error.within(name))?;
        }
        "systemInstruction" => peek.content.text_bytes += string_bytes(reader)?,
        "tools" => read_tools(reader, name, peek)?,
        "generationConfig" => read_config(reader, name, peek)?,
        "cachedContent" => {
            let id = id_if_any(reader)?;
            peek.pin(SessionRank::CacheKey, id.clone());
            peek.refer_to_input(StoredKind::Cache, id);
        }
        _ => peek.repeated_models.push(model(reader)?),
    }
    Ok(())
}

fn read_config(reader: &mut Reader<'_>, name: &str, peek: &mut Peek<'_>) -> Result<(), PeekError> {
    let found = section(reader, name, Known::in_either_case(CONFIG), |reader, name| {
        match name {
            "maxOutputTokens" => peek.max_output_tokens = Some(maximum(reader, name)?),
            "candidateCount" => peek.n = choices(reader, name)?,
            "responseModalities" => read_modalities(reader, peek)?,
            _ => {
                let known = Known::in_either_case(&["thinkingBudget"]);
                members_if_any(reader, name, known, |reader, name| {
                    peek.think(read_budget_or_dynamic(reader, name)?);
                    Ok(())
                })?;
            }
        }
        Ok(())
    })?;
    peek.generation_config = Some(found);
    Ok(())
}

/// Tools that the caller runs; every other is run by Google (a search, code, URLs, maps), or
/// treated as if it were.
const TOOLS: &[&str] = &["functionDeclarations", "computerUse", "fileSearch"];

fn read_tools<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    let kind = reader.kind()?;
    let start = reader.position();
    let any = match kind {
        Kind::Array => {
            elements(reader, |reader| read_tool(reader, peek))
                .map_err(|error| error.within(name))?
                > 0
        }
        _ => {
            read_tool(reader, peek).map_err(|error| error.within(name))?;
            kind != Kind::Null
        }
    };
    peek.has_tools |= any;
    peek.tools = Some(Span::new(start, reader.position()));
    Ok(())
}

fn read_tool<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(());
    }
    every_member(reader, Known::in_either_case(TOOLS), |reader, name| {
        let given = reader.kind()? != Kind::Null;
        match name {
            Some("functionDeclarations") => {
                reader.skip()?;
            }
            Some("computerUse") => {
                peek.built_in_tools += u64::from(given);
                reader.skip()?;
            }
            Some(name) => {
                peek.server_side_tools |= given;
                let known = Known::in_either_case(&["fileSearchStoreNames"]);
                members_if_any(reader, name, known, |reader, _| {
                    ids_of(reader, StoredKind::VectorStore, &mut peek.stored)
                })?;
            }
            None => {
                peek.server_side_tools |= given;
                reader.skip()?;
            }
        }
        Ok(())
    })
    .map(|_| ())
}
