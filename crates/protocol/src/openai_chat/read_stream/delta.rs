//! One chunk of a stream, read without a tree: texts are borrowed from the event where they hold
//! no escapes. What has an unexpected type is passed over.

use std::borrow::Cow;

use crate::json::walk::{each, members, string, unless_null};
use crate::json::{JsonError, Kind, Reader};

/// What a chunk says.
#[derive(Debug, Default)]
pub(super) struct Chunk<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) created: Option<i64>,
    /// The usage object as written.
    pub(super) usage: Option<&'a [u8]>,
    /// Whether it reports an error.
    pub(super) is_error: bool,
    /// What it says of the first answer.
    pub(super) choice: Option<Choice<'a>>,
}

/// What a chunk says of one answer.
#[derive(Debug, Default)]
pub(super) struct Choice<'a> {
    pub(super) finish: Option<Cow<'a, str>>,
    pub(super) delta: Delta<'a>,
}

/// What is added to an answer.
#[derive(Debug, Default)]
pub(super) struct Delta<'a> {
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) refusal: Option<Cow<'a, str>>,
    /// `reasoning_content`.
    pub(super) thought: Option<Cow<'a, str>>,
    /// `reasoning`, which some vendors send beside it with the same words.
    pub(super) other_thought: Option<Cow<'a, str>>,
    pub(super) calls: Vec<CallPiece<'a>>,
}

/// What is added to a call.
#[derive(Debug, Default)]
pub(super) struct CallPiece<'a> {
    pub(super) index: Option<u64>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) arguments: Option<Cow<'a, str>>,
    /// `extra_content` as written.
    pub(super) extra: Option<&'a [u8]>,
}

impl<'a> Chunk<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let mut reader = Reader::without_utf8_check(bytes);
        let mut chunk = Self::default();
        // Groq reports under `x_groq`, Moonshot inside of the choice.
        let mut usage_elsewhere = None;
        members(&mut reader, |reader, key| {
            match key {
                b"id" => chunk.id = text(reader)?,
                b"model" => chunk.model = text(reader)?,
                b"created" => chunk.created = integer(reader)?,
                b"usage" => chunk.usage = unless_null(reader)?,
                b"error" => chunk.is_error = unless_null(reader)?.is_some(),
                b"choices" => each(reader, |reader| {
                    let mut choice = Choice::default();
                    if choice.read(reader, &mut usage_elsewhere)? == 0 && chunk.choice.is_none() {
                        chunk.choice = Some(choice);
                    }
                    Ok(())
                })?,
                b"x_groq" => members(reader, |reader, key| {
                    if key == b"usage" {
                        usage_elsewhere = unless_null(reader)?;
                        return Ok(());
                    }
                    reader.skip().map(|_| ())
                })?,
                _ => reader.skip().map(|_| ())?,
            }
            Ok(())
        })?;
        reader.finish()?;
        chunk.usage = chunk.usage.or(usage_elsewhere);
        Ok(chunk)
    }
}

impl<'a> Choice<'a> {
    /// Reads a choice and gives its number.
    fn read(
        &mut self,
        reader: &mut Reader<'a>,
        usage: &mut Option<&'a [u8]>,
    ) -> Result<i64, JsonError> {
        let mut index = 0;
        members(reader, |reader, key| {
            match key {
                b"index" => index = integer(reader)?.unwrap_or(0),
                b"delta" => self.delta.read(reader)?,
                b"finish_reason" => self.finish = text(reader)?,
                b"usage" => *usage = unless_null(reader)?.or(*usage),
                _ => reader.skip().map(|_| ())?,
            }
            Ok(())
        })?;
        Ok(index)
    }
}

impl<'a> Delta<'a> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        members(reader, |reader, key| {
            match key {
                b"content" if reader.kind()? == Kind::Array => {
                    each(reader, |reader| self.read_part(reader))?;
                }
                b"content" => self.text = text(reader)?,
                b"refusal" => self.refusal = text(reader)?,
                b"reasoning_content" => self.thought = text(reader)?,
                b"reasoning" => self.other_thought = text(reader)?,
                b"tool_calls" => each(reader, |reader| {
                    let mut piece = CallPiece::default();
                    piece.read(reader)?;
                    self.calls.push(piece);
                    Ok(())
                })?,
                b"function_call" => {
                    let mut piece = CallPiece { index: Some(0), ..CallPiece::default() };
                    members(reader, |reader, key| piece.read_function(reader, key))?;
                    self.calls.push(piece);
                }
                _ => reader.skip().map(|_| ())?,
            }
            Ok(())
        })
    }

    /// A part of content in parts, as Mistral sends it where the model thinks.
    fn read_part(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        members(reader, |reader, key| {
            match key {
                b"text" => add(&mut self.text, text(reader)?),
                b"thinking" if reader.kind()? == Kind::Array => each(reader, |reader| {
                    members(reader, |reader, key| {
                        if key == b"text" {
                            add(&mut self.thought, text(reader)?);
                            return Ok(());
                        }
                        reader.skip().map(|_| ())
                    })
                })?,
                b"thinking" => add(&mut self.thought, text(reader)?),
                _ => reader.skip().map(|_| ())?,
            }
            Ok(())
        })
    }
}

impl<'a> CallPiece<'a> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        members(reader, |reader, key| {
            match key {
                b"index" => self.index = integer(reader)?.and_then(|i| u64::try_from(i).ok()),
                b"id" => self.id = text(reader)?,
                b"function" => members(reader, |reader, key| self.read_function(reader, key))?,
                b"extra_content" => self.extra = unless_null(reader)?,
                _ => reader.skip().map(|_| ())?,
            }
            Ok(())
        })
    }

    fn read_function(&mut self, reader: &mut Reader<'a>, key: &[u8]) -> Result<(), JsonError> {
        match key {
            b"name" => self.name = text(reader)?,
            // Some vendors send the object itself.
            b"arguments" if reader.kind()? == Kind::Object => {
                let span = reader.skip()?;
                self.arguments = Some(String::from_utf8_lossy(reader.bytes(span)));
            }
            b"arguments" => self.arguments = text(reader)?,
            _ => reader.skip().map(|_| ())?,
        }
        Ok(())
    }
}

/// A text that is not empty. One that holds half a character is taken as it stands.
fn text<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, JsonError> {
    let text = string(reader)?.filter(|text| !text.raw().is_empty());
    Ok(text.map(|text| text.decode().unwrap_or_else(|_| String::from_utf8_lossy(text.raw()))))
}

fn add<'a>(whole: &mut Option<Cow<'a, str>>, more: Option<Cow<'a, str>>) {
    match (whole.as_mut(), more) {
        (Some(whole), Some(more)) => whole.to_mut().push_str(&more),
        (None, more) => *whole = more,
        (Some(_), None) => {}
    }
}

fn integer(reader: &mut Reader<'_>) -> Result<Option<i64>, JsonError> {
    let span = reader.skip()?;
    Ok(std::str::from_utf8(reader.bytes(span)).ok().and_then(|digits| digits.parse().ok()))
}
