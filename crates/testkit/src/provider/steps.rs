//! An answer's body as a list of steps, and where a script breaks it off.
//!
//! A dialect says what the bytes are and which of them carry content, usage and the end; the rest
//! (pace, cuts, books) is the same for all dialects.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::script::{Cut, CutAt, Ending};

/// One step of an answer's body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Wait(Duration),
    /// Bytes that carry no content.
    Frame(Bytes),
    /// Bytes that carry this many tokens of content.
    Content {
        bytes: Bytes,
        tokens: u64,
    },
    /// The bytes with the final usage, and that usage.
    Usage {
        bytes: Bytes,
        reported: Value,
    },
    /// The last bytes of a whole answer; possibly none.
    Finish(Bytes),
    /// The last bytes of an answer that ends in an error.
    Fail(Bytes),
    /// The connection breaks off; nothing can follow.
    Cut(Ending),
}

impl Step {
    /// How many bytes it sends.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Frame(bytes)
            | Self::Content { bytes, .. }
            | Self::Usage { bytes, .. }
            | Self::Finish(bytes)
            | Self::Fail(bytes) => bytes.len(),
            Self::Wait(_) | Self::Cut(_) => 0,
        }
    }
}

/// Breaks the steps off where the script says. A cut before the head never gets here.
pub(super) fn cut(mut steps: Vec<Step>, cut: &Cut) -> Vec<Step> {
    let at = match cut.at {
        CutAt::BeforeHead | CutAt::AfterHead => 0,
        CutAt::MidStream => after_content(&steps, cut.after_chunks),
        CutAt::BeforeUsage => usage_or_end(&steps),
        CutAt::AfterUsage => {
            let usage = usage_or_end(&steps);
            if matches!(steps.get(usage), Some(Step::Usage { .. })) { usage + 1 } else { usage }
        }
    };
    steps.truncate(at);
    steps.push(Step::Cut(cut.ending));
    steps
}

/// Ends the steps in an error, after so many content chunks. The error's bytes are made from the
/// number of events before it.
pub(super) fn fail(
    mut steps: Vec<Step>,
    after_chunks: Option<u64>,
    error: impl FnOnce(u64) -> Bytes,
) -> Vec<Step> {
    steps.truncate(after_content(&steps, after_chunks));
    let events = steps.iter().filter(|step| step.length() > 0).count() as u64;
    steps.push(Step::Fail(error(events)));
    steps
}

/// The position after so many content steps; after half of them if no number is given.
fn after_content(steps: &[Step], chunks: Option<u64>) -> usize {
    let positions: Vec<usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step, Step::Content { .. }))
        .map(|(position, _)| position)
        .collect();
    let chunks = match chunks {
        Some(chunks) => usize::try_from(chunks).unwrap_or(usize::MAX).min(positions.len()),
        None => positions.len() / 2,
    };
    match chunks.checked_sub(1).and_then(|last| positions.get(last)) {
        Some(position) => position + 1,
        None => positions.first().copied().unwrap_or(0),
    }
}

/// The usage's position, or that of the last step where there is none.
fn usage_or_end(steps: &[Step]) -> usize {
    steps
        .iter()
        .position(|step| matches!(step, Step::Usage { .. }))
        .unwrap_or_else(|| steps.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<Step> {
        let content = Step::Content { bytes: Bytes::from_static(b"c"), tokens: 1 };
        let usage = Step::Usage { bytes: Bytes::from_static(b"u"), reported: Value::Null };
        let role = Step::Frame(Bytes::from_static(b"r"));
        vec![role, content.clone(), content, usage, Step::Finish(Bytes::new())]
    }

    fn kept(at: CutAt, after_chunks: Option<u64>) -> usize {
        cut(stream(), &Cut { at, after_chunks, ending: Ending::Close }).len() - 1
    }

    #[test]
    fn cuts_fall_where_they_are_named() {
        assert_eq!(kept(CutAt::AfterHead, None), 0);
        assert_eq!(kept(CutAt::MidStream, None), 2);
        assert_eq!(kept(CutAt::MidStream, Some(0)), 1);
        assert_eq!(kept(CutAt::MidStream, Some(9)), 3);
        assert_eq!(kept(CutAt::BeforeUsage, None), 3);
        assert_eq!(kept(CutAt::AfterUsage, None), 4);
    }

    #[test]
    fn without_usage_both_usage_cuts_fall_before_the_end() {
        let steps: Vec<Step> =
            stream().into_iter().filter(|step| !matches!(step, Step::Usage { .. })).collect();
        for at in [CutAt::BeforeUsage, CutAt::AfterUsage] {
            assert_eq!(cut(steps.clone(), &Cut::at(at)).len(), 4);
        }
    }
}
