//! The database: limits, leases, and one row for each call.
//!
//! Every change is one transaction, and what is committed stays.

use crate::setup::{Amount, Setup};
use crate::table::{LimitId, PerCall, PerLimit, PerNode};

/// What the database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Database {
    /// The limits.
    pub limits: PerLimit<Limit>,
    /// The leases of each node's current epoch.
    pub leases: PerNode<Leases>,
    /// The calls' rows.
    pub rows: PerCall<Row>,
}

impl Database {
    /// Full limits, no leases, no rows.
    pub fn new(setup: &Setup) -> Self {
        let mut limits = PerLimit::<Limit>::default();
        for limit in LimitId::ALL {
            let total = *setup.limits.get(*limit);
            *limits.get_mut(*limit) = Limit { total, available: total, ..Limit::default() };
        }
        Self { limits, leases: PerNode::default(), rows: PerCall::default() }
    }
}

/// A limit: `settled + held + available + Σ outstanding leases = total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Limit {
    /// L: the limit itself.
    pub total: Amount,
    /// S: charged.
    pub settled: Amount,
    /// H: in doubt, with a call's name or without.
    pub held: Amount,
    /// A: neither charged nor held nor leased.
    pub available: Amount,
    /// The part of H that stands for the lost journal tails of closed epochs.
    pub exposure: Amount,
    /// What the operator released from H without a charge, and answers for himself.
    pub absorbed: Amount,
}

/// Whether a node's leases count as leased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LeaseStatus {
    /// The node spends from them.
    #[default]
    Open,
    /// The operator gave the node up. What was outstanding is held; should the node be alive after
    /// all, what it ships is paid out of the hold.
    Forgotten,
}

/// The leases of one (node, epoch). A restart closes the epoch and opens the next, with the row's
/// numbers at zero again; nothing that names a closed epoch is accepted any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Leases {
    /// Open or forgotten.
    pub status: LeaseStatus,
    /// How many records of the epoch's journal are shipped.
    pub watermark: usize,
    /// The lease on each limit.
    pub of: PerLimit<Lease>,
}

/// A part of a limit, granted to a (node, epoch).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lease {
    /// g: granted, less what was given back.
    pub granted: Amount,
    /// u: charged by what was shipped.
    pub shipped: Amount,
    /// Of a forgotten lease: what is held and not yet charged.
    pub held: Amount,
}

impl Lease {
    /// g − u.
    pub fn outstanding(&self) -> Amount {
        self.granted - self.shipped
    }
}

/// What the database knows of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Row {
    /// Whether an end is recorded: settled, released, or resolved by the operator.
    pub ended: bool,
    /// How many settles were inserted.
    pub settles: u8,
    /// What each limit was charged.
    pub charged: PerLimit<Amount>,
    /// What is held in doubt for it on each limit.
    pub doubt: PerLimit<Amount>,
    /// Whether the operator decided it, wholly or in part.
    pub resolved: bool,
}

impl Row {
    /// The largest amount held in doubt for the call on a limit.
    pub fn largest_doubt(&self) -> Amount {
        LimitId::ALL.iter().map(|limit| *self.doubt.get(*limit)).max().unwrap_or(0)
    }
}
