//! A stream of messages events: what to do with each, and what the call used so far.
//!
//! `message_start` tells the input and a first running output, `message_delta` the output so far
//! and, on newer APIs, the input again; its last one comes with the stop reason and is final.

use domain::usage::Usage;

use super::frame::{Frame, FrameKind};
use super::usage::Counts;
use crate::json::Reader;
use crate::observe::repeat::Repeat;
use crate::observe::{AbsurdUsage, Delivered, StreamMeter, Verdict};
use crate::sse::Event;

/// The state of one stream.
#[derive(Debug, Clone, Default)]
pub struct MessagesStream {
    counts: Counts,
    absurd: Option<AbsurdUsage>,
    usage_is_final: bool,
    delivered: Delivered,
    finished: bool,
    done: bool,
    malformed: u64,
    repeat: Repeat,
}

impl MessagesStream {
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

    fn take_usage(&mut self, bytes: &[u8]) {
        match Counts::read(bytes) {
            Ok(counts) => {
                self.counts.merge(counts);
                self.absurd = None;
            }
            Err(absurd) => self.absurd = Some(absurd),
        }
    }
}

impl StreamMeter for MessagesStream {
    fn event(&mut self, event: &Event) -> Verdict {
        let Some(data) = event.data() else {
            return Verdict::Forward;
        };
        let named_error = event.name() == Some(b"error");
        if !named_error && self.repeat.take(data, &mut self.delivered) {
            return Verdict::Forward;
        }
        let Ok(frame) = Frame::read(&mut Reader::without_utf8_check(data)) else {
            self.malformed = self.malformed.saturating_add(1);
            return if named_error { Verdict::Error } else { Verdict::Forward };
        };
        if let Some(usage) = frame.usage {
            self.take_usage(usage);
        }
        match frame.kind {
            FrameKind::BlockStart | FrameKind::BlockDelta => {
                self.delivered.add(&frame.piece.delivered());
                if frame.kind == FrameKind::BlockDelta && frame.usage.is_none() {
                    self.repeat.learn(data, || frame.piece.place());
                }
            }
            FrameKind::MessageDelta if frame.piece.stop_reason.is_some() => {
                self.finished = true;
                self.usage_is_final |= frame.usage.is_some();
            }
            FrameKind::MessageStop => {
                self.done = true;
                return Verdict::Terminal;
            }
            _ => {}
        }
        if named_error || frame.kind == FrameKind::Error {
            Verdict::Error
        } else {
            Verdict::Forward
        }
    }

    fn usage(&self) -> Result<Option<Usage>, AbsurdUsage> {
        match self.absurd {
            Some(absurd) => Err(absurd),
            None => self.counts.into_usage(),
        }
    }

    /// It came with the stop reason.
    fn usage_is_final(&self) -> bool {
        self.usage_is_final
    }

    /// The count at the beginning of a message knows nothing of what follows it.
    fn usage_is_behind(&self) -> bool {
        !self.usage_is_final
    }

    fn delivered(&self) -> &Delivered {
        &self.delivered
    }

    /// The stop reason came.
    fn is_finished(&self) -> bool {
        self.finished
    }

    /// `message_stop` came.
    fn is_done(&self) -> bool {
        self.done
    }
}
