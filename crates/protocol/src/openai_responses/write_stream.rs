//! An answer as it comes, as the events of this dialect.
//!
//! Each block becomes an item of its own. The events that end an item repeat it whole, and the last
//! event repeats the answer, so what was said is gathered, within bounds.

mod line;

use domain::usage::Usage;

use self::line::Line;
use super::envelope::{Envelope, Status, push_error};
use super::error::{failure_code, failure_message};
use super::item::{Item, ItemKind};
use crate::canonical::{AnswerEvent, Asked, Opened, Stop, UpstreamFailure};
use crate::json::push_string;

/// The most bytes of an answer that are gathered. The last event of a larger one has no output.
const MOST_GATHERED: usize = 32 << 20;

/// Writes one stream.
#[derive(Debug)]
pub struct StreamWriter {
    envelope: Envelope,
    sequence: u64,
    begun: bool,
    ended: bool,
    open: Vec<Open>,
    items: u32,
    /// The items that are complete, with commas between them.
    output: Vec<u8>,
    gathered: usize,
    usage: Option<Usage>,
    stop: Option<Stop>,
}

#[derive(Debug)]
struct Open {
    block: u32,
    index: u32,
    item: Item,
    /// Whether the part of a message or a thought was announced.
    announced: bool,
}

impl StreamWriter {
    /// A stream that answers what was asked.
    #[must_use]
    pub fn new(asked: Asked<'_>) -> Self {
        Self {
            envelope: Envelope::new(asked),
            sequence: 0,
            begun: false,
            ended: false,
            open: Vec::new(),
            items: 0,
            output: Vec::new(),
            gathered: 0,
            usage: None,
            stop: None,
        }
    }

