//! What metering sees of an answer that passes, in whatever dialect.

pub(crate) mod count;
pub(crate) mod repeat;

use domain::usage::Usage;

use crate::estimate::{TextSize, estimate_tokens};
use crate::json::JsonError;
use crate::sse::Event;

/// The largest count that is believed: 2^53, beyond which senders that count in floats go wrong.
pub const LARGEST_COUNT: u64 = 1 << 53;

/// What to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Pass it on.
    Forward,
    /// Keep it back: the usage that only the gateway asked for.
    Drop,
    /// The stream's last event: settle first, then pass it on.
    Terminal,
    /// The upstream reports an error.
    Error,
}

/// The state of one stream, told event by event.
pub trait StreamMeter: Send {
    /// Looks at the next event and says what to do with it.
    fn event(&mut self, event: &Event) -> Verdict;

    /// The latest usage that the upstream reported; an error where that cannot be true.
    ///
    /// # Errors
    /// The latest report is absurd.
    fn usage(&self) -> Result<Option<Usage>, AbsurdUsage>;

    /// Whether the latest usage is the final count. Else it is a running count.
    fn usage_is_final(&self) -> bool;

    /// Whether content may have come that the latest usage does not count.
    fn usage_is_behind(&self) -> bool {
        false
    }

    /// What was delivered so far.
    fn delivered(&self) -> &Delivered;

    /// Whether the answer's content is complete: what follows only ends the stream, and waits for
    /// the settlement.
    fn is_finished(&self) -> bool;

    /// Whether the dialect's own last event came.
    fn is_done(&self) -> bool;

    /// The id under which the provider keeps the answer, in the dialect that has such a thing.
    fn stored_id(&self) -> Option<&str> {
        None
    }

    /// Whether the stream's own end says that the upstream failed.
    fn has_failed(&self) -> bool {
        false
    }

    /// The number of the next event, in the dialect that numbers them.
    fn next_sequence(&self) -> u64 {
        0
    }
}

/// What metering needs of an answer in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeAnswer {
    /// The usage that the upstream reported; nothing where it reported none.
    pub usage: Result<Option<Usage>, AbsurdUsage>,
    /// What the answer holds.
    pub delivered: Delivered,
    /// Whether the body is an error (some vendors send errors with status 200).
    pub is_error: bool,
}

/// A usage object that cannot be true. The call is estimated and marked as suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AbsurdUsage {
    /// The usage, or a part of it, is not an object.
    #[error("`{0}` is not an object")]
    NotAnObject(&'static str),
    /// A count is negative, fractional, too large, or no number.
    #[error("`{0}` is not a whole number from 0 to 2^53")]
    NotACount(&'static str),
    /// More input tokens are cached, or written to a cache, than there are.
    #[error("more tokens are cached than were read")]
    MoreCachedThanRead,
    /// Only input or only output is given, and no total to tell the other by.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The text is not JSON.
    #[error("the usage is not valid JSON")]
    NotJson,
}

impl From<JsonError> for AbsurdUsage {
    fn from(_: JsonError) -> Self {
        Self::NotJson
    }
}

/// Which text an answer delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Text,
    Reasoning,
    ToolCalls,
}

/// What an answer, or the part of it that came, holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// The answer's text, refusals and transcripts included.
    pub text: TextSize,
    /// Thoughts that were shown.
    pub reasoning: TextSize,
    /// Names and arguments of tool calls.
    pub tool_calls: TextSize,
    /// Audio, in bytes as written.
    pub audio_bytes: u64,
    /// Whether there was content of another kind (images).
    pub other: bool,
}

impl Delivered {
    /// Whether nothing was delivered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All text together.
    #[must_use]
    pub const fn all_text(&self) -> TextSize {
        self.text.plus(self.reasoning).plus(self.tool_calls)
    }

    /// The estimated output tokens of the text; audio and images are not estimated.
    #[must_use]
    pub const fn estimated_tokens(&self) -> u64 {
        estimate_tokens(self.all_text())
    }

    /// Nothing but so much text.
    pub(crate) fn only(part: Part, size: TextSize) -> Self {
        let mut delivered = Self::default();
        delivered.add_text(part, size);
        delivered
    }

    /// Adds text.
    pub(crate) const fn add_text(&mut self, part: Part, size: TextSize) {
        match part {
            Part::Text => self.text.add(size),
            Part::Reasoning => self.reasoning.add(size),
            Part::ToolCalls => self.tool_calls.add(size),
        }
    }

    /// Adds what another part of the answer holds.
    pub const fn add(&mut self, other: &Self) {
        self.text.add(other.text);
        self.reasoning.add(other.reasoning);
        self.tool_calls.add(other.tool_calls);
        self.audio_bytes = self.audio_bytes.saturating_add(other.audio_bytes);
        self.other |= other.other;
    }
}
