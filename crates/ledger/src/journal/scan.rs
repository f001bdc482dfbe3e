//! Reading a journal while it is written: its records at a moment, as far as they are whole.

use domain::id::{CallId, NodeId};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;

use super::reader::{History, OpenIntent, ReadError};
use super::record::{Frame, Record, decode};
use super::segment::{HEADER_LENGTH, Header, list, read_header};

/// Records by their number, gathered in one look or several.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    records: BTreeMap<i64, Record>,
    header: Option<Header>,
}

impl Scan {
    /// Adds what the journal holds now. Segments come and go meanwhile.
    pub(crate) fn look(&mut self, directory: &Path, node: NodeId) -> Result<(), ReadError> {
        let fail = |error| ReadError::Io(directory.to_owned(), error);
        let segments = match list(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            segments => segments.map_err(fail)?,
        };
        for (_, path) in segments {
            let bytes = match std::fs::read(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                bytes => bytes.map_err(fail)?,
            };
            // A spare that is being made has no header yet.
            let Some(header) = read_header(&bytes) else { continue };
            if header.node != node {
                return Err(ReadError::OtherNode(directory.to_owned(), header.node));
            }
            let mut rest = usize::try_from(HEADER_LENGTH).ok().and_then(|at| bytes.get(at..));
            while let Some(Frame::Record(sequence, record, length)) = rest.map(decode) {
                self.records.insert(sequence, *record);
                self.header = Some(header.clone());
                rest = rest.and_then(|rest| rest.get(length..));
            }
        }
        Ok(())
    }

    /// Whether nothing is missing after a number.
    pub(crate) fn covers(&self, shipped: i64) -> bool {
        let after = self.records.range(shipped.saturating_add(1)..);
        after
            .zip(shipped.saturating_add(1)..)
            .all(|((sequence, _), expected)| *sequence == expected)
    }

    /// The same as reading the journal back after a crash at this moment.
    pub(crate) fn history(self) -> History {
        let mut history = History { orderly: true, header: self.header, ..History::default() };
        let mut open: HashMap<CallId, OpenIntent> = HashMap::new();
        for (sequence, record) in self.records {
            history.last_sequence = sequence;
            history.orderly = false;
            history.take(sequence, record, &mut open);
        }
        history.open = open.into_values().collect();
        history.open.sort_by_key(|open| open.intent.id);
        history
    }
}