    /// The `sequence_number` of the event that would come next.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.sequence
    }

    /// Appends what an event comes to.
    pub fn event(&mut self, event: AnswerEvent, out: &mut Vec<u8>) {
        if self.ended {
            return;
        }
        if let AnswerEvent::Start { model, created, .. } = event {
            self.envelope.begin(model, created);
            return self.begin(out);
        }
        self.begin(out);
        match event {
            AnswerEvent::Start { .. } => {}
            AnswerEvent::Open { block, what } => self.open(block, what, out),
            AnswerEvent::Delta { block, text } => self.delta(block, &text, out),
            AnswerEvent::Seal { block, seal: text } => match self.kind_of(block) {
                Some(ItemKind::Thought { seal, .. }) => *seal = Some(text),
                Some(ItemKind::Call { signature, .. }) => *signature = Some(text),
                _ => {}
            },
            AnswerEvent::Close { block } => {
                if let Some(place) = self.open.iter().position(|open| open.block == block) {
                    let open = self.open.remove(place);
                    self.close(open, out);
                }
            }
            AnswerEvent::Usage(usage) => self.usage = Some(usage),
            AnswerEvent::Finish(stop) => self.stop = Some(stop),
            AnswerEvent::Done => {
                for open in std::mem::take(&mut self.open) {
                    self.close(open, out);
                }
                let stop = self.stop.take();
                self.end(Status::of(stop.as_ref()), None, out);
            }
            AnswerEvent::Failed(failure) => {
                let (code, message) = (failure_code(&failure), failure_message(&failure));
                self.end(Status::Failed { code, message }, Some(&failure), out);
            }
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        for name in ["response.created", "response.in_progress"] {
            let line = Line::new(&mut self.sequence, name, out);
            line.out.extend_from_slice(b",\"response\":");
            self.envelope.push(line.out, Status::InProgress, &[], None);
            line.end();
        }
    }

    fn open(&mut self, block: u32, what: Opened, out: &mut Vec<u8>) {
        let (kind, id) = match what {
            Opened::Text => (ItemKind::Text, None),
            Opened::Refusal => (ItemKind::Refusal, None),
            Opened::Thought { id, redacted } => (ItemKind::Thought { seal: None, redacted }, id),
            Opened::ToolCall { id, name } => (ItemKind::call(&self.envelope, id, name), None),
        };
        let index = self.items;
        self.items += 1;
        let item = Item::new(&self.envelope, index, kind, id);
        let line = Line::new(&mut self.sequence, "response.output_item.added", out);
        line.index(index).out.extend_from_slice(b",\"item\":");
        item.push(out, false);
        Line::finish(out);
        let mut open = Open { block, index, item, announced: false };
        if matches!(open.item.kind, ItemKind::Text | ItemKind::Refusal) {
            open.announce(&mut self.sequence, out);
        }
        self.open.push(open);
    }

    fn delta(&mut self, block: u32, text: &str, out: &mut Vec<u8>) {
        let Some(open) = self.open.iter_mut().rev().find(|open| open.block == block) else {
            return;
        };
        let room = self.gathered <= MOST_GATHERED;
        if open.item.is_free() {
            if room {
                self.gathered += text.len();
                open.item.add(text);
            }
            return;
        }
        open.announce(&mut self.sequence, out);
        Line::new(&mut self.sequence, open.delta_name(), out).item(&open.item.id, open.index);
        open.push_place(out);
        out.extend_from_slice(b",\"delta\":");
        let start = out.len();
        push_string(out, text);
        if room {
            self.gathered += text.len();
            open.item.add_written(out, start);
        }
        open.push_logprobs(out);
        Line::finish(out);
    }

    fn close(&mut self, mut open: Open, out: &mut Vec<u8>) {
        let changed = open.item.settle();
        if changed && !open.item.is_empty() {
            Line::new(&mut self.sequence, open.delta_name(), out).item(&open.item.id, open.index);
            out.extend_from_slice(b",\"delta\":");
            open.item.push_text(out);
            Line::finish(out);
        }
        open.push_done(&mut self.sequence, out);
        let mut item = Vec::new();
        open.item.push(&mut item, true);
        self.item_done(open.index, item, out);
        if let Some(carrier) = open.item.carrier(&self.envelope, self.items) {
            let index = self.items;
            self.items += 1;
            let line = Line::new(&mut self.sequence, "response.output_item.added", out);
            line.index(index).out.extend_from_slice(b",\"item\":");
            out.extend_from_slice(&carrier);
            Line::finish(out);
            self.item_done(index, carrier, out);
        }
    }

    fn item_done(&mut self, index: u32, item: Vec<u8>, out: &mut Vec<u8>) {
        let line = Line::new(&mut self.sequence, "response.output_item.done", out);
        line.index(index).out.extend_from_slice(b",\"item\":");
        out.extend_from_slice(&item);
        Line::finish(out);
        if self.gathered <= MOST_GATHERED {
            if !self.output.is_empty() {
                self.output.push(b',');
            }
            self.output.extend_from_slice(&item);
        }
    }

    fn end(&mut self, status: Status<'_>, failure: Option<&UpstreamFailure>, out: &mut Vec<u8>) {
        self.ended = true;
        let output = std::mem::take(&mut self.output);
        let output = if self.gathered <= MOST_GATHERED { output.as_slice() } else { &[] };
        let name = match status {
            Status::Incomplete(_) => "response.incomplete",
            Status::Failed { .. } => "response.failed",
            _ => "response.completed",
        };
        Line::new(&mut self.sequence, name, out).out.extend_from_slice(b",\"response\":");
        self.envelope.push(out, status, output, self.usage.as_ref());
        if let Some(failure) = failure {
            // The error again at the event's top: OpenAI's SDKs raise it from there.
            out.extend_from_slice(b",\"error\":");
            push_error(out, failure_code(failure), failure_message(failure));
        }
        Line::finish(out);
    }

    fn kind_of(&mut self, block: u32) -> Option<&mut ItemKind> {
        self.open.iter_mut().find(|open| open.block == block).map(|open| &mut open.item.kind)
    }
}
