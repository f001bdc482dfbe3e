//! A stream of this dialect's events, as the steps of an answer between the dialects.
//!
//! Blocks open with the first thing that is said in them. Upstreams that leave events out, down to
//! those that send nothing but the end, are read as well: what no delta brought is taken from the
//! event that repeats it.

use std::collections::HashSet;

use super::frame::{EventKind, Frame, Item, Response, text};
use super::read_answer::{PART_BREAK, blocks_of, call_id, failure, push_blocks, stop, tool_name};
use super::read_usage;
use crate::canonical::{Answer, AnswerEvent, Block, Opened, ToolNames};
use crate::json::Text;
use crate::sse::Event;

/// Reads one stream.
#[derive(Debug)]
pub struct StreamReader {
    names: ToolNames,
    begun: bool,
    ended: bool,
    blocks: u32,
    has_calls: bool,
    open: Vec<Open>,
    /// Items, and their parts, of which something was said.
    said: HashSet<(u64, Option<u64>)>,
    /// The thought that began but of which nothing was said: its item and its id.
    thought: Option<(u64, Option<String>)>,
}

#[derive(Debug)]
struct Open {
    block: u32,
    item: u64,
    part: u64,
    kind: Kind,
    /// Whether something was said in it.
    said: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Refusal,
    /// Thoughts by their summary.
    Summary,
    /// Thoughts in full.
    Thought,
    Call,
}

impl StreamReader {
    /// A stream of which nothing came yet.
    #[must_use]
    pub fn new(names: ToolNames) -> Self {
        Self {
            names,
            begun: false,
            ended: false,
            blocks: 0,
            has_calls: false,
            open: Vec::new(),
            said: HashSet::new(),
            thought: None,
        }
    }

    /// Adds what an event says.
    pub fn event(&mut self, event: &Event, out: &mut Vec<AnswerEvent>) {
        let Some(data) = event.data().map(<[u8]>::trim_ascii).filter(|_| !self.ended) else {
            return;
        };
        if data == b"[DONE]" {
            return self.end(out);
        }
        let Ok(frame) = Frame::read_again(data, event.name()) else {
            return;
        };
        self.begin(frame.response.as_deref(), out);
        let (item, part) = frame.place();
        match frame.kind {
            EventKind::TextDelta => self.say((item, part), Kind::Text, frame.delta, out),
            EventKind::RefusalDelta => self.say((item, part), Kind::Refusal, frame.delta, out),
            EventKind::SummaryDelta => self.think((item, part), Kind::Summary, frame.delta, out),
            EventKind::ThoughtDelta => self.think((item, part), Kind::Thought, frame.delta, out),
            EventKind::ArgumentsDelta => self.argue(item, frame.delta, out),
            EventKind::TextDone if !self.was_said(item, Some(part)) => {
                self.say((item, part), Kind::Text, frame.whole, out);
            }
            EventKind::RefusalDone if !self.was_said(item, Some(part)) => {
                self.say((item, part), Kind::Refusal, frame.whole, out);
            }
            EventKind::ArgumentsDone if self.is_silent_call(item) => {
                self.argue(item, frame.whole, out);
            }
            EventKind::ItemAdded => self.item_added(item, frame.item.as_deref(), out),
            EventKind::ItemDone => self.item_done(item, frame.item.as_deref(), out),
            EventKind::Completed | EventKind::Incomplete | EventKind::Failed => {
                self.finish(frame.kind, &frame.response.unwrap_or_default(), out);
            }
            EventKind::Error => {
                self.ended = true;
                out.push(AnswerEvent::Failed(failure(data)));
            }
            _ => {}
        }
    }

    /// Ends the stream where its own end did not come.
    pub fn end(&mut self, out: &mut Vec<AnswerEvent>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.begin(None, out);
        self.close(out, |_| true);
        out.push(AnswerEvent::Done);
    }

