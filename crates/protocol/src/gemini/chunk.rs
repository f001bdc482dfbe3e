//! One walk over a `GenerateContentResponse`, whole or one of a stream, for metering.

use super::usage::{read_embedding_usage, read_usage};
use crate::estimate::TextSize;
use crate::json::walk::{each, members, string};
use crate::json::{JsonError, Kind, Reader};
use crate::observe::{AbsurdUsage, Delivered};
use crate::sse::Event;
use domain::usage::Usage;

/// What metering needs of an answer or an event.
#[derive(Debug, Default)]
pub(super) struct Chunk<'a> {
    /// The candidates that end with it, a bit for each index below 64.
    pub(super) finished: u64,
    /// Whether the prompt was blocked: no candidate will come.
    pub(super) blocked: bool,
    /// The usage object as written, where there is one that is not null.
    usage: Option<&'a [u8]>,
    /// Whether it is an error.
    pub(super) is_error: bool,
    /// Whether it holds embeddings.
    embeds: bool,
    /// What it delivers.
    pub(super) delivered: Delivered,
}

/// The JSON of an event; of one without a data line, what looks like JSON, because errors amid a
/// stream may come bare.
pub(super) fn payload(event: &Event) -> Option<&[u8]> {
    let bare = || Some(event.bytes.trim_ascii()).filter(|bytes| bytes.starts_with(b"{"));
    event.data().map(<[u8]>::trim_ascii).or_else(bare)
}

impl<'a> Chunk<'a> {
    /// Reads a response, or an array of responses (a stream without `alt=sse`): the last usage
    /// counts.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, JsonError> {
        let mut chunk = Self::default();
        match reader.kind()? {
            Kind::Array => each(reader, |reader| chunk.read_response(reader))?,
            _ => chunk.read_response(reader)?,
        }
        reader.finish()?;
        Ok(chunk)
    }

    /// The usage that it reports; nothing where it reports none.
    pub(super) fn usage(&self) -> Result<Option<Usage>, AbsurdUsage> {
        match self.usage {
            None => Ok(None),
            Some(bytes) if self.embeds => read_embedding_usage(bytes),
            Some(bytes) => read_usage(bytes),
        }
    }

    fn read_response(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        members(reader, |reader, key| match key {
            b"candidates" => each(reader, |reader| self.read_candidate(reader)),
            b"usageMetadata" | b"usage_metadata" => {
                let kind = reader.kind()?;
                let span = reader.skip()?;
                if kind != Kind::Null {
                    self.usage = Some(reader.bytes(span));
                }
                Ok(())
            }
            b"promptFeedback" | b"prompt_feedback" => members(reader, |reader, key| {
                if matches!(key, b"blockReason" | b"block_reason") {
                    self.blocked |= reason(reader)?;
                    return Ok(());
                }
                reader.skip().map(|_| ())
            }),
            b"error" => {
                self.is_error |= reader.kind()? != Kind::Null;
                reader.skip().map(|_| ())
            }
            b"embedding" | b"embeddings" => {
                self.embeds = true;
                reader.skip().map(|_| ())
            }
            _ => reader.skip().map(|_| ()),
        })
    }

    fn read_candidate(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        let mut finished = false;
        let mut index = 0;
        members(reader, |reader, key| match key {
            b"content" => members(reader, |reader, key| match key {
                b"parts" => each(reader, |reader| read_part(reader, &mut self.delivered)),
                _ => reader.skip().map(|_| ()),
            }),
            b"finishReason" | b"finish_reason" => {
                finished |= reason(reader)?;
                Ok(())
            }
            b"index" => {
                let span = reader.skip()?;
                let digits = std::str::from_utf8(reader.bytes(span)).ok();
                index = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
                Ok(())
            }
            _ => reader.skip().map(|_| ()),
        })?;
        if finished {
            self.finished |= 1_u64.checked_shl(index).unwrap_or(0);
        }
        Ok(())
    }
}

fn read_part(reader: &mut Reader<'_>, delivered: &mut Delivered) -> Result<(), JsonError> {
    let mut text = TextSize::default();
    let mut thought = false;
    members(reader, |reader, key| {
        match key {
            b"text" => text = string_size(reader)?,
            b"thought" if reader.kind()? == Kind::Boolean => thought = reader.boolean()?,
            b"functionCall" | b"function_call" => read_call(reader, &mut delivered.tool_calls)?,
            b"inlineData" | b"inline_data" => read_data(reader, delivered)?,
            b"executableCode"
            | b"executable_code"
            | b"codeExecutionResult"
            | b"code_execution_result"
            | b"fileData"
            | b"file_data" => {
                delivered.other = true;
                reader.skip()?;
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    if thought { &mut delivered.reasoning } else { &mut delivered.text }.add(text);
    Ok(())
}

/// The name of a call and its arguments as written.
fn read_call(reader: &mut Reader<'_>, size: &mut TextSize) -> Result<(), JsonError> {
    members(reader, |reader, key| {
        match key {
            b"name" => size.add(string_size(reader)?),
            b"args" => {
                let span = reader.skip()?;
                size.add(TextSize::of(reader.bytes(span)));
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })
}

/// Sound counts in bytes; anything else is noted only.
fn read_data(reader: &mut Reader<'_>, delivered: &mut Delivered) -> Result<(), JsonError> {
    let mut bytes = 0;
    let mut audio = false;
    members(reader, |reader, key| {
        match key {
            b"mimeType" | b"mime_type" => {
                audio = string(reader)?.is_some_and(|text| text.raw().starts_with(b"audio/"));
            }
            b"data" => bytes = string(reader)?.map_or(0, |text| text.raw().len() as u64),
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    if audio {
        delivered.audio_bytes = delivered.audio_bytes.saturating_add(bytes);
    } else {
        delivered.other = true;
    }
    Ok(())
}

/// Whether a reason is given: `…_UNSPECIFIED` is none.
fn reason(reader: &mut Reader<'_>) -> Result<bool, JsonError> {
    let reason = string(reader)?;
    Ok(reason.is_some_and(|text| !text.raw().is_empty() && !text.raw().ends_with(b"_UNSPECIFIED")))
}

fn string_size(reader: &mut Reader<'_>) -> Result<TextSize, JsonError> {
    Ok(string(reader)?.map_or(TextSize::default(), |text| text.size()))
}
