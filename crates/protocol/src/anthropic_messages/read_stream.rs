//! A stream of this dialect, as canonical events.

use super::frame::{Frame, FrameKind, Piece, PieceKind};
use super::read_answer::read_failure;
use super::stop::read_stop;
use super::usage::Counts;
use crate::canonical::{AnswerEvent, Opened, ToolNames, UpstreamFailure};
use crate::json::{Reader, Text};
use crate::sse::Event;

/// The most blocks that may be open at once; what a stream opens beyond is left out.
const MOST_OPEN: usize = 1_024;

/// Reads one stream.
#[derive(Debug)]
pub struct StreamReader {
    names: ToolNames,
    open: Vec<OpenBlock>,
    /// The number of the next block.
    next: u32,
    counts: Counts,
    finished: bool,
    ended: bool,
}

/// A block under way.
#[derive(Debug)]
struct OpenBlock {
    /// Its number at the upstream, where blocks that are left out here count too.
    index: u64,
    number: u32,
    /// A call's arguments from its beginning: none, or all where some upstreams give them whole.
    /// They count if none follow.
    input: Option<String>,
}

impl StreamReader {
    /// A reader for a stream whose tools go by these names.
    #[must_use]
    pub fn new(names: ToolNames) -> Self {
        Self {
            names,
            open: Vec::new(),
            next: 0,
            counts: Counts::default(),
            finished: false,
            ended: false,
        }
    }

    /// Reads the next event. What is not JSON, or not known, is passed over.
    pub fn event(&mut self, event: &Event, out: &mut Vec<AnswerEvent>) {
        let Some(data) = event.data().filter(|_| !self.ended) else {
            return;
        };
        let frame = Frame::read(&mut Reader::without_utf8_check(data)).unwrap_or_default();
        match frame.kind {
            FrameKind::BlockDelta => self.add(frame.index, &frame.piece, out),
            FrameKind::BlockStart => self.open(frame.index, &frame.piece, out),
            FrameKind::BlockStop => self.close(frame.index, out),
            FrameKind::MessageStart => {
                out.push(AnswerEvent::Start {
                    id: frame.id.map(decode),
                    model: frame.model.map(decode),
                    created: None,
                });
                self.take_usage(frame.usage, out);
            }
            FrameKind::MessageDelta => {
                self.take_usage(frame.usage, out);
                self.finish(&frame.piece, out);
            }
            FrameKind::MessageStop => {
                self.close_all(out);
                self.ended = true;
                out.push(AnswerEvent::Done);
            }
            FrameKind::Error => self.fail(read_failure(data), out),
            FrameKind::Other if event.name() == Some(b"error") => {
                self.fail(read_failure(data), out);
            }
            FrameKind::Other => {}
        }
    }

    /// Ends the stream. One that broke off before its stop reason failed.
    pub fn end(&mut self, out: &mut Vec<AnswerEvent>) {
        if self.ended {
            return;
        }
        if self.finished {
            self.close_all(out);
            self.ended = true;
            out.push(AnswerEvent::Done);
        } else {
            let message = "The upstream's answer broke off.".to_owned();
            self.fail(
                UpstreamFailure { message: Some(message), ..UpstreamFailure::default() },
                out,
            );
        }
    }

    fn fail(&mut self, failure: UpstreamFailure, out: &mut Vec<AnswerEvent>) {
        self.ended = true;
        out.push(AnswerEvent::Failed(failure));
    }

    fn take_usage(&mut self, bytes: Option<&[u8]>, out: &mut Vec<AnswerEvent>) {
        let Some(counts) = bytes.and_then(|bytes| Counts::read(bytes).ok()) else {
            return;
        };
        self.counts.merge(counts);
        out.extend(self.counts.into_usage().ok().flatten().map(AnswerEvent::Usage));
    }

