//! One walk over an event of a stream, over a response, over an item: what metering and
//! translation both need of it, without a tree.

mod kind;
mod walk;

pub(super) use kind::EventKind;
pub(super) use walk::text;

use self::walk::{number, seconds};
use crate::json::walk::{each, object, string, unless_null};
use crate::json::{JsonError, Kind, Reader, Text};

/// An event of a stream. Most are a delta: what the others hold is kept aside.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) kind: EventKind,
    /// `sequence_number`.
    pub(super) sequence: Option<u64>,
    /// `output_index`: the item it belongs to.
    output_index: Option<u64>,
    /// `content_index` or `summary_index`: the part of that item.
    part_index: Option<u64>,
    /// What is added.
    pub(super) delta: Option<Text<'a>>,
    /// All of it, where a part is complete (`text`, `refusal`, `arguments`, `input`).
    pub(super) whole: Option<Text<'a>>,
    /// The item that begins or is complete.
    pub(super) item: Option<Box<Item<'a>>>,
    /// The response so far.
    pub(super) response: Option<Box<Response<'a>>>,
}

/// A response: the object itself, or what an event holds of it.
#[derive(Debug, Default)]
pub(super) struct Response<'a> {
    pub(super) id: Option<Text<'a>>,
    pub(super) model: Option<Text<'a>>,
    pub(super) status: Option<Text<'a>>,
    /// `created_at`, whole seconds.
    pub(super) created: Option<i64>,
    /// `incomplete_details.reason`.
    pub(super) reason: Option<Text<'a>>,
    /// The usage as written, where there is one that is not null.
    pub(super) usage: Option<&'a [u8]>,
    /// The error as written, where there is one that is not null.
    pub(super) error: Option<&'a [u8]>,
    /// The items as written.
    pub(super) output: Option<&'a [u8]>,
}

/// An item of an answer.
#[derive(Debug, Default)]
pub(super) struct Item<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) id: Option<Text<'a>>,
    pub(super) call_id: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) namespace: Option<Text<'a>>,
    /// `arguments` of a function, or `input` of a free tool.
    pub(super) arguments: Option<Text<'a>>,
    pub(super) encrypted_content: Option<Text<'a>>,
    /// The parts of a message, or thoughts in full, as written.
    pub(super) content: Option<&'a [u8]>,
    /// The summary of thoughts as written.
    pub(super) summary: Option<&'a [u8]>,
}

/// A part of a message or of a thought.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) is_refusal: bool,
    pub(super) text: Option<Text<'a>>,
}

impl<'a> Frame<'a> {
    /// Reads an event's data. `name` is its name from the `event:` line.
    pub(super) fn read(data: &'a [u8], name: Option<&[u8]>) -> Result<Self, JsonError> {
        Self::walk(data, name, |_| false)
    }

    /// The same, but a delta is read no further than to where all of it is known: for a second
    /// reader of what was read as JSON before.
    pub(super) fn read_again(data: &'a [u8], name: Option<&[u8]>) -> Result<Self, JsonError> {
        Self::walk(data, name, Self::is_whole_delta)
    }

    fn walk(
        data: &'a [u8],
        name: Option<&[u8]>,
        is_enough: impl Fn(&Self) -> bool,
    ) -> Result<Self, JsonError> {
        let mut reader = Reader::without_utf8_check(data);
        let mut frame = Self {
            kind: EventKind::Other,
            sequence: None,
            output_index: None,
            part_index: None,
            delta: None,
            whole: None,
            item: None,
            response: None,
        };
        let mut has_error = false;
        if reader.kind()? == Kind::Object {
            let mut members = reader.object()?;
            while let Some(key) = members.next(&mut reader)? {
                frame.take(&mut reader, &key.name(), &mut has_error)?;
                if is_enough(&frame) {
                    return Ok(frame);
                }
            }
        } else {
            reader.skip()?;
        }
        reader.finish()?;
        if frame.kind == EventKind::Other {
            if has_error {
                frame.kind = EventKind::Error;
            } else if let Some(name) = name {
                frame.kind = EventKind::from_name(name);
            }
        }
        Ok(frame)
    }

