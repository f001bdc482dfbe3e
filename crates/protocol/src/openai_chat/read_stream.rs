//! A stream of this dialect, read event by event into the form between the dialects.
//!
//! Why the answer ended is told when the stream is over, not where `finish_reason` stands: the
//! usage follows it, and then comes before the end as it does everywhere else. Of several choices
//! the first is read.

mod calls;
mod delta;
mod nesting;

use std::borrow::Cow;

use domain::usage::Usage;

use self::calls::Calls;
use self::delta::{Chunk, Delta};
use super::read_answer::read_failure;
use super::{finish, read_usage};
use crate::canonical::{AnswerEvent, Opened, Stop, ToolNames};
use crate::sse::Event;

/// The state of one stream. It keeps nothing of what was said.
#[derive(Debug)]
pub struct StreamReader {
    names: ToolNames,
    blocks: Blocks,
    calls: Calls,
    usage: Option<Usage>,
    /// Whether the answer has begun.
    started: bool,
    /// What `finish_reason` said.
    finish: Option<String>,
    /// Whether the stream ended or failed: nothing more is read.
    over: bool,
}

/// The blocks that are no calls: at most one is open.
#[derive(Debug, Default)]
struct Blocks {
    /// How many blocks there were, calls among them.
    count: u32,
    open: Option<(Kind, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thought,
    Refusal,
}

impl StreamReader {
    /// A stream of an upstream that calls the tools by these names.
    #[must_use]
    pub fn new(names: ToolNames) -> Self {
        Self {
            names,
            blocks: Blocks::default(),
            calls: Calls::default(),
            usage: None,
            started: false,
            finish: None,
            over: false,
        }
    }

    /// Reads the next event. What is not JSON is passed over.
    pub fn event(&mut self, event: &Event, out: &mut Vec<AnswerEvent>) {
        let Some(data) = event.data() else { return };
        let data = data.trim_ascii();
        if self.over || data.is_empty() {
            return;
        }
        if data == b"[DONE]" {
            self.finish(out);
            return;
        }
        let says_error = event.complete && event.name() == Some(b"error");
        match Chunk::read(data) {
            Ok(chunk) if !chunk.is_error && !says_error => self.chunk(chunk, out),
            Err(_) if !says_error => {}
            _ => {
                self.over = true;
                out.push(AnswerEvent::Failed(read_failure(data)));
            }
        }
    }

    /// The upstream closed the stream, perhaps without its last event. Where it had said why the
    /// answer ended, that is its end; else what is open is closed, and the answer has no end.
    pub fn end(&mut self, out: &mut Vec<AnswerEvent>) {
        if self.over {
            return;
        }
        if self.finish.is_some() {
            self.finish(out);
        } else {
            self.close_all(out);
            self.over = true;
        }
    }

    fn chunk(&mut self, chunk: Chunk<'_>, out: &mut Vec<AnswerEvent>) {
        // Azure's first chunk tells of its filters only, without the answer's id.
        if !self.started && (chunk.choice.is_some() || chunk.usage.is_some()) {
            self.started = true;
            let id = chunk.id.map(Cow::into_owned);
            self.calls.answer.clone_from(&id);
            out.push(AnswerEvent::Start {
                id,
                model: chunk.model.map(Cow::into_owned),
                created: chunk.created,
            });
        }
        if let Some(choice) = chunk.choice {
            self.delta(choice.delta, out);
            if let Some(word) = choice.finish {
                self.finish = Some(word.chars().take(64).collect());
                self.close_all(out);
            }
        }
        let usage = chunk.usage.and_then(|bytes| read_usage(bytes).ok().flatten());
        if let Some(usage) = usage.filter(|usage| self.usage != Some(*usage)) {
            self.usage = Some(usage);
            out.push(AnswerEvent::Usage(usage));
        }
    }

    fn delta(&mut self, delta: Delta<'_>, out: &mut Vec<AnswerEvent>) {
        self.say(Kind::Thought, delta.thought.or(delta.other_thought), out);
        self.say(Kind::Text, delta.text, out);
        self.say(Kind::Refusal, delta.refusal, out);
        for piece in delta.calls {
            let blocks = &mut self.blocks;
            self.calls.take(piece, &self.names, out, |out| blocks.next(out));
        }
    }

    /// Adds to the open block of a kind, or opens one.
    fn say(&mut self, kind: Kind, text: Option<Cow<'_, str>>, out: &mut Vec<AnswerEvent>) {
        let Some(text) = text else { return };
        let block = match self.blocks.open {
            Some((open, block)) if open == kind => block,
            _ => {
                self.calls.close_complete(out);
                let block = self.blocks.next(out);
                self.blocks.open = Some((kind, block));
                let what = match kind {
                    Kind::Text => Opened::Text,
                    Kind::Thought => Opened::Thought { id: None, redacted: false },
                    Kind::Refusal => Opened::Refusal,
                };
                out.push(AnswerEvent::Open { block, what });
                block
            }
        };
        out.push(AnswerEvent::Delta { block, text: text.into_owned() });
    }

    fn close_all(&mut self, out: &mut Vec<AnswerEvent>) {
        self.blocks.close(out);
        self.calls.close_all(out);
    }

    fn finish(&mut self, out: &mut Vec<AnswerEvent>) {
        self.close_all(out);
        let has_calls = self.calls.any();
        // A vendor that sends `[DONE]` without a reason says at least that the answer is complete.
        let word = self.finish.as_deref().unwrap_or("stop");
        let stop: Stop = finish::read(word, has_calls);
        if self.started {
            out.push(AnswerEvent::Finish(stop));
        }
        out.push(AnswerEvent::Done);
        self.over = true;
    }
}

impl Blocks {
    /// Closes what is open; the number of the block that begins.
    fn next(&mut self, out: &mut Vec<AnswerEvent>) -> u32 {
        self.close(out);
        let block = self.count;
        self.count = self.count.saturating_add(1);
        block
    }

    fn close(&mut self, out: &mut Vec<AnswerEvent>) {
        if let Some((_, block)) = self.open.take() {
            out.push(AnswerEvent::Close { block });
        }
    }
}
