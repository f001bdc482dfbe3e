//! What an answer says, when it is all there.

use domain::usage::Usage;

use super::request::{Request, Thought, ToolCall};

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The upstream's id of it.
    pub id: Option<String>,
    /// The model that the upstream says it used.
    pub model: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created: Option<i64>,
    /// What it says, in order.
    pub blocks: Vec<Block>,
    /// Why it ended; none where it did not.
    pub stop: Option<Stop>,
    /// What it used, by the upstream's count.
    pub usage: Option<Usage>,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Text.
    Text(String),
    /// What the model thought.
    Thought(Thought),
    /// A call to be made.
    ToolCall(ToolCall),
    /// The model declines, in these words.
    Refusal(String),
}

/// Why an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It was complete.
    End,
    /// Calls are to be made first.
    ToolCalls,
    /// The most output tokens were reached, or the context is full.
    Length,
    /// A stop sequence came: this one, if the dialect says which.
    Sequence(Option<String>),
    /// The provider withheld the rest, or the model declined.
    Filtered,
    /// The provider wants the conversation sent again to go on (Anthropic's `pause_turn`).
    Pause,
}

/// What a writer of answers must know beside the answer.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What was asked, in the dialect that the answer is written in.
    pub request: &'a Request,
    /// The call's id (`call_…`), from which the answer's ids are made where the upstream gives none
    /// that fits the dialect.
    pub call: &'a str,
    /// The time, in seconds since 1970.
    pub now: i64,
}
