//! A stream of responses into canonical events, without a tree: each event's bytes are walked once,
//! those of the first once more for the answer's id.
//!
//! The dialect does not say which response is the last, and some senders give a `finishReason` with
//! each. So the end is told when the stream ends: [`StreamReader::end`].

mod part;

use domain::usage::Usage;

use super::chunk::payload;
use super::finish::stop_of;
use super::{read_usage, signature};
use crate::canonical::{AnswerEvent, Opened, Stop, ToolNames, UpstreamFailure};
use crate::json::walk::{each, members, string};
use crate::json::{JsonError, Kind, Reader, Text, validate};
use crate::openai_chat::error::read_upstream_error;
use crate::sse::Event;
use part::{Call, Head, Piece, decoded};

/// Reads one stream.
#[derive(Debug)]
pub struct StreamReader {
    names: ToolNames,
    started: bool,
    over: bool,
    /// What the ids of calls start with.
    stem: String,
    calls: u32,
    blocks: u32,
    open: Option<Open>,
    usage: Option<Usage>,
    finish: Option<Stop>,
}

/// The text or thought under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    block: u32,
    thought: bool,
}

impl StreamReader {
    /// A reader for the answer to a request with these tools.
    #[must_use]
    pub const fn new(names: ToolNames) -> Self {
        Self {
            names,
            started: false,
            over: false,
            stem: String::new(),
            calls: 0,
            blocks: 0,
            open: None,
            usage: None,
            finish: None,
        }
    }

    /// Reads an event.
    pub fn event(&mut self, event: &Event, out: &mut Vec<AnswerEvent>) {
        let Some(data) = payload(event).filter(|data| !data.is_empty() && *data != b"[DONE]")
        else {
            return;
        };
        let broke_off = !event.complete && validate(data).is_err();
        if !self.over && !broke_off && self.read(data, out).is_err() {
            self.fail("The upstream sent an event that is not valid JSON.", out);
        }
    }

    /// The stream is over: the answer ends as it said, or it broke off.
    pub fn end(&mut self, out: &mut Vec<AnswerEvent>) {
        if self.over {
            return;
        }
        if self.finish.is_none() {
            self.fail("The upstream's answer broke off before its end.", out);
            return;
        }
        self.finish(out);
        out.push(AnswerEvent::Done);
        self.over = true;
    }

    /// Reads a response, or an array of them.
    pub(super) fn read(
        &mut self,
        data: &[u8],
        out: &mut Vec<AnswerEvent>,
    ) -> Result<(), JsonError> {
        let mut reader = Reader::without_utf8_check(data);
        if reader.kind()? == Kind::Array {
            each(&mut reader, |reader| {
                let span = reader.skip()?;
                self.read_response(&mut Reader::without_utf8_check(reader.bytes(span)), data, out)
            })?;
        } else {
            self.read_response(&mut reader, data, out)?;
        }
        reader.finish()
    }

    /// Closes what is open and says why the answer ended, if it did.
    pub(super) fn finish(&mut self, out: &mut Vec<AnswerEvent>) {
        self.close(out);
        out.extend(self.finish.take().map(AnswerEvent::Finish));
    }

