//! A stream of this dialect's events: what to do with each, and what the call used so far.

use domain::usage::Usage;

use super::delivered::{count_event, count_response};
use super::frame::{EventKind, Frame, text};
use super::read_usage;
use crate::observe::{AbsurdUsage, Delivered, StreamMeter, Verdict};
use crate::sse::Event;

/// The state of one stream.
#[derive(Debug, Clone, Default)]
pub struct ResponsesStream {
    usage: Option<Result<Usage, AbsurdUsage>>,
    usage_is_final: bool,
    delivered: Delivered,
    next_sequence: u64,
    id: Option<String>,
    done: bool,
    failed: bool,
    malformed: u64,
}

impl ResponsesStream {
    /// A stream of which nothing came yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events were not JSON; they are passed on.
    #[must_use]
    pub const fn malformed(&self) -> u64 {
        self.malformed
    }

    fn take(&mut self, frame: &Frame<'_>) {
        self.next_sequence =
            frame.sequence.unwrap_or(self.next_sequence).saturating_add(1).max(self.next_sequence);
        count_event(&mut self.delivered, frame);
        let Some(response) = &frame.response else { return };
        if self.id.is_none() {
            self.id = text(response.id);
        }
        let terminal = frame.kind.is_terminal();
        if let Some(usage) = response.usage.and_then(|bytes| read_usage(bytes).transpose()) {
            self.usage = Some(usage);
            self.usage_is_final = terminal;
        }
        if terminal && self.delivered.is_empty() {
            // Some vendors send no deltas, only the whole at the end. It was read as JSON already.
            let _ = count_response(&mut self.delivered, response);
        }
    }
}

impl StreamMeter for ResponsesStream {
    fn event(&mut self, event: &Event) -> Verdict {
        let Some(data) = event.data() else {
            return Verdict::Forward;
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.done = true;
            return Verdict::Terminal;
        }
        let Ok(frame) = Frame::read(data, event.name()) else {
            self.malformed = self.malformed.saturating_add(1);
            return if event.name() == Some(b"error") { Verdict::Error } else { Verdict::Forward };
        };
        self.take(&frame);
        if frame.kind.is_terminal() {
            self.done = true;
            self.failed |= frame.kind == EventKind::Failed;
            Verdict::Terminal
        } else if frame.kind == EventKind::Error {
            Verdict::Error
        } else {
            Verdict::Forward
        }
    }

    fn usage(&self) -> Result<Option<Usage>, AbsurdUsage> {
        self.usage.transpose()
    }

    /// It came with the response's own end, or the stream is done.
    fn usage_is_final(&self) -> bool {
        self.usage.is_some() && (self.usage_is_final || self.done)
    }

    fn delivered(&self) -> &Delivered {
        &self.delivered
    }

    /// The response's own end came: `response.completed`, `.incomplete` or `.failed`.
    fn is_finished(&self) -> bool {
        self.done
    }

    /// The same, or `[DONE]`.
    fn is_done(&self) -> bool {
        self.done
    }

    fn stored_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// `response.failed` came.
    fn has_failed(&self) -> bool {
        self.failed
    }

    /// The `sequence_number` that an event put in behind those that came would have.
    fn next_sequence(&self) -> u64 {
        self.next_sequence
    }
}
