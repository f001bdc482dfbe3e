//! The events of a stream, by name.

/// What an event is; the many that nothing here depends on are [`EventKind::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::openai_responses) enum EventKind {
    /// `response.output_item.added`
    ItemAdded,
    /// `response.output_item.done`
    ItemDone,
    /// `response.output_text.delta`
    TextDelta,
    /// `response.output_text.done`
    TextDone,
    /// `response.refusal.delta`
    RefusalDelta,
    /// `response.refusal.done`
    RefusalDone,
    /// `response.reasoning_summary_text.delta`
    SummaryDelta,
    /// `response.reasoning_text.delta`
    ThoughtDelta,
    /// `response.function_call_arguments.delta` or `response.custom_tool_call_input.delta`
    ArgumentsDelta,
    /// `response.function_call_arguments.done` or `response.custom_tool_call_input.done`
    ArgumentsDone,
    /// What tools that the provider runs are given (`response.mcp_call_arguments.delta` and such).
    HostedDelta,
    /// `response.audio.delta`
    AudioDelta,
    /// `response.audio.transcript.delta`
    TranscriptDelta,
    /// `response.image_generation_call.partial_image`
    ImagePart,
    /// `response.completed`
    Completed,
    /// `response.incomplete`
    Incomplete,
    /// `response.failed`
    Failed,
    /// `error`, or an event without a name of its own that holds an error.
    Error,
    /// Another one.
    Other,
}

impl EventKind {
    pub(super) fn from_name(name: &[u8]) -> Self {
        match name {
            b"response.output_text.delta" => Self::TextDelta,
            b"response.function_call_arguments.delta" => Self::ArgumentsDelta,
            b"response.custom_tool_call_input.delta" => Self::ArgumentsDelta,
            b"response.reasoning_summary_text.delta" => Self::SummaryDelta,
            b"response.reasoning_text.delta" => Self::ThoughtDelta,
            b"response.refusal.delta" => Self::RefusalDelta,
            b"response.output_item.added" => Self::ItemAdded,
            b"response.output_item.done" => Self::ItemDone,
            b"response.output_text.done" => Self::TextDone,
            b"response.refusal.done" => Self::RefusalDone,
            b"response.function_call_arguments.done" => Self::ArgumentsDone,
            b"response.custom_tool_call_input.done" => Self::ArgumentsDone,
            b"response.code_interpreter_call_code.delta" => Self::HostedDelta,
            b"response.mcp_call_arguments.delta" => Self::HostedDelta,
            b"response.audio.delta" => Self::AudioDelta,
            b"response.audio.transcript.delta" => Self::TranscriptDelta,
            b"response.image_generation_call.partial_image" => Self::ImagePart,
            b"response.completed" => Self::Completed,
            b"response.incomplete" => Self::Incomplete,
            b"response.failed" => Self::Failed,
            b"error" => Self::Error,
            _ => Self::Other,
        }
    }

    /// Whether it is the stream's own last event.
    pub(in crate::openai_responses) const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Incomplete | Self::Failed)
    }
}
