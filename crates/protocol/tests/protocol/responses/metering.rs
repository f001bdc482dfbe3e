//! What metering sees of the streams, wherever they are cut.

use std::fmt::Write;

use protocol::observe::StreamMeter;
use protocol::openai_responses::stream::ResponsesStream;

use super::{STREAMS, check, events, stream};

fn transcript<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut meter = ResponsesStream::new();
    let mut said = String::new();
    for event in events(chunks) {
        let verdict = meter.event(&event);
        let usage = match meter.usage() {
            Ok(Some(usage)) => format!(
                "{}+{} in {} out ({} reasoning)",
                usage.input, usage.cached_input, usage.output, usage.reasoning
            ),
            other => format!("{other:?}"),
        };
        let state = [(meter.usage_is_final(), " final"), (meter.is_finished(), " finished")];
        let state: String = state.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let text = meter.delivered().all_text().bytes;
        writeln!(said, "{verdict:?} | text {text} | {usage}{state}").unwrap();
    }
    let (next, malformed) = (meter.next_sequence(), meter.malformed());
    write!(said, "{:?}\nnext {next}, malformed {malformed}", meter.delivered()).unwrap();
    said
}

#[test]
fn every_stream_is_metered_the_same_however_it_is_cut() {
    for name in STREAMS {
        let bytes = stream(name);
        let whole = transcript([&bytes[..]]);
        for place in (0..bytes.len()).step_by(7) {
            let (before, after) = bytes.split_at(place);
            assert_eq!(transcript([before, after]), whole, "{name} cut at {place}");
        }
        assert_eq!(transcript(bytes.chunks(1)), whole);
        check(&format!("metered_{name}"), &whole);
    }
}
