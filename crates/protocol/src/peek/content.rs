//! What the messages of a chat request hold: how much text, and what else than text.

use super::PeekError;
use super::field::{Known, string_if_any};
use crate::json::{Kind, Reader, Text};

/// What the messages hold, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content {
    /// How many messages there are.
    pub messages: u64,
    /// Bytes of message text as written in the body, escapes and all.
    pub text_bytes: u64,
    /// Image parts.
    pub images: u64,
    /// Bytes in the body of images that are given inline, as `data:` URLs.
    pub inline_image_bytes: u64,
    /// Parts with audio as input.
    pub audio_parts: u64,
    /// Bytes in the body of audio that is given inline.
    pub inline_audio_bytes: u64,
    /// References to audio of an earlier answer, which is not in the body.
    pub audio_references: u64,
    /// Files given by an id or a URL.
    pub files_by_id: u64,
    /// Files given inline.
    pub inline_files: u64,
    /// Bytes in the body of files that are given inline.
    pub inline_file_bytes: u64,
    /// Parts of a type that is not known here (video, documents of other vendors).
    pub other_parts: u64,
}

impl Content {
    pub(super) const NONE: Self = Self {
        messages: 0,
        text_bytes: 0,
        images: 0,
        inline_image_bytes: 0,
        audio_parts: 0,
        inline_audio_bytes: 0,
        audio_references: 0,
        files_by_id: 0,
        inline_files: 0,
        inline_file_bytes: 0,
        other_parts: 0,
    };
}

const MESSAGES_ALLOWED: &str = "a non-empty array of objects";

/// The text types of this dialect and of those that vendors mix into it.
const TEXT_TYPES: &[&str] =
    &["text", "refusal", "input_text", "output_text", "thinking", "reasoning"];

pub(super) fn read_messages(reader: &mut Reader<'_>) -> Result<Content, PeekError> {
    let wrong = || PeekError::at("messages", MESSAGES_ALLOWED);
    if reader.kind()? != Kind::Array {
        return Err(wrong());
    }
    let mut content = Content::NONE;
    let mut elements = reader.array()?;
    while elements.next(reader)? {
        if reader.kind()? != Kind::Object {
            return Err(wrong());
        }
        read_message(reader, &mut content)
            .map_err(|error| error.within(&format!("messages[{}]", content.messages)))?;
        content.messages += 1;
    }
    if content.messages == 0 {
        return Err(wrong());
    }
    Ok(content)
}

fn read_message(reader: &mut Reader<'_>, content: &mut Content) -> Result<(), PeekError> {
    let mut known = Known::new(&["content", "audio"]);
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        match known.take(&key)? {
            Some("content") => {
                read_content(reader, content).map_err(|error| error.within("content"))?;
            }
            Some(_) if reader.kind()? != Kind::Null => {
                content.audio_references += 1;
                reader.skip()?;
            }
            _ => {
                reader.skip()?;
            }
        }
    }
    Ok(())
}

fn read_content(reader: &mut Reader<'_>, content: &mut Content) -> Result<(), PeekError> {
    match reader.kind()? {
        Kind::Array => {
            let mut elements = reader.array()?;
            let mut index = 0_u64;
            while elements.next(reader)? {
                read_part(reader, content).map_err(|error| error.within(&format!("[{index}]")))?;
                index += 1;
            }
            Ok(())
        }
        _ => read_part(reader, content),
    }
}

/// One part of a message, while its `type` may still be to come.
#[derive(Default)]
struct Part {
    text_type: Option<bool>,
    image: Option<u64>,
    audio: Option<u64>,
    file: Option<File>,
    image_type: bool,
    audio_type: bool,
    file_type: bool,
}

#[derive(Default, Clone, Copy)]
struct File {
    inline_bytes: Option<u64>,
    by_id: bool,
}

