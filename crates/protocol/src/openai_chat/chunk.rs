//! One walk over an answer or over one chunk of a stream, which have nearly the same shape.

use super::delivered::string_size;
use crate::json::walk::{each, string, unless_null};
use crate::json::{JsonError, Kind, Reader};
use crate::observe::Delivered;

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The output maximum was reached.
    Length,
    /// The model calls tools.
    ToolCalls,
    /// A filter cut the answer.
    ContentFilter,
    /// What else a vendor may say.
    Other,
}

/// What metering needs of an answer or a chunk.
#[derive(Debug, Default)]
pub(super) struct Chunk<'a> {
    /// How many choices it holds.
    pub(super) choices: u32,
    /// How many of them end with it.
    pub(super) finished: u32,
    /// Why the last of those ended.
    pub(super) finish_reason: Option<FinishReason>,
    /// The usage object as written, where there is one that is not null.
    pub(super) usage: Option<&'a [u8]>,
    /// The error as written, where there is one that is not null.
    pub(super) error: Option<&'a [u8]>,
    /// What it delivers.
    pub(super) delivered: Delivered,
}

impl<'a> Chunk<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, JsonError> {
        let mut chunk = Self::default();
        if reader.kind()? != Kind::Object {
            reader.skip()?;
            reader.finish()?;
            return Ok(chunk);
        }
        // Groq reports under `x_groq`, Moonshot inside of the choice.
        let mut usage_elsewhere = None;
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"choices" => {
                    each(reader, |reader| chunk.read_choice(reader, &mut usage_elsewhere))?
                }
                b"usage" => chunk.usage = unless_null(reader)?,
                b"error" => chunk.error = unless_null(reader)?,
                b"x_groq" => read_vendor(reader, &mut usage_elsewhere)?,
                _ => {
                    reader.skip()?;
                }
            }
        }
        reader.finish()?;
        chunk.usage = chunk.usage.or(usage_elsewhere);
        Ok(chunk)
    }

    /// Whether it tells of no end, no usage and no error.
    pub(super) const fn tells_only_text(&self) -> bool {
        self.choices > 0 && self.finished == 0 && self.usage.is_none() && self.error.is_none()
    }

    fn read_choice(
        &mut self,
        reader: &mut Reader<'a>,
        usage: &mut Option<&'a [u8]>,
    ) -> Result<(), JsonError> {
        self.choices = self.choices.saturating_add(1);
        if reader.kind()? != Kind::Object {
            return reader.skip().map(|_| ());
        }
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"delta" | b"message" => self.delivered.read_message(reader)?,
                b"text" => self.delivered.text.add(string_size(reader)?),
                b"finish_reason" => {
                    if let Some(reason) = string(reader)?.filter(|text| !text.raw().is_empty()) {
                        self.finished = self.finished.saturating_add(1);
                        self.finish_reason = Some(FinishReason::from_name(reason.raw()));
                    }
                }
                b"usage" => *usage = unless_null(reader)?.or(*usage),
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }
}

impl FinishReason {
    fn from_name(name: &[u8]) -> Self {
        match name {
            b"stop" => Self::Stop,
            b"length" => Self::Length,
            b"tool_calls" | b"function_call" => Self::ToolCalls,
            b"content_filter" => Self::ContentFilter,
            _ => Self::Other,
        }
    }
}

fn read_vendor<'a>(reader: &mut Reader<'a>, usage: &mut Option<&'a [u8]>) -> Result<(), JsonError> {
    if reader.kind()? != Kind::Object {
        return reader.skip().map(|_| ());
    }
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        if key.is("usage") {
            *usage = unless_null(reader)?.or(*usage);
        } else {
            reader.skip()?;
        }
    }
    Ok(())
}
