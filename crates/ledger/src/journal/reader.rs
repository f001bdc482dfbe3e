//! Reading the journal back after a stop, orderly or not.

use domain::id::{CallId, KeyId, NodeId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use store::batch::FinishedCall;

use super::record::{Checkpoint, Declaration, Frame, Intent, Record, decode};
use super::segment::{HEADER_LENGTH, Header, list, read_header};

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The files cannot be opened.
    #[error("the journal in {0} cannot be read: {1}")]
    Io(PathBuf, #[source] std::io::Error),
    /// A file is not a segment of this release's form.
    #[error(
        "{0} is not a journal segment of this release: it belongs to another program or a newer release. Nothing was changed"
    )]
    Foreign(PathBuf),
    /// The journal was written by another node.
    #[error(
        "the journal in {0} belongs to node {1}, not to this one: was it copied from another data directory?"
    )]
    OtherNode(PathBuf, NodeId),
    /// A record in the middle is damaged.
    #[error(
        "{0} is damaged at byte {1}, and later segments hold records: restore the file, or move the later ones away to give their calls up"
    )]
    Damaged(PathBuf, u64),
}

/// A call that was forwarded and not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIntent {
    /// The intent, its bound as enlarged.
    pub intent: Intent,
    /// What it had used when it was last noted.
    pub checkpoint: Option<Checkpoint>,
}

/// Everything that a journal tells.
#[derive(Debug, Default)]
pub struct History {
    /// The last record's number; 0 in a new journal.
    pub last_sequence: i64,
    /// The highest segment's number; 0 in a new journal.
    pub last_segment: u64,
    /// Finished calls with their record's number, in order.
    pub finished: Vec<(i64, FinishedCall)>,
    /// Calls under way when it ended.
    pub open: Vec<OpenIntent>,
    /// Whether the last start ended in order.
    pub orderly: bool,
    /// Whether a torn record was cut off at the end.
    pub torn: bool,
    /// What may have been forwarded without a trace, by key.
    pub declared: HashMap<KeyId, Declaration>,
    /// Who wrote the last segment that holds records.
    pub header: Option<Header>,
    /// The files.
    pub segments: Vec<PathBuf>,
}

/// Reads all segments in a directory; changes nothing.
///
/// # Errors
/// When a file cannot be read, is foreign, or is damaged before the end.
pub fn read(directory: &Path, node: NodeId) -> Result<History, ReadError> {
    let io = |error| ReadError::Io(directory.to_owned(), error);
    let mut history = History { orderly: true, ..History::default() };
    let mut open: HashMap<CallId, OpenIntent> = HashMap::new();
    let mut torn_at: Option<(PathBuf, u64)> = None;
    for (index, path) in list(directory).map_err(io)? {
        let bytes = std::fs::read(&path).map_err(io)?;
        history.last_segment = index;
        history.segments.push(path.clone());
        let Some(header) = read_header(&bytes) else {
            // A crash while a spare was made leaves a file without a header, and nothing in it.
            if bytes.iter().all(|byte| *byte == 0) {
                continue;
            }
            return Err(ReadError::Foreign(path));
        };
        if header.node != node {
            return Err(ReadError::OtherNode(directory.to_owned(), header.node));
        }
        let mut at = HEADER_LENGTH;
        while let Some(rest) = usize::try_from(at).ok().and_then(|at| bytes.get(at..)) {
            match decode(rest) {
                Frame::Record(sequence, record, length) if sequence > history.last_sequence => {
                    if let Some((path, at)) = torn_at {
                        return Err(ReadError::Damaged(path, at));
                    }
                    history.last_sequence = sequence;
                    history.header = Some(header.clone());
                    history.orderly = false;
                    history.take(sequence, *record, &mut open);
                    at += length as u64;
                }
                Frame::End => break,
                Frame::Record(..) | Frame::Torn => {
                    torn_at = Some((path.clone(), at));
                    break;
                }
            }
        }
    }
    history.torn = torn_at.is_some();
    history.orderly &= !history.torn;
    history.open = open.into_values().collect();
    history.open.sort_by_key(|open| open.intent.id);
    Ok(history)
}

impl History {
    /// Whether the power may have failed since the journal was written, and taken its last records.
    #[must_use]
    pub fn may_have_lost_records(&self, boot: &str) -> bool {
        let lossy = |header: &Header| !header.strict && header.boot != boot;
        !self.orderly && self.header.as_ref().is_some_and(lossy)
    }

    pub(super) fn take(
        &mut self,
        sequence: i64,
        record: Record,
        open: &mut HashMap<CallId, OpenIntent>,
    ) {
        match record {
            Record::Intent(intent) => {
                open.insert(intent.id, OpenIntent { intent, checkpoint: None });
            }
            Record::Enlarge { call, bound } => {
                if let Some(open) = open.get_mut(&call) {
                    open.intent.bound = bound;
                }
            }
            Record::Checkpoint(checkpoint) => {
                if let Some(open) = open.get_mut(&checkpoint.call) {
                    open.checkpoint = Some(checkpoint);
                }
            }
            Record::Settle(finished) => {
                open.remove(&finished.id);
                self.finished.push((sequence, finished));
            }
            // It stays open, so that it is held whether or not this record was shipped.
            Record::Doubt(_) => {}
            Record::Shutdown => self.orderly = true,
            Record::Declare(declaration) => {
                self.declared.insert(declaration.key, declaration);
            }
        }
    }
}