    fn take(
        &mut self,
        reader: &mut Reader<'a>,
        key: &[u8],
        has_error: &mut bool,
    ) -> Result<(), JsonError> {
        match key {
            b"type" => {
                if let Some(text) = string(reader)? {
                    self.kind = EventKind::from_name(text.raw());
                }
            }
            b"sequence_number" => self.sequence = number(reader)?,
            b"output_index" => self.output_index = number(reader)?,
            b"content_index" | b"summary_index" => self.part_index = number(reader)?,
            b"delta" => self.delta = string(reader)?,
            b"text" | b"refusal" | b"arguments" | b"input" => self.whole = string(reader)?,
            b"item" => self.item = Item::read(reader)?.map(Box::new),
            b"response" => self.response = Response::read(reader)?.map(Box::new),
            b"error" => *has_error = unless_null(reader)?.is_some(),
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    }

    fn is_whole_delta(&self) -> bool {
        let has_place = match self.kind {
            EventKind::ArgumentsDelta => true,
            EventKind::TextDelta | EventKind::SummaryDelta | EventKind::ThoughtDelta => {
                self.part_index.is_some()
            }
            _ => return false,
        };
        has_place && self.delta.is_some() && self.output_index.is_some()
    }

    /// The item that it belongs to, and the part of that item; the first where it does not say.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.output_index.unwrap_or(0), self.part_index.unwrap_or(0))
    }
}

impl<'a> Response<'a> {
    /// Reads a response; nothing where there is no object.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Option<Self>, JsonError> {
        let mut response = Self::default();
        let given = object(reader, |reader, key| {
            match key {
                b"id" => response.id = string(reader)?,
                b"model" => response.model = string(reader)?,
                b"status" => response.status = string(reader)?,
                b"created_at" => response.created = seconds(reader)?,
                b"usage" => response.usage = unless_null(reader)?,
                b"error" => response.error = unless_null(reader)?,
                b"output" => response.output = unless_null(reader)?,
                b"incomplete_details" => {
                    object(reader, |reader, key| {
                        if key == b"reason" {
                            response.reason = string(reader)?;
                            return Ok(());
                        }
                        reader.skip().map(|_| ())
                    })?;
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(given.then_some(response))
    }

    /// Whether its status is this one.
    pub(super) fn has_status(&self, status: &[u8]) -> bool {
        self.status.is_some_and(|text| text.raw() == status)
    }

    /// Walks its items.
    pub(super) fn each_item(
        &self,
        mut read: impl FnMut(&Item<'a>) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let Some(output) = self.output else { return Ok(()) };
        each(&mut Reader::without_utf8_check(output), |reader| match Item::read(reader)? {
            Some(item) => read(&item),
            None => Ok(()),
        })
    }
}

impl<'a> Item<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Option<Self>, JsonError> {
        let mut item = Self::default();
        let given = object(reader, |reader, key| {
            match key {
                b"type" => item.kind = string(reader)?,
                b"id" => item.id = string(reader)?,
                b"call_id" => item.call_id = string(reader)?,
                b"name" => item.name = string(reader)?,
                b"namespace" => item.namespace = string(reader)?,
                b"arguments" | b"input" => item.arguments = string(reader)?,
                b"encrypted_content" => item.encrypted_content = string(reader)?,
                b"content" => item.content = unless_null(reader)?,
                b"summary" => item.summary = unless_null(reader)?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(given.then_some(item))
    }

    /// Its type, as written.
    pub(super) fn kind(&self) -> &'a [u8] {
        self.kind.as_ref().map_or(&[], Text::raw)
    }
}

/// Walks the parts of a message or of a thought, as written.
pub(super) fn each_part<'a>(
    parts: Option<&'a [u8]>,
    mut read: impl FnMut(&Part<'a>),
) -> Result<(), JsonError> {
    let Some(parts) = parts else { return Ok(()) };
    each(&mut Reader::without_utf8_check(parts), |reader| {
        let mut part = Part::default();
        object(reader, |reader, key| {
            match key {
                b"text" => part.text = string(reader)?,
                b"refusal" => {
                    part.text = string(reader)?;
                    part.is_refusal = true;
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        read(&part);
        Ok(())
    })
}
