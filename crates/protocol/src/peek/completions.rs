//! A peek into a request of OpenAI's older completions, which take a prompt rather than messages.

use super::chat::read_stream_options;
use super::field::{
    Known, choices, decoded_if_any, is_true, maximum_or_zero, members, model, string_bytes,
};
use super::{Peek, PeekError, SessionRank};
use crate::json::{Kind, Reader};

const NAMES: &[&str] = &[
    "model",
    "prompt",
    "suffix",
    "echo",
    "stream",
    "stream_options",
    "max_tokens",
    "n",
    "best_of",
    "user",
    "prompt_cache_key",
    "service_tier",
];

pub(super) fn read<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    members(reader, Known::new(NAMES), |reader, name| {
        match name {
            "model" => peek.model = Some(model(reader)?),
            "prompt" => {
                let prompts = read_texts(reader, name, peek)?;
                peek.content.messages = prompts;
                peek.prompts = prompts.max(1);
            }
            "suffix" => peek.content.text_bytes += string_bytes(reader)?,
            "echo" => peek.echo = is_true(reader, name)?,
            "stream" => peek.stream = is_true(reader, name)?,
            "stream_options" => peek.stream_options = Some(read_stream_options(reader)?),
            "max_tokens" => peek.max_tokens = Some(maximum_or_zero(reader, name)?),
            "n" => peek.n = choices(reader, name)?,
            "best_of" => peek.best_of = choices(reader, name)?,
            "user" => peek.pin(SessionRank::User, decoded_if_any(reader)?),
            "prompt_cache_key" => peek.pin(SessionRank::CacheKey, decoded_if_any(reader)?),
            _ => peek.service_tier = decoded_if_any(reader)?,
        }
        Ok(())
    })
    .map(|_| ())
}

/// Reads a text, an array of texts, one text given as tokens, or an array of those. Says how many
/// texts there are.
pub(super) fn read_texts(
    reader: &mut Reader<'_>,
    name: &str,
    peek: &mut Peek<'_>,
) -> Result<u64, PeekError> {
    let content = &mut peek.content;
    match reader.kind()? {
        Kind::String => content.text_bytes += string_bytes(reader)?,
        Kind::Array => {
            let before = content.token_ids;
            let mut texts = 0;
            let mut elements = reader.array()?;
            while elements.next(reader)? {
                match reader.kind()? {
                    Kind::String => {
                        texts += 1;
                        content.text_bytes += string_bytes(reader)?;
                    }
                    Kind::Number => {
                        content.token_ids += 1;
                        reader.skip()?;
                    }
                    Kind::Array => {
                        texts += 1;
                        content.token_ids += count(reader)?;
                    }
                    // Images and the like, which some vendors embed.
                    _ => {
                        texts += 1;
                        content.other_parts += 1;
                        reader.skip()?;
                    }
                }
            }
            // Numbers that stand in the array itself are the tokens of one text.
            let one = content.token_ids > before && texts == 0;
            return Ok(if one { 1 } else { texts });
        }
        Kind::Null => {
            reader.skip()?;
            return Ok(0);
        }
        _ => return Err(PeekError::at(name, "a string or an array")),
    }
    Ok(1)
}

fn count(reader: &mut Reader<'_>) -> Result<u64, PeekError> {
    let mut elements = reader.array()?;
    let mut count = 0;
    while elements.next(reader)? {
        reader.skip()?;
        count += 1;
    }
    Ok(count)
}
