//! Appending records: each gets its place at once, and one `write(2)` takes all that wait.

use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;

use super::record::{Line, encode};
use super::segment::HEADER_LENGTH;
use super::writer::{Durability, Inner, JournalError, Position, SegmentState, Shared};

/// So many calls under way are no crowd: their records are written at once.
const ALONE: u64 = 2;

impl Shared {
    /// Gives a record its place behind the last one. It still has to be written.
    pub(super) fn append(
        &self,
        inner: &mut Inner,
        line: Line<'_>,
    ) -> Result<Position, JournalError> {
        let sequence = inner.sequence + 1;
        inner.record.clear();
        encode(sequence, line, &mut inner.record)
            .map_err(|error| JournalError::Broken(error.to_string()))?;
        let length = inner.record.len() as u64;
        if inner.offset.saturating_add(length) > inner.current.end {
            self.next_segment(inner, sequence)?;
        }
        inner.pending.extend_from_slice(&inner.record);
        let was_clean = inner.synced == inner.sequence;
        inner.offset += length;
        inner.sequence = sequence;
        if let Some(state) = inner.segments.back_mut() {
            state.last_sequence = sequence;
        }
        if was_clean || self.durability == Durability::Strict {
            self.wake.notify_all();
        }
        let crowded = inner.open_calls > ALONE;
        Ok(Position { sequence, segment: inner.current.index, crowded })
    }

    /// Writes all records that wait. A failure ends the journal.
    pub(super) fn write_out(&self, inner: &mut Inner) -> Result<(), JournalError> {
        if inner.pending.is_empty() {
            return Ok(());
        }
        let at = inner.offset - inner.pending.len() as u64;
        if let Err(error) = inner.current.file.write_all_at(&inner.pending, at) {
            let error = JournalError::Broken(error.to_string());
            self.fail(error.clone());
            return Err(error);
        }
        inner.pending.clear();
        self.written.store(inner.sequence, Ordering::Release);
        Ok(())
    }

    fn next_segment(&self, inner: &mut Inner, sequence: i64) -> Result<(), JournalError> {
        self.write_out(inner)?;
        let Some(spare) = inner.spare.take() else {
            self.fail(JournalError::Full);
            return Err(JournalError::Full);
        };
        let state = SegmentState {
            index: spare.index,
            path: spare.path.clone(),
            last_sequence: sequence,
            open_intents: 0,
        };
        inner.segments.push_back(state);
        let full = std::mem::replace(&mut inner.current, spare);
        inner.retired.push(full);
        inner.offset = HEADER_LENGTH;
        self.wake.notify_all();
        Ok(())
    }
}
