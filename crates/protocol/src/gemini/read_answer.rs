//! A `GenerateContentResponse` in one piece into the canonical form: it is read like a stream of one
//! event. A body that is an array of responses (a stream without `alt=sse`) is read like a stream.

use super::read_stream::StreamReader;
use crate::canonical::{Answer, Collector, ToolNames, UpstreamFailure};

/// Reads an answer.
///
/// # Errors
/// The body is an error, or it is not JSON.
pub fn read_answer(body: &[u8], names: &ToolNames) -> Result<Answer, UpstreamFailure> {
    let mut reader = StreamReader::new(names.clone());
    let mut events = Vec::new();
    if reader.read(body.trim_ascii(), &mut events).is_err() {
        return Err(UpstreamFailure {
            message: Some("The upstream's answer is not valid JSON.".to_owned()),
            ..UpstreamFailure::default()
        });
    }
    reader.finish(&mut events);
    let mut collector = Collector::default();
    for event in events {
        collector.take(event);
    }
    collector.finish()
}
