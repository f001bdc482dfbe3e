//! How much an event or an answer delivers.

use super::frame::{EventKind, Frame, Item, Response, each_part};
use crate::estimate::TextSize;
use crate::json::{JsonError, Text};
use crate::observe::Delivered;

/// Counts what an event adds. What is complete was counted while it came.
pub(super) fn count_event(delivered: &mut Delivered, frame: &Frame<'_>) {
    let delta = frame.delta;
    match frame.kind {
        EventKind::TextDelta | EventKind::RefusalDelta | EventKind::TranscriptDelta => {
            delivered.text.add(size(delta));
        }
        EventKind::SummaryDelta | EventKind::ThoughtDelta => delivered.reasoning.add(size(delta)),
        EventKind::ArgumentsDelta | EventKind::HostedDelta => delivered.tool_calls.add(size(delta)),
        EventKind::AudioDelta => {
            let bytes = delta.map_or(0, |text| text.raw().len() as u64);
            delivered.audio_bytes = delivered.audio_bytes.saturating_add(bytes);
        }
        EventKind::ImagePart => delivered.other = true,
        EventKind::ItemAdded => {
            if let Some(item) = &frame.item {
                count_name(delivered, item);
            }
        }
        _ => {}
    }
}

/// Counts all that a response holds.
pub(super) fn count_response(
    delivered: &mut Delivered,
    response: &Response<'_>,
) -> Result<(), JsonError> {
    response.each_item(|item| {
        count_name(delivered, item);
        match item.kind() {
            b"message" => {
                each_part(item.content, |part| delivered.text.add(size(part.text)))?;
            }
            b"reasoning" => {
                each_part(item.summary, |part| delivered.reasoning.add(size(part.text)))?;
                each_part(item.content, |part| delivered.reasoning.add(size(part.text)))?;
            }
            _ => delivered.tool_calls.add(size(item.arguments)),
        }
        Ok(())
    })
}

/// Counts what is known of an item from its beginning.
fn count_name(delivered: &mut Delivered, item: &Item<'_>) {
    match item.kind() {
        b"message" | b"reasoning" => {}
        b"function_call" | b"custom_tool_call" => {
            delivered.tool_calls.add(size(item.namespace));
            delivered.tool_calls.add(size(item.name));
        }
        _ => delivered.other = true,
    }
}

fn size(text: Option<Text<'_>>) -> TextSize {
    text.map_or_else(TextSize::default, |text| text.size())
}
