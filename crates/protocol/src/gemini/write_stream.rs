//! Canonical events into a stream of responses: an event for each bit of text or thought, calls
//! whole, and a last one with why the answer ended and what it used. Nothing marks the end.

use domain::refusal::{Refusal, RefusalCode};
use domain::usage::Usage;

use super::candidate::{
    CallText, OPENING, push_call, push_candidate_end, push_ending, push_sealed, push_text,
    push_thought, push_usage, shows_thoughts,
};
use super::error::error_event;
use crate::canonical::{AnswerEvent, Asked, Opened, Stop};

/// The most bytes of one call's arguments, which must be held until they are whole.
const LONGEST_ARGUMENTS: usize = 8 << 20;

/// Writes one stream.
#[derive(Debug)]
pub struct StreamWriter {
    show: bool,
    id: String,
    model: String,
    /// What ends every event but the last, from the last part on.
    ending: Vec<u8>,
    open: Vec<(u32, Open)>,
    usage: Option<Usage>,
    finish: Option<Stop>,
    over: bool,
}

/// A block under way.
#[derive(Debug)]
enum Open {
    Text,
    Thought { redacted: bool },
    Call(Held),
}

/// A call that is not whole yet.
#[derive(Debug)]
struct Held {
    id: String,
    name: String,
    arguments: String,
    seal: Option<String>,
}

impl StreamWriter {
    /// A writer of the answer to what was asked.
    #[must_use]
    pub fn new(asked: Asked<'_>) -> Self {
        let mut writer = Self {
            show: shows_thoughts(asked.request),
            id: asked.call.to_owned(),
            model: asked.request.model.clone(),
            ending: Vec::new(),
            open: Vec::new(),
            usage: None,
            finish: None,
            over: false,
        };
        writer.make_ending();
        writer
    }

    /// Writes an event, or holds it until it can be told.
    pub fn event(&mut self, event: AnswerEvent, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            AnswerEvent::Start { id, model, .. } => {
                self.id = id.unwrap_or_else(|| std::mem::take(&mut self.id));
                self.model = model.unwrap_or_else(|| std::mem::take(&mut self.model));
                self.make_ending();
            }
            AnswerEvent::Open { block, what } => self.open.push((block, Open::of(what))),
            AnswerEvent::Delta { block, text } => self.delta(block, &text, out),
            AnswerEvent::Seal { block, seal } => self.seal(block, seal, out),
            AnswerEvent::Close { block } => self.close(block, out),
            AnswerEvent::Usage(usage) => {
                self.usage = Some(usage);
                if self.finish.is_some() {
                    self.last(out);
                }
            }
            AnswerEvent::Finish(stop) => self.finish = Some(stop),
            AnswerEvent::Done => {
                self.last(out);
                self.over = true;
            }
            AnswerEvent::Failed(failure) => {
                let message = failure.message.as_deref();
                self.fail(message.unwrap_or("The provider broke its answer off."), out);
            }
        }
    }

    fn delta(&mut self, block: u32, text: &str, out: &mut Vec<u8>) {
        let show = self.show;
        let Some((_, open)) = self.open.iter_mut().find(|(open, _)| *open == block) else {
            return;
        };
        match open {
            Open::Text if !text.is_empty() => self.part(out, |out| push_text(out, text)),
            Open::Thought { .. } if show && !text.is_empty() => {
                self.part(out, |out| push_thought(out, text));
            }
            Open::Text | Open::Thought { .. } => {}
            Open::Call(held) if held.arguments.len() + text.len() > LONGEST_ARGUMENTS => {
                self.fail("A call of the answer is larger than 8 MiB.", out);
            }
            Open::Call(held) => held.arguments.push_str(text),
        }
    }

    fn seal(&mut self, block: u32, seal: String, out: &mut Vec<u8>) {
        match self.open.iter_mut().find(|(open, _)| *open == block) {
            Some((_, Open::Call(held))) => held.seal = Some(seal),
            Some((_, Open::Thought { redacted })) => {
                let redacted = *redacted;
                self.part(out, |out| push_sealed(out, "", &seal, redacted));
            }
            _ => {}
        }
    }

    fn close(&mut self, block: u32, out: &mut Vec<u8>) {
        let Some(place) = self.open.iter().position(|(open, _)| *open == block) else {
            return;
        };
        if let (_, Open::Call(Held { id, name, arguments, seal })) = self.open.remove(place) {
            let call =
                CallText { id: &id, name: &name, arguments: &arguments, seal: seal.as_deref() };
            self.part(out, |out| push_call(out, &call));
        }
    }

    /// An event with one part.
    fn part(&self, out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(OPENING);
        push(out);
        out.extend_from_slice(&self.ending);
    }

    /// The last event: why the answer ended and what it used, as far as both are known.
    fn last(&mut self, out: &mut Vec<u8>) {
        let (stop, usage) = (self.finish.take(), self.usage.take());
        if stop.is_none() && usage.is_none() {
            return;
        }
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(OPENING);
        push_candidate_end(out, stop.as_ref());
        if let Some(usage) = &usage {
            push_usage(out, usage);
        }
        push_ending(out, &self.model, &self.id);
        out.extend_from_slice(b"\n\n");
    }

    fn fail(&mut self, message: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&error_event(&Refusal::new(RefusalCode::UpstreamFailed, message)));
        self.open.clear();
        self.over = true;
    }

    fn make_ending(&mut self) {
        self.ending.clear();
        push_candidate_end(&mut self.ending, None);
        push_ending(&mut self.ending, &self.model, &self.id);
        self.ending.extend_from_slice(b"\n\n");
    }
}

impl Open {
    fn of(what: Opened) -> Self {
        match what {
            Opened::Text | Opened::Refusal => Self::Text,
            Opened::Thought { redacted, .. } => Self::Thought { redacted },
            Opened::ToolCall { id, name } => {
                Self::Call(Held { id, name, arguments: String::new(), seal: None })
            }
        }
    }
}