    fn begin(&mut self, response: Option<&Response<'_>>, out: &mut Vec<AnswerEvent>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        out.push(AnswerEvent::Start {
            id: response.and_then(|response| text(response.id)),
            model: response.and_then(|response| text(response.model)),
            created: response.and_then(|response| response.created),
        });
    }

    fn was_said(&self, item: u64, part: Option<u64>) -> bool {
        self.said.contains(&(item, part))
    }

    fn is_silent_call(&self, item: u64) -> bool {
        self.open.iter().any(|open| open.item == item && open.kind == Kind::Call && !open.said)
    }

    /// Opens a block; a text or a thought that is open is closed first.
    fn open(
        &mut self,
        (item, part): (u64, u64),
        kind: Kind,
        what: Opened,
        out: &mut Vec<AnswerEvent>,
    ) {
        self.close(out, |open| open.kind != Kind::Call);
        let block = self.blocks;
        self.blocks += 1;
        self.has_calls |= kind == Kind::Call;
        self.said.insert((item, None));
        self.said.insert((item, Some(part)));
        self.open.push(Open { block, item, part, kind, said: false });
        out.push(AnswerEvent::Open { block, what });
    }

    fn close(&mut self, out: &mut Vec<AnswerEvent>, which: impl Fn(&Open) -> bool) {
        self.open.retain(|open| {
            let closes = which(open);
            if closes {
                out.push(AnswerEvent::Close { block: open.block });
            }
            !closes
        });
    }

    /// More of a message.
    fn say(
        &mut self,
        place: (u64, u64),
        kind: Kind,
        said: Option<Text<'_>>,
        out: &mut Vec<AnswerEvent>,
    ) {
        let Some(said) = text(said).filter(|said| !said.is_empty()) else { return };
        let is_open = |open: &Open| (open.item, open.part, open.kind) == (place.0, place.1, kind);
        if !self.open.last().is_some_and(is_open) {
            let what = if kind == Kind::Refusal { Opened::Refusal } else { Opened::Text };
            self.open(place, kind, what, out);
        }
        if let Some(open) = self.open.last_mut() {
            open.said = true;
            out.push(AnswerEvent::Delta { block: open.block, text: said });
        }
    }

    /// More of a thought. Where an upstream sends both a summary and the thoughts in full, what
    /// comes first counts.
    fn think(
        &mut self,
        (item, part): (u64, u64),
        kind: Kind,
        said: Option<Text<'_>>,
        out: &mut Vec<AnswerEvent>,
    ) {
        let Some(mut said) = text(said).filter(|said| !said.is_empty()) else { return };
        let is_thought =
            |open: &Open| open.item == item && matches!(open.kind, Kind::Summary | Kind::Thought);
        if !self.open.last().is_some_and(is_thought) {
            let id = self.thought.take().filter(|(of, _)| *of == item).and_then(|(_, id)| id);
            self.open((item, part), kind, Opened::Thought { id, redacted: false }, out);
        }
        let Some(open) = self.open.last_mut().filter(|open| open.kind == kind) else { return };
        if open.part != part {
            open.part = part;
            said.insert_str(0, PART_BREAK);
        }
        open.said = true;
        out.push(AnswerEvent::Delta { block: open.block, text: said });
    }

    /// More of a call's arguments.
    fn argue(&mut self, item: u64, said: Option<Text<'_>>, out: &mut Vec<AnswerEvent>) {
        let is_call = |open: &&mut Open| open.item == item && open.kind == Kind::Call;
        let Some(open) = self.open.iter_mut().rev().find(is_call) else { return };
        let Some(said) = text(said).filter(|said| !said.is_empty()) else { return };
        open.said = true;
        out.push(AnswerEvent::Delta { block: open.block, text: said });
    }

    fn item_added(&mut self, index: u64, item: Option<&Item<'_>>, out: &mut Vec<AnswerEvent>) {
        let Some(item) = item else { return };
        match item.kind() {
            b"reasoning" => self.thought = Some((index, text(item.id))),
            b"function_call" | b"custom_tool_call" => {
                let (id, name) = (call_id(item), tool_name(item, &self.names));
                self.open((index, 0), Kind::Call, Opened::ToolCall { id, name }, out);
            }
            _ => {}
        }
    }

    fn item_done(&mut self, index: u64, item: Option<&Item<'_>>, out: &mut Vec<AnswerEvent>) {
        let Some(item) = item else { return };
        if !self.was_said(index, None) {
            let mut blocks = Vec::new();
            // What was read as JSON once is JSON.
            let _ = push_blocks(&mut blocks, item, &self.names);
            self.said.insert((index, None));
            return self.tell(blocks, out);
        }
        if self.is_silent_call(index) {
            self.argue(index, item.arguments, out);
        }
        let is_thought =
            |open: &&Open| open.item == index && matches!(open.kind, Kind::Summary | Kind::Thought);
        if let Some(open) = self.open.iter().find(is_thought) {
            let seal = text(item.encrypted_content).filter(|seal| !seal.is_empty());
            let block = open.block;
            out.extend(seal.map(|seal| AnswerEvent::Seal { block, seal }));
        }
        self.close(out, |open| open.item == index);
    }

    /// Tells whole blocks.
    fn tell(&mut self, blocks: Vec<Block>, out: &mut Vec<AnswerEvent>) {
        if blocks.is_empty() {
            return;
        }
        self.close(out, |open| open.kind != Kind::Call);
        self.has_calls |= blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
        let first = self.blocks;
        let answer = Answer { blocks, ..Answer::default() };
        for event in answer.into_events() {
            let moved = match event {
                AnswerEvent::Open { block, what } => {
                    self.blocks += 1;
                    AnswerEvent::Open { block: first + block, what }
                }
                AnswerEvent::Delta { block, text } => {
                    AnswerEvent::Delta { block: first + block, text }
                }
                AnswerEvent::Seal { block, seal } => {
                    AnswerEvent::Seal { block: first + block, seal }
                }
                AnswerEvent::Close { block } => AnswerEvent::Close { block: first + block },
                _ => continue,
            };
            out.push(moved);
        }
    }

    fn finish(&mut self, kind: EventKind, response: &Response<'_>, out: &mut Vec<AnswerEvent>) {
        self.ended = true;
        let usage = response.usage.and_then(|bytes| read_usage(bytes).ok().flatten());
        if kind == EventKind::Failed {
            out.extend(usage.map(AnswerEvent::Usage));
            out.push(AnswerEvent::Failed(failure(response.error.unwrap_or_default())));
            return;
        }
        if self.blocks == 0 {
            self.tell(blocks_of(response, &self.names).unwrap_or_default(), out);
        }
        self.close(out, |_| true);
        out.extend(usage.map(AnswerEvent::Usage));
        let completed = kind == EventKind::Completed;
        out.extend(stop(response, completed, self.has_calls).map(AnswerEvent::Finish));
        out.push(AnswerEvent::Done);
    }
}
