//! What a dialect makes an answer of, and the builder that its steps are put together with.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::plan::{Asked, Plan};
use super::script::Script;
use super::steps::Step;

/// What the answer is stamped with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    /// The provider's own number for the request.
    pub(super) request: u64,
    /// Seconds since 1970.
    pub(super) created: u64,
}

/// Everything that an answer is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply<'a> {
    pub(super) asked: &'a Asked,
    pub(super) plan: &'a Plan,
    pub(super) script: &'a Script,
    pub(super) stamp: Stamp,
}

impl Reply<'_> {
    /// An id of this answer: `PREFIXsim00000001`.
    pub(super) fn id(&self, prefix: &str) -> String {
        format!("{prefix}sim{:08}", self.stamp.request)
    }

    /// The id of one of the answer's parts.
    pub(super) fn part_id(&self, prefix: &str, part: usize) -> String {
        format!("{prefix}sim{:08}p{part}", self.stamp.request)
    }

    /// The usage as it goes over the wire: the truth, unless the script lies; `None` if left out.
    pub(super) fn reported(&self, truth: impl FnOnce() -> Value) -> Option<Value> {
        if self.script.omit_usage {
            return None;
        }
        Some(self.script.usage_override.clone().unwrap_or_else(truth))
    }

    /// A field of the request, `null` if it has none.
    pub(super) fn echo(&self, field: &str) -> Value {
        self.asked.body.get(field).cloned().unwrap_or_default()
    }

    /// What makes chunks longer by script.
    pub(super) fn padding(&self) -> Option<String> {
        (self.script.pad_bytes > 0).then(|| "x".repeat(self.script.pad_bytes))
    }

    /// A stream's steps, to be filled.
    pub(super) fn score(&self) -> Score {
        Score { steps: Vec::new(), pace: Duration::from_millis(self.script.chunk_delay_ms) }
    }

    /// A JSON answer: its content in two halves so that it can be cut amid them, then the usage
    /// as the last field.
    pub(super) fn document(
        &self,
        body: &impl Serialize,
        usage: Option<(&str, Value)>,
    ) -> Vec<Step> {
        let mut first_half = to_text(body);
        // The closing brace goes last, after the usage.
        first_half.truncate(first_half.len().saturating_sub(1));
        let second_half = first_half.split_off(middle(&first_half));
        let sent = self.plan.sent();
        let mut steps = vec![
            Step::Content { bytes: first_half.into(), tokens: sent / 2 },
            Step::Content { bytes: second_half.into(), tokens: sent - sent / 2 },
        ];
        if let Some((name, reported)) = usage {
            steps.push(Step::Usage { bytes: format!(",\"{name}\":{reported}").into(), reported });
        }
        steps.push(Step::Finish(Bytes::from_static(b"}")));
        steps
    }
}

/// A stream's steps as they are being put together.
#[derive(Debug)]
pub(super) struct Score {
    steps: Vec<Step>,
    pace: Duration,
}

impl Score {
    /// An event without content.
    pub(super) fn frame(&mut self, bytes: Bytes) {
        self.steps.push(Step::Frame(bytes));
    }

    /// An event with one token of content, at the script's pace.
    pub(super) fn content(&mut self, bytes: Bytes) {
        if !self.pace.is_zero() {
            self.steps.push(Step::Wait(self.pace));
        }
        self.steps.push(Step::Content { bytes, tokens: 1 });
    }

    /// The event with the final usage.
    pub(super) fn usage(&mut self, bytes: Bytes, reported: Value) {
        self.steps.push(Step::Usage { bytes, reported });
    }

    /// The last event; possibly no bytes.
    pub(super) fn finish(mut self, bytes: Bytes) -> Vec<Step> {
        self.steps.push(Step::Finish(bytes));
        self.steps
    }
}

/// Gives an object one more field.
pub(super) fn set(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value.into());
    }
}

/// `data: …`
pub(super) fn event(data: &str) -> Bytes {
    format!("data: {data}\n\n").into()
}

/// `event: …` and `data: …`
pub(super) fn named_event(name: &str, data: &Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// JSON of our own types, whose keys are strings: it cannot fail.
pub(super) fn to_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A place near the middle where a string may be split.
fn middle(text: &str) -> usize {
    let mut at = text.len() / 2;
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
