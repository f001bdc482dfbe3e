//! One event, as it is written, and the events that are particular to a kind of item.

use super::Open;
use crate::openai_responses::item::ItemKind;

/// An event under way: its head is written, its members follow.
pub(super) struct Line<'o> {
    pub(super) out: &'o mut Vec<u8>,
}

impl<'o> Line<'o> {
    /// Begins an event.
    pub(super) fn new(sequence: &mut u64, name: &str, out: &'o mut Vec<u8>) -> Self {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\ndata: {\"type\":\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\",\"sequence_number\":");
        push_number(out, *sequence);
        *sequence += 1;
        Self { out }
    }

    /// The place of the item that it is about.
    pub(super) fn index(self, index: u32) -> Self {
        self.out.extend_from_slice(b",\"output_index\":");
        push_number(self.out, u64::from(index));
        self
    }

    /// The item that it is about. Ids hold nothing that has to be escaped.
    pub(super) fn item(self, id: &str, index: u32) {
        self.out.extend_from_slice(b",\"item_id\":\"");
        self.out.extend_from_slice(id.as_bytes());
        self.out.push(b'"');
        self.index(index);
    }

    /// Ends the event.
    pub(super) fn end(self) {
        Self::finish(self.out);
    }

    /// Ends the event that was begun last.
    pub(super) fn finish(out: &mut Vec<u8>) {
        out.extend_from_slice(b"}\n\n");
    }
}

impl Open {
    /// The event that adds to it.
    pub(super) const fn delta_name(&self) -> &'static str {
        match self.item.kind {
            ItemKind::Text => "response.output_text.delta",
            ItemKind::Refusal => "response.refusal.delta",
            ItemKind::Thought { .. } => "response.reasoning_summary_text.delta",
            ItemKind::Call { .. } if self.item.is_free() => "response.custom_tool_call_input.delta",
            ItemKind::Call { .. } => "response.function_call_arguments.delta",
        }
    }

    /// Announces the part that text comes in, once.
    pub(super) fn announce(&mut self, sequence: &mut u64, out: &mut Vec<u8>) {
        let name = match self.item.kind {
            ItemKind::Text | ItemKind::Refusal => "response.content_part.added",
            ItemKind::Thought { .. } => "response.reasoning_summary_part.added",
            ItemKind::Call { .. } => return,
        };
        if std::mem::replace(&mut self.announced, true) {
            return;
        }
        self.push_part_event(sequence, name, false, out);
    }

    /// The events that end its part, or its arguments.
    pub(super) fn push_done(&self, sequence: &mut u64, out: &mut Vec<u8>) {
        let (name, member, part): (_, &[u8], _) = match self.item.kind {
            ItemKind::Text => {
                ("response.output_text.done", b",\"text\":", "response.content_part.done")
            }
            ItemKind::Refusal => {
                ("response.refusal.done", b",\"refusal\":", "response.content_part.done")
            }
            ItemKind::Thought { .. } if !self.announced => return,
            ItemKind::Thought { .. } => (
                "response.reasoning_summary_text.done",
                b",\"text\":",
                "response.reasoning_summary_part.done",
            ),
            ItemKind::Call { .. } if self.item.is_free() => {
                ("response.custom_tool_call_input.done", b",\"input\":", "")
            }
            ItemKind::Call { .. } => {
                ("response.function_call_arguments.done", b",\"arguments\":", "")
            }
        };
        Line::new(sequence, name, out).item(&self.item.id, self.index);
        self.push_place(out);
        out.extend_from_slice(member);
        self.item.push_text(out);
        self.push_logprobs(out);
        Line::finish(out);
        if !part.is_empty() {
            self.push_part_event(sequence, part, true, out);
        }
    }

    fn push_part_event(&self, sequence: &mut u64, name: &str, done: bool, out: &mut Vec<u8>) {
        Line::new(sequence, name, out).item(&self.item.id, self.index);
        self.push_place(out);
        out.extend_from_slice(b",\"part\":");
        self.item.push_part(out, done);
        Line::finish(out);
    }

    /// The place of the part: items are written with one part each.
    pub(super) fn push_place(&self, out: &mut Vec<u8>) {
        let place: &[u8] = match self.item.kind {
            ItemKind::Text | ItemKind::Refusal => b",\"content_index\":0",
            ItemKind::Thought { .. } => b",\"summary_index\":0",
            ItemKind::Call { .. } => b"",
        };
        out.extend_from_slice(place);
    }

    /// A member that the SDKs' types demand with text.
    pub(super) fn push_logprobs(&self, out: &mut Vec<u8>) {
        if matches!(self.item.kind, ItemKind::Text) {
            out.extend_from_slice(b",\"logprobs\":[]");
        }
    }
}

/// Writes a number without the cost of formatting.
fn push_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0_u8; 20];
    let mut rest = number;
    let mut length = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(20 - length..).unwrap_or_default());
}
