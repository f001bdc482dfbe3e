//! How much a chat answer, or a chunk of one, delivers.

use crate::estimate::TextSize;
use crate::json::walk::{each, string};
use crate::json::{JsonError, Kind, Reader};
use crate::observe::Delivered;

impl Delivered {
    /// Reads a `message` or a `delta`.
    pub(super) fn read_message(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            return reader.skip().map(|_| ());
        }
        // Some vendors send the same thoughts under both names: the longer one counts.
        let mut reasoning = TextSize::default();
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"content" => self.read_content(reader)?,
                b"refusal" => self.text.add(string_size(reader)?),
                b"reasoning_content" | b"reasoning" => {
                    let size = string_size(reader)?;
                    if size.bytes > reasoning.bytes {
                        reasoning = size;
                    }
                }
                b"tool_calls" => each(reader, |reader| self.read_tool_call(reader))?,
                b"function_call" => self.read_call(reader)?,
                b"audio" => self.read_audio(reader)?,
                b"images" => {
                    each(reader, |reader| {
                        self.other = true;
                        reader.skip().map(|_| ())
                    })?;
                }
                _ => {
                    reader.skip()?;
                }
            }
        }
        self.reasoning.add(reasoning);
        Ok(())
    }

    /// Text, or an array of parts with text and thoughts.
    fn read_content(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        match reader.kind()? {
            Kind::Array => each(reader, |reader| self.read_part(reader)),
            _ => {
                self.text.add(string_size(reader)?);
                Ok(())
            }
        }
    }

    fn read_part(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            self.text.add(string_size(reader)?);
            return Ok(());
        }
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"text" => self.text.add(string_size(reader)?),
                b"thinking" if reader.kind()? == Kind::Array => {
                    let mut thoughts = Self::default();
                    each(reader, |reader| thoughts.read_part(reader))?;
                    self.reasoning.add(thoughts.all_text());
                }
                b"thinking" => self.reasoning.add(string_size(reader)?),
                b"image_url" => {
                    self.other = true;
                    reader.skip()?;
                }
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }

    fn read_tool_call(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            return reader.skip().map(|_| ());
        }
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"function" | b"custom" => self.read_call(reader)?,
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }

    fn read_call(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            return reader.skip().map(|_| ());
        }
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"name" | b"arguments" | b"input" => self.tool_calls.add(string_size(reader)?),
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }

    fn read_audio(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            return reader.skip().map(|_| ());
        }
        let mut members = reader.object()?;
        while let Some(key) = members.next(reader)? {
            match &*key.name() {
                b"data" => {
                    let bytes = string(reader)?.map_or(0, |text| text.raw().len() as u64);
                    self.audio_bytes = self.audio_bytes.saturating_add(bytes);
                }
                b"transcript" => self.text.add(string_size(reader)?),
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn string_size(reader: &mut Reader<'_>) -> Result<TextSize, JsonError> {
    Ok(string(reader)?.map_or(TextSize::default(), |text| text.size()))
}
