//! Why an answer ended, in Anthropic's words and in ours.

use crate::canonical::Stop;

/// What a `stop_reason` means; one that is not known is an end.
pub(super) fn read_stop(reason: &str, sequence: Option<String>) -> Stop {
    match reason {
        "tool_use" => Stop::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        "stop_sequence" => Stop::Sequence(sequence),
        "refusal" => Stop::Filtered,
        "pause_turn" => Stop::Pause,
        _ => Stop::End,
    }
}

/// What an answer holds that its `stop_reason` has to agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Held {
    /// A call.
    pub(super) calls: bool,
    /// A refusal.
    pub(super) refusal: bool,
}

/// The `stop_reason`, and the `stop_sequence`. Clients look for calls by the reason, so that it
/// must agree with what the answer holds, whatever the upstream says.
pub(super) fn write_stop(stop: Option<Stop>, held: Held) -> (&'static str, Option<String>) {
    match stop {
        Some(Stop::Length) => ("max_tokens", None),
        Some(Stop::Sequence(sequence)) => ("stop_sequence", sequence),
        Some(Stop::Filtered) => ("refusal", None),
        Some(Stop::Pause) => ("pause_turn", None),
        Some(Stop::End | Stop::ToolCalls) | None if held.calls => ("tool_use", None),
        Some(Stop::End | Stop::ToolCalls) | None if held.refusal => ("refusal", None),
        Some(Stop::End | Stop::ToolCalls) | None => ("end_turn", None),
    }
}
