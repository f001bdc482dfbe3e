//! Why an answer ended, in Google's words (`FinishReason`) and in the canonical ones.

use crate::canonical::Stop;

/// What a reason means; nothing where none is given. `called` says that the answer holds calls,
/// which Google does not tell apart. What the model could not finish (a malformed call, `OTHER`)
/// counts as withheld: content may have come before it, so that the call did not fail.
pub(super) fn stop_of(reason: &[u8], called: bool) -> Option<Stop> {
    Some(match reason {
        b"" | b"FINISH_REASON_UNSPECIFIED" => return None,
        b"STOP" if called => Stop::ToolCalls,
        b"STOP" => Stop::End,
        b"MAX_TOKENS" => Stop::Length,
        _ => Stop::Filtered,
    })
}

/// The reason to give for an end.
pub(super) const fn reason_of(stop: &Stop) -> &'static str {
    match stop {
        Stop::End | Stop::ToolCalls | Stop::Sequence(_) | Stop::Pause => "STOP",
        Stop::Length => "MAX_TOKENS",
        Stop::Filtered => "SAFETY",
    }
}
