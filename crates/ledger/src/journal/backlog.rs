//! What waits for the database: ends of calls, in the bytes that the journal has of them.
//!
//! Bytes, because a call's parts are then given back where they were taken, on its worker's thread
//! and at once. Kept as they are until they are shipped, a thousand calls' parts lie scattered in
//! memory, and each has to go back to a thread that has long since taken new room.

use store::batch::FinishedCall;

use super::record::{Checkpoint, Frame, Intent, Record, decode};

/// What is kept for the next batch once one is shipped; more is given back.
const KEPT_BYTES: usize = 2 * 1024 * 1024;

/// Ends of calls on their way to the database, in their order.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    ends: Vec<End>,
    /// The records of finished calls, one behind the other.
    records: Vec<u8>,
}

/// A call's end on its way to the database.
#[derive(Debug)]
struct End {
    sequence: i64,
    /// Where the call's intent lies, which must stay as long as its end is not in the database: a
    /// power loss can take the end and leave the intent.
    intent_segment: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    /// A finished call whose record is so long.
    Finished(usize),
    /// A call to be held in doubt.
    Doubt(Box<Intent>, Option<Checkpoint>),
}

/// The same, read back.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) finished: Vec<FinishedCall>,
    pub(crate) doubts: Vec<(Intent, Option<Checkpoint>)>,
}

impl Backlog {
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a finished call by its record.
    pub(crate) fn add_finished(&mut self, sequence: i64, intent_segment: u64, record: &[u8]) {
        self.records.extend_from_slice(record);
        self.ends.push(End { sequence, intent_segment, what: What::Finished(record.len()) });
    }

    /// Adds a call to be held in doubt.
    pub(crate) fn add_doubt(
        &mut self,
        sequence: i64,
        intent_segment: u64,
        intent: Box<Intent>,
        noted: Option<Checkpoint>,
    ) {
        self.ends.push(End { sequence, intent_segment, what: What::Doubt(intent, noted) });
    }

    /// Takes the first ends, at most so many, into an empty one.
    pub(crate) fn take(&mut self, most: usize, mut empty: Self) -> Self {
        if self.ends.len() <= most {
            return std::mem::replace(self, empty);
        }
        empty.ends.extend(self.ends.drain(..most));
        let length: usize = empty.ends.iter().map(End::length).sum();
        empty.records.extend(self.records.drain(..length.min(self.records.len())));
        empty
    }

    /// The sequence number of the last one.
    pub(crate) fn last_sequence(&self) -> Option<i64> {
        self.ends.last().map(|end| end.sequence)
    }

    /// The segments with the intents of these calls, one for each.
    pub(crate) fn intent_segments(&self) -> impl Iterator<Item = u64> {
        self.ends.iter().map(|end| end.intent_segment)
    }

    /// Reads them back. None: a record is not what was written.
    pub(crate) fn read(&self) -> Option<Ends> {
        let mut ends = Ends::default();
        let mut rest = self.records.as_slice();
        for end in &self.ends {
            match &end.what {
                What::Doubt(intent, noted) => ends.doubts.push((Intent::clone(intent), *noted)),
                What::Finished(length) => {
                    let (record, others) = rest.split_at_checked(*length)?;
                    rest = others;
                    let Frame::Record(_, record, _) = decode(record) else { return None };
                    let Record::Settle(finished) = *record else { return None };
                    ends.finished.push(finished);
                }
            }
        }
        Some(ends)
    }

    /// Empties it, to be filled again.
    pub(crate) fn emptied(mut self) -> Self {
        if self.records.capacity() > KEPT_BYTES {
            return Self::default();
        }
        self.ends.clear();
        self.records.clear();
        self
    }
}

impl End {
    const fn length(&self) -> usize {
        match self.what {
            What::Finished(length) => length,
            What::Doubt(..) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Line, encode, tests::intent};
    use super::*;
    use store::batch::Outcome;

    fn backlog(count: u16) -> Backlog {
        let mut backlog = Backlog::default();
        for number in 0..count {
            if number % 5 == 4 {
                backlog.add_doubt(number.into(), 0, Box::new(intent()), None);
                continue;
            }
            let mut finished = intent().finished(Outcome::Completed);
            finished.status = number;
            finished.upstream_model = "m".repeat(usize::from(number)).into();
            let mut record = Vec::new();
            encode(number.into(), Line::Settle(&finished), &mut record).unwrap();
            backlog.add_finished(number.into(), u64::from(number) / 10, &record);
        }
        backlog
    }

    #[test]
    fn what_is_taken_in_parts_is_what_was_added() {
        let whole = backlog(50).read().unwrap();
        for most in [1, 3, 49, 50, 51] {
            let mut backlog = backlog(50);
            let mut parts = Ends::default();
            let mut spare = Backlog::default();
            let mut segments = 0;
            while !backlog.is_empty() {
                let part = backlog.take(most, spare);
                assert!(part.len() <= most);
                segments += part.intent_segments().count();
                let read = part.read().unwrap();
                parts.finished.extend(read.finished);
                parts.doubts.extend(read.doubts);
                spare = part.emptied();
            }
            assert_eq!((parts.finished, parts.doubts.len()), (whole.finished.clone(), 10));
            assert_eq!(segments, 50);
        }
        let mut all = backlog(50);
        assert_eq!(all.take(7, Backlog::default()).last_sequence(), Some(6));
        assert_eq!(all.len(), 43);
    }

    #[test]
    fn a_damaged_record_is_noticed() {
        let mut backlog = backlog(3);
        backlog.records[40] ^= 1;
        assert!(backlog.read().is_none());
    }
}
