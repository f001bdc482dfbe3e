//! One walk over an event of a stream, and over a block of an answer: what metering and
//! translation both read.

use crate::estimate::TextSize;
use crate::json::walk::{members, string, unless_null};
use crate::json::{JsonError, Reader, Span, Text};
use crate::observe::{Delivered, Part};

/// What an event tells (Anthropic, "Streaming messages", event types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum FrameKind {
    /// The answer begins.
    MessageStart,
    /// A block begins.
    BlockStart,
    /// More of a block.
    BlockDelta,
    /// A block is complete.
    BlockStop,
    /// The answer's stop reason and usage.
    MessageDelta,
    /// The last event.
    MessageStop,
    /// The upstream failed.
    Error,
    /// A ping, or what this dialect may learn to say.
    #[default]
    Other,
}

/// An event, borrowed from its bytes.
#[derive(Debug, Default)]
pub(super) struct Frame<'a> {
    pub(super) kind: FrameKind,
    /// Which block it is about.
    pub(super) index: u64,
    /// The answer's id and model.
    pub(super) id: Option<Text<'a>>,
    pub(super) model: Option<Text<'a>>,
    /// The block that begins, or what is added.
    pub(super) piece: Piece<'a>,
    /// The usage object as written, where there is one that is not null.
    pub(super) usage: Option<&'a [u8]>,
}

/// What a block, or an addition to one, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// `text`, `text_delta`.
    Text,
    /// `thinking`, `thinking_delta`.
    Thinking,
    /// `redacted_thinking`.
    Redacted,
    /// `tool_use`.
    ToolUse,
    /// A call that the provider makes itself: `server_tool_use`, `mcp_tool_use`.
    HostedToolUse,
    /// `input_json_delta`.
    Input,
    /// `signature_delta`.
    Signature,
    /// `citations_delta`.
    Citations,
    /// No type: the `delta` of a `message_delta`.
    Nothing,
    /// What else there may be.
    Other,
}

/// A block, or an addition to one.
#[derive(Debug, Default)]
pub(super) struct Piece<'a> {
    name_of_kind: Option<Text<'a>>,
    pub(super) text: Option<Text<'a>>,
    pub(super) thinking: Option<Text<'a>>,
    pub(super) signature: Option<Text<'a>>,
    pub(super) data: Option<Text<'a>>,
    pub(super) id: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) partial_json: Option<Text<'a>>,
    /// A call's arguments as written, where there are any.
    pub(super) input: Option<&'a [u8]>,
    pub(super) stop_reason: Option<Text<'a>>,
    pub(super) stop_sequence: Option<Text<'a>>,
    /// Why the answer was refused, in words.
    pub(super) explanation: Option<Text<'a>>,
}

impl<'a> Frame<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, JsonError> {
        let mut frame = Self::default();
        members(reader, |reader, key| {
            match key {
                b"type" => {
                    frame.kind = string(reader)?.map_or(FrameKind::Other, |name| kind_of(&name));
                }
                b"index" => frame.index = number(reader)?,
                b"content_block" | b"delta" => frame.piece.read(reader)?,
                b"message" => frame.read_message(reader)?,
                b"usage" => frame.usage = unless_null(reader)?.or(frame.usage),
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        reader.finish()?;
        Ok(frame)
    }

    fn read_message(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        members(reader, |reader, key| {
            match key {
                b"id" => self.id = string(reader)?,
                b"model" => self.model = string(reader)?,
                b"usage" => self.usage = unless_null(reader)?.or(self.usage),
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })
    }
}

fn kind_of(name: &Text<'_>) -> FrameKind {
    match &*name.name() {
        b"content_block_delta" => FrameKind::BlockDelta,
        b"content_block_start" => FrameKind::BlockStart,
        b"content_block_stop" => FrameKind::BlockStop,
        b"message_start" => FrameKind::MessageStart,
        b"message_delta" => FrameKind::MessageDelta,
        b"message_stop" => FrameKind::MessageStop,
        b"error" => FrameKind::Error,
        _ => FrameKind::Other,
    }
}

impl<'a> Piece<'a> {
    /// Reads a block or a delta.
    pub(super) fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        members(reader, |reader, key| {
            match key {
                b"type" => self.name_of_kind = string(reader)?,
                b"text" => self.text = string(reader)?,
                b"thinking" => self.thinking = string(reader)?,
                b"partial_json" => self.partial_json = string(reader)?,
                b"signature" => self.signature = string(reader)?,
                b"data" => self.data = string(reader)?,
                b"id" => self.id = string(reader)?,
                b"name" => self.name = string(reader)?,
                b"input" => self.input = unless_null(reader)?.filter(|input| !is_empty(input)),
                b"stop_reason" => self.stop_reason = string(reader)?,
                b"stop_sequence" => self.stop_sequence = string(reader)?,
                b"stop_details" => members(reader, |reader, key| {
                    if key == b"explanation" {
                        self.explanation = string(reader)?;
                    } else {
                        reader.skip()?;
                    }
                    Ok(())
                })?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })
    }

    pub(super) fn kind(&self) -> PieceKind {
        let Some(name) = &self.name_of_kind else {
            return PieceKind::Nothing;
        };
        match &*name.name() {
            b"text" | b"text_delta" => PieceKind::Text,
            b"thinking" | b"thinking_delta" => PieceKind::Thinking,
            b"input_json_delta" => PieceKind::Input,
            b"tool_use" => PieceKind::ToolUse,
            b"signature_delta" => PieceKind::Signature,
            b"citations_delta" => PieceKind::Citations,
            b"redacted_thinking" => PieceKind::Redacted,
            b"server_tool_use" | b"mcp_tool_use" => PieceKind::HostedToolUse,
            _ => PieceKind::Other,
        }
    }

    /// Which text it delivers, and where that stands, if it holds no escape.
    pub(super) fn place(&self) -> Option<(Part, Span)> {
        let (part, text) = match self.kind() {
            PieceKind::Text => (Part::Text, self.text),
            PieceKind::Thinking => (Part::Reasoning, self.thinking),
            PieceKind::Input => (Part::ToolCalls, self.partial_json),
            _ => return None,
        };
        Some((part, text?.plain()?))
    }

    /// How much it delivers.
    pub(super) fn delivered(&self) -> Delivered {
        let mut delivered = Delivered::default();
        match self.kind() {
            PieceKind::Text => delivered.text = size(self.text),
            PieceKind::Thinking => delivered.reasoning = size(self.thinking),
            PieceKind::Input => delivered.tool_calls = size(self.partial_json),
            PieceKind::ToolUse | PieceKind::HostedToolUse => {
                let input = self.input.map_or(TextSize::default(), TextSize::of);
                delivered.tool_calls = size(self.name).plus(input);
            }
            PieceKind::Signature | PieceKind::Citations | PieceKind::Nothing => {}
            PieceKind::Redacted | PieceKind::Other => delivered.other = true,
        }
        delivered
    }
}

fn size(text: Option<Text<'_>>) -> TextSize {
    text.map_or(TextSize::default(), |text| text.size())
}

/// Whether a call's arguments are `{}`, as they are where a call begins.
fn is_empty(input: &[u8]) -> bool {
    matches!(input, [b'{', space @ .., b'}'] if space.trim_ascii().is_empty())
}

/// A small number; 0 for anything else.
fn number(reader: &mut Reader<'_>) -> Result<u64, JsonError> {
    let span = reader.skip()?;
    let digits = std::str::from_utf8(reader.bytes(span)).ok();
    Ok(digits.and_then(|digits| digits.parse().ok()).unwrap_or_default())
}
