//! A node: its memory, which a crash clears, and its journal, which a crash keeps.

use crate::setup::Amount;
use crate::table::{CallId, LimitId, PerLimit};

/// Whether the node's process runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Process {
    /// It runs.
    #[default]
    Running,
    /// It died and has not finished its restart.
    Dead,
}

/// A record of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// The call's bound is reserved and the call may be forwarded.
    Intent(CallId),
    /// The call's reservation is enlarged and its upstream may go on.
    Enlarge(CallId),
    /// The call's charge.
    Settle(CallId, Amount),
    /// The call ended before any byte reached the upstream.
    Release(CallId),
    /// From here on, unsynced intents on this limit stay within this amount.
    Declare(LimitId, Amount),
}

impl Record {
    /// Whether it settles `call`.
    pub fn settles(self, call: CallId) -> bool {
        matches!(self, Self::Settle(of, _) if of == call)
    }

    /// Whether `call` is over with it.
    pub fn ends(self, call: CallId) -> bool {
        matches!(self, Self::Settle(of, _) | Self::Release(of) if of == call)
    }
}

/// A transaction under way to the database. It may commit late, even after its process died.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The watermark it expects.
    pub from: usize,
    /// The records it ships.
    pub records: Vec<Record>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    /// Running or dead.
    pub process: Process,
    /// Whether the machine lost its power since the journal was begun (its header names another
    /// boot), so that its end may be missing.
    pub suspect: bool,
    /// The current epoch's journal, kept whole until the epoch is closed.
    pub journal: Vec<Record>,
    /// How many of its records are on the disk; the rest is in the page cache.
    pub durable: usize,
    /// Memory: how many of them the process knows to be shipped.
    pub cursor: usize,
    /// Memory: f, what is free of the lease on each limit.
    pub free: PerLimit<Amount>,
    /// Memory: r, what is reserved on each limit.
    pub reserved: PerLimit<Amount>,
    /// The transaction under way.
    pub sent: Option<Batch>,
}

impl Node {
    /// The records that are on the disk.
    pub fn on_disk(&self) -> &[Record] {
        self.journal.get(..self.durable).unwrap_or_default()
    }

    /// The records that are only in the page cache.
    pub fn in_page_cache(&self) -> &[Record] {
        self.journal.get(self.durable..).unwrap_or_default()
    }

    /// The records after the watermark.
    pub fn unshipped(&self, watermark: usize) -> &[Record] {
        self.journal.get(watermark..).unwrap_or_default()
    }

    /// The exposure last declared for `limit` in `records`; 0 if none is.
    pub fn declared(records: &[Record], limit: LimitId) -> Amount {
        let declaration = |record: &Record| match record {
            Record::Declare(of, amount) if *of == limit => Some(*amount),
            _ => None,
        };
        records.iter().rev().find_map(declaration).unwrap_or(0)
    }
}
