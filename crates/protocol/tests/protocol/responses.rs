//! The Responses dialect: metering of recorded-like streams, and translation both ways.

mod answers;
mod metering;
mod properties;
mod requests;
mod streams;
mod usage;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use protocol::sse::{Event, Splitter};

/// The streams: OpenAI's documented sequences, and those of vendors.
const STREAMS: [&str; 11] = [
    "openai_text",
    "openai_reasoning_tools",
    "openai_custom_tool",
    "openai_incomplete",
    "openai_failed",
    "openai_error",
    "openai_refusal",
    "openai_web_search",
    "vllm_thoughts",
    "vendor_without_deltas",
    "vendor_only_the_end",
];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/responses").join(name)
}

fn stream(name: &str) -> Vec<u8> {
    std::fs::read(golden(name).with_extension("sse")).unwrap()
}

fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut splitter = Splitter::default();
    let mut events = Vec::new();
    for chunk in chunks {
        splitter.feed(Bytes::copy_from_slice(chunk));
        while let Some(event) = splitter.next_event().unwrap() {
            events.push(event);
        }
    }
    events
}

/// Compares with `golden/responses/{name}.snap`.
fn check(name: &str, said: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden/responses");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, said));
}
