//! Canonical events as a stream of this dialect.
//!
//! Blocks get the numbers in the order in which they begin, which is how clients put them
//! together. One that turns out to be empty is never begun. The stop reason waits for the usage,
//! which some upstreams tell after it, because both stand in one event here.

use std::io::Write;

use domain::usage::Usage;

use super::error::{known_error_type, push_error};
use super::stop::{Held, write_stop};
use super::usage::usage_object;
use super::write_answer::{message_id, tool_id};
use crate::canonical::{AnswerEvent, Asked, Opened, Stop, UpstreamFailure};
use crate::json::push_string;

/// The most blocks that may be open at once; what is opened beyond is left out.
const MOST_OPEN: usize = 1_024;

/// Writes one stream.
#[derive(Debug)]
pub struct StreamWriter {
    call: String,
    model: String,
    began: bool,
    open: Vec<OpenBlock>,
    /// The number of the next block that begins.
    next: usize,
    held: Held,
    usage: Usage,
    stop: Option<Stop>,
    /// Whether the stop reason was told.
    told: bool,
    ended: bool,
}

/// A block under way.
#[derive(Debug)]
struct OpenBlock {
    /// Its canonical number.
    number: u32,
    kind: OpenKind,
    /// Its number in the stream, once it began.
    index: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenKind {
    Text,
    Thinking,
    Redacted,
    ToolUse,
}

impl StreamWriter {
    /// A writer for the answer to a call.
    #[must_use]
    pub fn new(asked: Asked<'_>) -> Self {
        Self {
            call: asked.call.to_owned(),
            model: asked.request.model.clone(),
            began: false,
            open: Vec::new(),
            next: 0,
            held: Held::default(),
            usage: Usage::default(),
            stop: None,
            told: false,
            ended: false,
        }
    }

    /// Writes what the next event comes to.
    pub fn event(&mut self, event: AnswerEvent, out: &mut Vec<u8>) {
        if self.ended {
            return;
        }
        match event {
            AnswerEvent::Start { id, model, .. } => self.begin(id.as_deref(), model, out),
            AnswerEvent::Open { block, what } => self.open(block, what, out),
            AnswerEvent::Delta { block, text } => self.add(block, &text, out),
            AnswerEvent::Seal { block, seal } => self.seal(block, &seal, out),
            AnswerEvent::Close { block } => self.close(block, out),
            AnswerEvent::Usage(usage) => {
                self.usage = usage;
                if self.stop.is_some() {
                    self.tell_stop(out);
                }
            }
            AnswerEvent::Finish(stop) => self.stop = Some(stop),
            AnswerEvent::Done => {
                self.tell_stop(out);
                out.extend_from_slice(
                    b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
                );
                self.ended = true;
            }
            AnswerEvent::Failed(failure) => {
                push_failure(&failure, out);
                self.ended = true;
            }
        }
    }