    fn read_response(
        &mut self,
        reader: &mut Reader<'_>,
        whole: &[u8],
        out: &mut Vec<AnswerEvent>,
    ) -> Result<(), JsonError> {
        if self.over {
            return reader.skip().map(|_| ());
        }
        let mut usage = None;
        members(reader, |reader, key| {
            match key {
                b"candidates" => {
                    self.start(whole, out)?;
                    let mut first = true;
                    each(reader, |reader| match std::mem::take(&mut first) {
                        true => self.read_candidate(reader, out),
                        false => reader.skip().map(|_| ()),
                    })?;
                }
                b"usageMetadata" | b"usage_metadata" => {
                    let span = reader.skip()?;
                    usage = read_usage(reader.bytes(span)).ok().flatten().or(usage);
                }
                b"promptFeedback" | b"prompt_feedback" => self.read_feedback(reader)?,
                b"error" if reader.kind()? != Kind::Null => {
                    let span = reader.skip()?;
                    self.upstream_failed(reader.bytes(span), out);
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        if self.over {
            return Ok(());
        }
        self.start(whole, out)?;
        if let Some(usage) = usage.filter(|usage| self.usage.as_ref() != Some(usage)) {
            self.usage = Some(usage);
            out.push(AnswerEvent::Usage(usage));
        }
        Ok(())
    }

    /// The answer's id and model stand behind its first candidate: they are looked up ahead.
    fn start(&mut self, whole: &[u8], out: &mut Vec<AnswerEvent>) -> Result<(), JsonError> {
        if std::mem::replace(&mut self.started, true) {
            return Ok(());
        }
        let head = Head::of_first(whole)?;
        self.stem = head.stem();
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| decoded(text).into_owned());
        let (id, model) = (text(&head.id), text(&head.model));
        out.push(AnswerEvent::Start { id, model, created: None });
        Ok(())
    }

    fn read_candidate(
        &mut self,
        reader: &mut Reader<'_>,
        out: &mut Vec<AnswerEvent>,
    ) -> Result<(), JsonError> {
        let mut reason = None;
        members(reader, |reader, key| match key {
            b"content" => members(reader, |reader, key| match key {
                b"parts" => each(reader, |reader| {
                    self.read_piece(&Piece::read(reader)?, out);
                    Ok(())
                }),
                _ => reader.skip().map(|_| ()),
            }),
            b"finishReason" | b"finish_reason" => {
                reason = string(reader)?;
                Ok(())
            }
            _ => reader.skip().map(|_| ()),
        })?;
        let reason = reason.map(|reason| reason.raw()).unwrap_or_default();
        self.finish = stop_of(reason, self.calls > 0).or_else(|| self.finish.take());
        Ok(())
    }

    fn read_feedback(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        members(reader, |reader, key| {
            if !matches!(key, b"blockReason" | b"block_reason") {
                return reader.skip().map(|_| ());
            }
            let reason = string(reader)?.map(|reason| reason.raw()).unwrap_or_default();
            if !reason.is_empty() && !reason.ends_with(b"_UNSPECIFIED") {
                self.finish = Some(Stop::Filtered);
            }
            Ok(())
        })
    }

    fn read_piece(&mut self, piece: &Piece<'_>, out: &mut Vec<AnswerEvent>) {
        let seal = piece.signature.as_ref().map(|text| signature::from_upstream(&decoded(text)));
        if let Some(call) = &piece.call {
            self.read_call(call, seal, out);
            return;
        }
        let text = piece.text.as_ref().filter(|text| !text.raw().is_empty());
        if let Some(text) = text {
            let block = self.open(piece.thought, out);
            out.push(AnswerEvent::Delta { block, text: decoded(text).into_owned() });
        }
        match seal {
            Some(seal) if piece.thought => {
                let block = self.open(true, out);
                out.push(AnswerEvent::Seal { block, seal });
                self.close(out);
            }
            // A text has no place for its signature: it stands behind it as a thought without words.
            Some(seal) => {
                self.close(out);
                let what = Opened::Thought { id: None, redacted: true };
                let block = self.add(what, out);
                out.push(AnswerEvent::Seal { block, seal });
                out.push(AnswerEvent::Close { block });
            }
            None => {}
        }
    }

    fn read_call(&mut self, call: &Call<'_>, seal: Option<String>, out: &mut Vec<AnswerEvent>) {
        self.close(out);
        self.calls += 1;
        let id = match &call.id {
            Some(id) => decoded(id).into_owned(),
            None => format!("call_{}_{}", self.stem, self.calls),
        };
        let name = call.name.as_ref().map(decoded).unwrap_or_default();
        let name = self.names.here(&name).to_owned();
        let block = self.add(Opened::ToolCall { id, name }, out);
        out.push(AnswerEvent::Delta { block, text: call.arguments() });
        out.extend(seal.map(|seal| AnswerEvent::Seal { block, seal }));
        out.push(AnswerEvent::Close { block });
    }

    /// The block to add text to, opened if it is not under way.
    fn open(&mut self, thought: bool, out: &mut Vec<AnswerEvent>) -> u32 {
        if let Some(open) = self.open.filter(|open| open.thought == thought) {
            return open.block;
        }
        self.close(out);
        let what = match thought {
            true => Opened::Thought { id: None, redacted: false },
            false => Opened::Text,
        };
        let block = self.add(what, out);
        self.open = Some(Open { block, thought });
        block
    }

    fn add(&mut self, what: Opened, out: &mut Vec<AnswerEvent>) -> u32 {
        let block = self.blocks;
        self.blocks += 1;
        out.push(AnswerEvent::Open { block, what });
        block
    }

    fn close(&mut self, out: &mut Vec<AnswerEvent>) {
        out.extend(self.open.take().map(|open| AnswerEvent::Close { block: open.block }));
    }

    fn upstream_failed(&mut self, error: &[u8], out: &mut Vec<AnswerEvent>) {
        let error = read_upstream_error(error);
        let (message, kind, code) = (error.message, error.kind, error.code);
        out.push(AnswerEvent::Failed(UpstreamFailure { message, kind, code }));
        self.over = true;
    }

    fn fail(&mut self, message: &str, out: &mut Vec<AnswerEvent>) {
        let message = Some(message.to_owned());
        out.push(AnswerEvent::Failed(UpstreamFailure { message, ..UpstreamFailure::default() }));
        self.over = true;
    }
}
