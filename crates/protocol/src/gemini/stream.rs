//! A stream of responses (`alt=sse`): what to do with each event, and what the call used so far.
//!
//! The dialect has no last event of its own: from the one in which every candidate has ended, the
//! content is complete. Usage is cumulative and comes with nearly every event; the latest counts.

use domain::usage::Usage;

use super::chunk::{Chunk, payload};
use crate::json::Reader;
use crate::observe::{AbsurdUsage, Delivered, StreamMeter, Verdict};
use crate::sse::Event;

/// The state of one stream.
#[derive(Debug, Clone)]
pub struct GeminiStream {
    candidates: u64,
    finished: u64,
    blocked: bool,
    usage: Option<Result<Usage, AbsurdUsage>>,
    usage_is_final: bool,
    delivered: Delivered,
    malformed: u64,
}

impl GeminiStream {
    /// A stream of so many candidates (`candidateCount`).
    #[must_use]
    pub fn new(candidates: u64) -> Self {
        Self {
            candidates: candidates.clamp(1, u64::from(u64::BITS)),
            finished: 0,
            blocked: false,
            usage: None,
            usage_is_final: false,
            delivered: Delivered::default(),
            malformed: 0,
        }
    }

    /// How many events were not JSON; they are passed on.
    #[must_use]
    pub const fn malformed(&self) -> u64 {
        self.malformed
    }
}

impl StreamMeter for GeminiStream {
    fn event(&mut self, event: &Event) -> Verdict {
        let Some(data) = payload(event) else {
            return Verdict::Forward;
        };
        let Ok(chunk) = Chunk::read(&mut Reader::without_utf8_check(data)) else {
            self.malformed = self.malformed.saturating_add(1);
            return if event.name() == Some(b"error") { Verdict::Error } else { Verdict::Forward };
        };
        self.delivered.add(&chunk.delivered);
        self.finished |= chunk.finished;
        self.blocked |= chunk.blocked;
        if let Some(usage) = chunk.usage().transpose() {
            self.usage = Some(usage);
            self.usage_is_final = self.is_finished();
        }
        if chunk.is_error || event.name() == Some(b"error") {
            Verdict::Error
        } else {
            Verdict::Forward
        }
    }

    fn usage(&self) -> Result<Option<Usage>, AbsurdUsage> {
        self.usage.transpose()
    }

    /// It came with the end of the last candidate, or after it.
    fn usage_is_final(&self) -> bool {
        self.usage.is_some() && self.usage_is_final
    }

    fn delivered(&self) -> &Delivered {
        &self.delivered
    }

    /// Every candidate ended, or the prompt was blocked.
    fn is_finished(&self) -> bool {
        self.blocked || u64::from(self.finished.count_ones()) >= self.candidates
    }

    /// Never: the dialect has no event for it.
    fn is_done(&self) -> bool {
        false
    }
}