    /// The first event, with the usage as far as it is known.
    fn begin(&mut self, id: Option<&str>, model: Option<String>, out: &mut Vec<u8>) {
        if self.began {
            return;
        }
        self.began = true;
        out.extend_from_slice(
            b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":",
        );
        push_string(out, &message_id(id, &self.call));
        out.extend_from_slice(b",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
        push_string(out, model.as_deref().unwrap_or(&self.model));
        out.extend_from_slice(b",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null");
        push_usage(&self.usage, out);
        out.extend_from_slice(b"}}\n\n");
    }

    fn open(&mut self, number: u32, what: Opened, out: &mut Vec<u8>) {
        if self.told || self.open.len() >= MOST_OPEN {
            return;
        }
        self.begin(None, None, out);
        let (kind, called) = match what {
            Opened::Text => (OpenKind::Text, None),
            Opened::Refusal => {
                self.held.refusal = true;
                (OpenKind::Text, None)
            }
            Opened::Thought { redacted: false, .. } => (OpenKind::Thinking, None),
            Opened::Thought { redacted: true, .. } => (OpenKind::Redacted, None),
            Opened::ToolCall { id, name } => (OpenKind::ToolUse, Some((id, name))),
        };
        let mut block = OpenBlock { number, kind, index: None };
        if let Some((id, name)) = called {
            self.held.calls = true;
            let id = tool_id(&id, &self.call, self.next);
            begin_block(&mut block, &mut self.next, out, |out| {
                out.extend_from_slice(b"{\"type\":\"tool_use\",\"id\":");
                push_string(out, &id);
                out.extend_from_slice(b",\"name\":");
                push_string(out, &name);
                out.extend_from_slice(b",\"input\":{}}");
            });
        }
        self.open.push(block);
    }

    fn add(&mut self, number: u32, text: &str, out: &mut Vec<u8>) {
        let Some(block) = self.open.iter_mut().find(|block| block.number == number) else {
            return;
        };
        let (kind, field) = match block.kind {
            OpenKind::Text => ("text_delta", "text"),
            OpenKind::Thinking => ("thinking_delta", "thinking"),
            OpenKind::ToolUse => ("input_json_delta", "partial_json"),
            OpenKind::Redacted => return,
        };
        if !text.is_empty() {
            let index = begin_plain(block, &mut self.next, out);
            push_delta(index, kind, field, text, out);
        }
    }

    fn seal(&mut self, number: u32, seal: &str, out: &mut Vec<u8>) {
        let Some(block) = self.open.iter_mut().find(|block| block.number == number) else {
            return;
        };
        match block.kind {
            OpenKind::Thinking => {
                let index = begin_plain(block, &mut self.next, out);
                push_delta(index, "signature_delta", "signature", seal, out);
            }
            OpenKind::Redacted if block.index.is_none() => {
                begin_block(block, &mut self.next, out, |out| {
                    out.extend_from_slice(b"{\"type\":\"redacted_thinking\",\"data\":");
                    push_string(out, seal);
                    out.push(b'}');
                });
            }
            // A call's seal has no place in this dialect.
            OpenKind::Redacted | OpenKind::Text | OpenKind::ToolUse => {}
        }
    }

    fn close(&mut self, number: u32, out: &mut Vec<u8>) {
        let Some(place) = self.open.iter().position(|block| block.number == number) else {
            return;
        };
        if let Some(index) = self.open.remove(place).index {
            out.extend_from_slice(
                b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":",
            );
            push_number(index, out);
            out.extend_from_slice(b"}\n\n");
        }
    }

    /// The stop reason with the usage.
    fn tell_stop(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        self.begin(None, None, out);
        while let Some(number) = self.open.first().map(|block| block.number) {
            self.close(number, out);
        }
        let (reason, sequence) = write_stop(self.stop.take(), self.held);
        out.extend_from_slice(
            b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":",
        );
        push_string(out, reason);
        out.extend_from_slice(b",\"stop_sequence\":");
        match sequence {
            Some(sequence) => push_string(out, &sequence),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        push_usage(&self.usage, out);
        out.extend_from_slice(b"}\n\n");
    }
}

/// Begins a text or a thought where it did not begin yet, and says its number.
fn begin_plain(block: &mut OpenBlock, next: &mut usize, out: &mut Vec<u8>) -> usize {
    let opened: &[u8] = match block.kind {
        OpenKind::Thinking => b"{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
        _ => b"{\"type\":\"text\",\"text\":\"\"}",
    };
    begin_block(block, next, out, |out| out.extend_from_slice(opened))
}

fn begin_block(
    block: &mut OpenBlock,
    next: &mut usize,
    out: &mut Vec<u8>,
    push_content: impl FnOnce(&mut Vec<u8>),
) -> usize {
    if let Some(index) = block.index {
        return index;
    }
    let index = *next;
    *next = index.saturating_add(1);
    block.index = Some(index);
    out.extend_from_slice(
        b"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":",
    );
    push_number(index, out);
    out.extend_from_slice(b",\"content_block\":");
    push_content(out);
    out.extend_from_slice(b"}\n\n");
    index
}

fn push_delta(index: usize, kind: &str, field: &str, text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 128);
    out.extend_from_slice(
        b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":",
    );
    push_number(index, out);
    out.extend_from_slice(b",\"delta\":{\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\",\"");
    out.extend_from_slice(field.as_bytes());
    out.extend_from_slice(b"\":");
    push_string(out, text);
    out.extend_from_slice(b"}}\n\n");
}

fn push_usage(usage: &Usage, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"usage\":");
    out.extend_from_slice(usage_object(usage).to_string().as_bytes());
}

fn push_number(number: usize, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{number}");
}

/// The upstream's failure, as an event that SDKs raise an error for.
fn push_failure(failure: &UpstreamFailure, out: &mut Vec<u8>) {
    let kind = known_error_type(failure.kind.as_deref());
    let message = failure.message.as_deref().unwrap_or("The upstream failed amid its answer.");
    out.extend_from_slice(b"event: error\ndata: ");
    push_error(out, kind, message, failure.code.as_deref());
    out.extend_from_slice(b"}\n\n");
}
