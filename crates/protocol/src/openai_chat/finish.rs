//! Why an answer ended, in this dialect's words and the vendors'.

use crate::canonical::Stop;

/// What `finish_reason` says. Named calls end with `stop` at OpenAI, and vendors say it for any
/// call: where there are calls, they are to be made.
pub(super) fn read(word: &str, has_calls: bool) -> Stop {
    match word {
        "length" | "max_tokens" | "model_length" => Stop::Length,
        "content_filter" | "sensitive" | "safety" => Stop::Filtered,
        "tool_calls" | "function_call" | "tool_use" => Stop::ToolCalls,
        _ if has_calls => Stop::ToolCalls,
        _ => Stop::End,
    }
}

/// The word for it.
pub(super) const fn write(stop: &Stop, has_calls: bool) -> &'static str {
    match stop {
        Stop::ToolCalls => "tool_calls",
        Stop::Length => "length",
        Stop::Filtered => "content_filter",
        Stop::End if has_calls => "tool_calls",
        Stop::End | Stop::Sequence(_) | Stop::Pause => "stop",
    }
}
