//! The one form between the dialects: what a request asks, and what an answer says, in no
//! provider's words.
//!
//! Translation is always two steps: a dialect's reader turns its wire form into this one, another
//! dialect's writer turns this one into its own. So four dialects need four readers and four
//! writers, not twelve translators. Calls whose two sides speak the same dialect never come here:
//! their bytes pass as they are.
//!
//! What a writer cannot say in its dialect it either refuses ([`Untranslatable`]), where the answer
//! would not be what was asked for, or leaves out and names ([`Losses`]), where it would.

mod answer;
mod event;
pub mod free_text;
mod loss;
mod names;
mod request;

pub use answer::{Answer, Asked, Block, Stop};
pub use event::{AnswerEvent, Collector, Opened, UpstreamFailure};
pub use loss::{Losses, Untranslatable};
pub use names::ToolNames;
pub use request::{
    Effort, Format, Media, MediaSource, Part, Reasoning, Request, Role, Sampling, Thought, Tool,
    ToolCall, ToolChoice, ToolKind, ToolResult, Turn,
};