    fn open(&mut self, index: u64, piece: &Piece<'_>, out: &mut Vec<AnswerEvent>) {
        let what = match piece.kind() {
            PieceKind::Text => Opened::Text,
            PieceKind::Thinking => Opened::Thought { id: None, redacted: false },
            PieceKind::Redacted => Opened::Thought { id: None, redacted: true },
            PieceKind::ToolUse => Opened::ToolCall {
                id: piece.id.map(decode).unwrap_or_default(),
                name: piece
                    .name
                    .map(|name| self.names.here(&decode(name)).to_owned())
                    .unwrap_or_default(),
            },
            _ => return,
        };
        self.close(index, out);
        if self.open.len() >= MOST_OPEN {
            return;
        }
        let number = self.next;
        self.next = number.saturating_add(1);
        let input = matches!(what, Opened::ToolCall { .. })
            .then(|| String::from_utf8_lossy(piece.input.unwrap_or(b"{}")).into_owned());
        self.open.push(OpenBlock { index, number, input });
        out.push(AnswerEvent::Open { block: number, what });
        push_delta(number, piece.text.or(piece.thinking), out);
        push_seal(number, piece.signature.or(piece.data), out);
    }

    fn add(&mut self, index: u64, piece: &Piece<'_>, out: &mut Vec<AnswerEvent>) {
        let Some(block) = self.open.iter_mut().find(|block| block.index == index) else {
            return;
        };
        match piece.kind() {
            PieceKind::Text => push_delta(block.number, piece.text, out),
            PieceKind::Thinking => push_delta(block.number, piece.thinking, out),
            PieceKind::Input => {
                let before = out.len();
                push_delta(block.number, piece.partial_json, out);
                if out.len() > before {
                    block.input = None;
                }
            }
            PieceKind::Signature => push_seal(block.number, piece.signature, out),
            _ => {}
        }
    }

    fn close(&mut self, index: u64, out: &mut Vec<AnswerEvent>) {
        if let Some(place) = self.open.iter().position(|block| block.index == index) {
            let OpenBlock { number, input, .. } = self.open.remove(place);
            out.extend(input.map(|text| AnswerEvent::Delta { block: number, text }));
            out.push(AnswerEvent::Close { block: number });
        }
    }

    fn close_all(&mut self, out: &mut Vec<AnswerEvent>) {
        while let Some(index) = self.open.first().map(|block| block.index) {
            self.close(index, out);
        }
    }

    /// Takes the stop reason, and the words for a refusal.
    fn finish(&mut self, piece: &Piece<'_>, out: &mut Vec<AnswerEvent>) {
        let Some(reason) = piece.stop_reason.filter(|_| !self.finished) else {
            return;
        };
        self.finished = true;
        self.close_all(out);
        if let Some(text) = piece.explanation.map(decode).filter(|text| !text.is_empty()) {
            let block = self.next;
            self.next = block.saturating_add(1);
            out.push(AnswerEvent::Open { block, what: Opened::Refusal });
            out.push(AnswerEvent::Delta { block, text });
            out.push(AnswerEvent::Close { block });
        }
        let stop = read_stop(&decode(reason), piece.stop_sequence.map(decode));
        out.push(AnswerEvent::Finish(stop));
    }
}

fn push_delta(block: u32, text: Option<Text<'_>>, out: &mut Vec<AnswerEvent>) {
    if let Some(text) = text.map(decode).filter(|text| !text.is_empty()) {
        out.push(AnswerEvent::Delta { block, text });
    }
}

fn push_seal(block: u32, seal: Option<Text<'_>>, out: &mut Vec<AnswerEvent>) {
    if let Some(seal) = seal.map(decode).filter(|seal| !seal.is_empty()) {
        out.push(AnswerEvent::Seal { block, seal });
    }
}

/// The text; as it is written where it holds half a character.
fn decode(text: Text<'_>) -> String {
    match text.decode() {
        Ok(text) => text.into_owned(),
        Err(_) => String::from_utf8_lossy(text.raw()).into_owned(),
    }
}
