//! Content parts in OpenAI's dialects: chat's (`image_url`, `input_audio`, `file`) and those of
//! Responses (`input_image`, `input_file`), which vendors mix.

use std::borrow::Cow;

use super::field::{
    Known, elements, members, members_if_any, raw_bytes, string_bytes, string_if_any,
};
use super::stored::id_if_any;
use super::{Peek, PeekError, StoredKind};
use crate::json::{Kind, Reader, Text};

/// The text types of these dialects and of those that vendors mix into them.
const TEXT_TYPES: &[&str] = &[
    "text",
    "refusal",
    "input_text",
    "output_text",
    "summary_text",
    "reasoning_text",
    "thinking",
    "reasoning",
];
const IMAGE_TYPES: &[&str] = &["image_url", "input_image", "computer_screenshot"];
const AUDIO_TYPES: &[&str] = &["input_audio"];
const FILE_TYPES: &[&str] = &["file", "input_file"];

const PART_NAMES: &[&str] =
    &["type", "text", "image_url", "input_audio", "file", "file_id", "file_data", "file_url"];

/// Reads content: a text, a part, or an array of parts. Says whether there is any.
pub(super) fn read_content<'a>(
    reader: &mut Reader<'a>,
    peek: &mut Peek<'a>,
) -> Result<bool, PeekError> {
    match reader.kind()? {
        Kind::Array => Ok(elements(reader, |reader| read_part(reader, peek))? > 0),
        kind => {
            read_part(reader, peek)?;
            Ok(kind != Kind::Null)
        }
    }
}

/// One part, while its `type` may still be to come.
#[derive(Default)]
struct Part<'a> {
    text_type: Option<bool>,
    image_type: bool,
    audio_type: bool,
    file_type: bool,
    image: Option<u64>,
    audio: Option<u64>,
    file: Option<File<'a>>,
}

#[derive(Default)]
struct File<'a> {
    inline_bytes: Option<u64>,
    by_url: bool,
    id: Option<Cow<'a, str>>,
}

/// Reads one part.
pub(super) fn read_part<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    match reader.kind()? {
        Kind::String => {
            peek.content.text(&reader.string()?);
            return Ok(());
        }
        Kind::Object => {}
        _ => {
            reader.skip()?;
            return Ok(());
        }
    }
    let mut part = Part::default();
    members(reader, Known::new(PART_NAMES), |reader, name| {
        match name {
            "type" => part.set_type(string_if_any(reader)?),
            "text" => peek.content.text_bytes += string_bytes(reader)?,
            "image_url" => part.image = Some(read_image(reader, name)?),
            "input_audio" => part.audio = Some(read_audio(reader, name)?),
            "file" => {
                let file = part.file.get_or_insert_default();
                members_if_any(reader, name, Known::new(&["file_data", "file_id"]), |r, name| {
                    file.member(name, r)
                })?;
            }
            _ => part.file.get_or_insert_default().member(name, reader)?,
        }
        Ok(())
    })?;
    part.count(peek);
    Ok(())
}

impl<'a> Part<'a> {
    fn set_type(&mut self, text: Option<Text<'_>>) {
        let Some(text) = text else { return };
        let is_one_of = |types: &[&str]| types.iter().any(|name| text.is(name));
        self.image_type = is_one_of(IMAGE_TYPES);
        self.audio_type = is_one_of(AUDIO_TYPES);
        self.file_type = is_one_of(FILE_TYPES);
        self.text_type = Some(is_one_of(TEXT_TYPES));
    }

    /// Counts what the part says it is *and* what it holds, since an upstream may go by either.
    fn count(self, peek: &mut Peek<'a>) {
        let content = &mut peek.content;
        if self.image_type || self.image.is_some() {
            content.image(self.image.unwrap_or(0));
        }
        if self.audio_type || self.audio.is_some() {
            content.audio(self.audio.unwrap_or(0));
        }
        let given = self.file_type || self.file.is_some();
        let file = self.file.unwrap_or_default();
        match file.inline_bytes {
            Some(bytes) if file.id.is_none() && !file.by_url => content.inline_file(bytes),
            // An image's id stands for an image, whose cost has a bound of its own.
            None if self.image_type && !file.by_url => {}
            _ => content.files_by_id += u64::from(given),
        }
        let known = self.image_type || self.audio_type || self.file_type;
        if !known && self.text_type == Some(false) {
            content.other_parts += 1;
        }
        peek.refer(StoredKind::File, file.id);
    }
}

impl<'a> File<'a> {
    fn member(&mut self, name: &str, reader: &mut Reader<'a>) -> Result<(), PeekError> {
        match name {
            "file_id" => self.id = id_if_any(reader)?.or(self.id.take()),
            "file_url" => self.by_url |= string_if_any(reader)?.is_some(),
            _ => {
                let bytes = string_if_any(reader)?.as_ref().map(raw_bytes);
                self.inline_bytes = bytes.or(self.inline_bytes);
            }
        }
        Ok(())
    }
}

/// Inline bytes of an image: `{"url": …}`, or the URL alone.
fn read_image(reader: &mut Reader<'_>, name: &str) -> Result<u64, PeekError> {
    if reader.kind()? != Kind::Object {
        let url = string_if_any(reader)?;
        return Ok(url.as_ref().map_or(0, inline_url_bytes));
    }
    let mut inline = 0;
    members_if_any(reader, name, Known::new(&["url"]), |reader, _| {
        inline = string_if_any(reader)?.as_ref().map_or(0, inline_url_bytes);
        Ok(())
    })?;
    Ok(inline)
}

/// A `data:` URL's bytes; 0 for any other, and for one too strangely escaped to tell.
fn inline_url_bytes(url: &Text<'_>) -> u64 {
    match url.raw().get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"data:") => raw_bytes(url),
        _ => 0,
    }
}

fn read_audio(reader: &mut Reader<'_>, name: &str) -> Result<u64, PeekError> {
    let mut bytes = 0;
    members_if_any(reader, name, Known::new(&["data"]), |reader, _| {
        bytes = string_bytes(reader)?;
        Ok(())
    })?;
    Ok(bytes)
}