fn read_part(reader: &mut Reader<'_>, content: &mut Content) -> Result<(), PeekError> {
    match reader.kind()? {
        Kind::String => {
            content.text_bytes += raw_bytes(&reader.string()?);
            return Ok(());
        }
        Kind::Object => {}
        _ => {
            reader.skip()?;
            return Ok(());
        }
    }
    let mut part = Part::default();
    let mut known = Known::new(&["type", "text", "image_url", "input_audio", "file"]);
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        match known.take(&key)? {
            Some("type") => part.set_type(string_if_any(reader)?),
            Some("text") => {
                content.text_bytes += string_if_any(reader)?.as_ref().map_or(0, raw_bytes);
            }
            Some("image_url") => {
                let image = read_image(reader).map_err(|error| error.within("image_url"))?;
                part.image = Some(image);
            }
            Some("input_audio") => {
                let audio = read_audio(reader).map_err(|error| error.within("input_audio"))?;
                part.audio = Some(audio);
            }
            Some(_) => {
                part.file = Some(read_file(reader).map_err(|error| error.within("file"))?);
            }
            None => {
                reader.skip()?;
            }
        }
    }
    part.count(content);
    Ok(())
}

impl Part {
    fn set_type(&mut self, text: Option<Text<'_>>) {
        let Some(text) = text else { return };
        self.image_type = text.is("image_url");
        self.audio_type = text.is("input_audio");
        self.file_type = text.is("file");
        self.text_type = Some(TEXT_TYPES.iter().any(|name| text.is(name)));
    }

    /// Counts what the part says it is *and* what it holds, since an upstream may go by either.
    fn count(&self, content: &mut Content) {
        if self.image_type || self.image.is_some() {
            content.images += 1;
            content.inline_image_bytes += self.image.unwrap_or(0);
        }
        if self.audio_type || self.audio.is_some() {
            content.audio_parts += 1;
            content.inline_audio_bytes += self.audio.unwrap_or(0);
        }
        if self.file_type || self.file.is_some() {
            let file = self.file.unwrap_or_default();
            match file.inline_bytes {
                Some(bytes) if !file.by_id => {
                    content.inline_files += 1;
                    content.inline_file_bytes += bytes;
                }
                _ => content.files_by_id += 1,
            }
        }
        let known = self.image_type || self.audio_type || self.file_type;
        if !known && self.text_type == Some(false) {
            content.other_parts += 1;
        }
    }
}

fn raw_bytes(text: &Text<'_>) -> u64 {
    text.raw().len() as u64
}

/// Inline bytes of an image: `{"url": …}`, or the URL alone as some vendors take it.
fn read_image(reader: &mut Reader<'_>) -> Result<u64, PeekError> {
    let mut inline = 0;
    if reader.kind()? != Kind::Object {
        let url = string_if_any(reader)?;
        return Ok(url.as_ref().map_or(0, inline_url_bytes));
    }
    let mut known = Known::new(&["url"]);
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        if known.take(&key)?.is_some() {
            inline = string_if_any(reader)?.as_ref().map_or(0, inline_url_bytes);
        } else {
            reader.skip()?;
        }
    }
    Ok(inline)
}

/// A `data:` URL's bytes; 0 for any other, and for one too strangely escaped to tell.
fn inline_url_bytes(url: &Text<'_>) -> u64 {
    match url.raw().get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"data:") => raw_bytes(url),
        _ => 0,
    }
}

fn read_audio(reader: &mut Reader<'_>) -> Result<u64, PeekError> {
    let mut bytes = 0;
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(0);
    }
    let mut known = Known::new(&["data"]);
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        if known.take(&key)?.is_some() {
            bytes = string_if_any(reader)?.as_ref().map_or(0, raw_bytes);
        } else {
            reader.skip()?;
        }
    }
    Ok(bytes)
}

fn read_file(reader: &mut Reader<'_>) -> Result<File, PeekError> {
    let mut file = File::default();
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(file);
    }
    let mut known = Known::new(&["file_data", "file_id"]);
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        match known.take(&key)? {
            Some("file_data") => {
                let data = string_if_any(reader)?;
                file.inline_bytes = data.as_ref().map(raw_bytes);
            }
            Some(_) => file.by_id |= string_if_any(reader)?.is_some(),
            None => {
                reader.skip()?;
            }
        }
    }
    Ok(file)
}
