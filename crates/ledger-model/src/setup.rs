//! What is checked: how many nodes, limits and calls, and what may befall them.
//!
//! A [`Setup`] is a small world. The checker visits every state that any order of events can lead
//! it into, so every number here is kept as small as still shows the effect.

use crate::table::{LimitId, NodeId, PerCall, PerLimit};

/// An amount of money, in a unit of the model's own.
pub type Amount = i8;

/// A call that will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The node it comes to.
    pub node: NodeId,
    /// The limits it is subject to.
    pub limits: PerLimit<bool>,
    /// The upper bound that is reserved on each of them.
    pub bound: Amount,
    /// What the upstream may spend on it, once forwarded. An amount above the bound is an upstream
    /// that ignores its maximum.
    pub costs: &'static [Amount],
    /// By how much the reservation may be enlarged once while the answer streams; 0 is never. The
    /// upstream then spends this much more.
    pub enlargement: Amount,
}

impl Plan {
    /// A call of `bound` on `node`, subject to the key's limit, that costs one of `costs`.
    pub const fn new(node: NodeId, bound: Amount, costs: &'static [Amount]) -> Self {
        let limits = PerLimit { key: true, user: false };
        Self { node, limits, bound, costs, enlargement: 0 }
    }

    /// The same call, subject to the key's limit and the user's balance.
    pub const fn on_both(mut self) -> Self {
        self.limits = PerLimit { key: true, user: true };
        self
    }

    /// The same call, subject to the user's balance alone.
    pub const fn on_user(mut self) -> Self {
        self.limits = PerLimit { key: false, user: true };
        self
    }

    /// The same call, which may be enlarged once by `amount`.
    pub const fn enlarged_by(mut self, amount: Amount) -> Self {
        self.enlargement = amount;
        self
    }

    /// The limits it is subject to.
    pub fn each_limit(&self) -> impl Iterator<Item = LimitId> + use<> {
        let limits = self.limits;
        LimitId::ALL.iter().copied().filter(move |limit| *limits.get(*limit))
    }
}

/// What the terminal bytes wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The settle is in the page cache.
    Standard,
    /// The settle is on the disk.
    Strict,
}

/// What is held after a power loss for the journal's tail that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// The whole lease remainder. A call may be forwarded as soon as its intent is written.
    Remainder,
    /// At most the exposure declared in the journal. A call is forwarded unsynced only within it.
    Exposure,
}

/// How many times each misfortune, or act of the operator, may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Events {
    /// `kill -9`, panic, out of memory.
    pub kills: u8,
    /// A machine loses its power.
    pub power_losses: u8,
    /// `cluster forget`, whether the node is dead or only silent.
    pub forgets: u8,
    /// Changes of a limit, from [`Setup::edits`].
    pub edits: u8,
    /// Doubts and holds that the operator settles or releases.
    pub resolutions: u8,
}

/// A small world to check.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The limits at the start; a limit of 0 that no call is subject to is not there.
    pub limits: PerLimit<Amount>,
    /// The calls that will come.
    pub calls: PerCall<Option<Plan>>,
    /// The nodes there are.
    pub nodes: &'static [NodeId],
    /// How much is granted at once, as far as it is free.
    pub slice: Amount,
    /// What the terminal bytes wait for.
    pub mode: Mode,
    /// What is held after a power loss.
    pub cover: Cover,
    /// The exposure declarations that a process writes, in this order.
    pub declarations: &'static [(LimitId, Amount)],
    /// The values a limit may be changed to.
    pub edits: &'static [(LimitId, Amount)],
    /// Whether a node may give free amounts back while it runs (recall, lowering a limit).
    pub gives_back: bool,
    /// Whether a call may end before any byte reached the upstream.
    pub releases: bool,
    /// Whether sending a batch, its commit and the answer are three events, so that the answer may
    /// be lost and the commit come late; else they are one.
    pub slow_database: bool,
    /// What may happen.
    pub events: Events,
}

impl Setup {
    /// No calls and no events, on `nodes`; the named worlds below fill it in.
    pub fn on(nodes: &'static [NodeId], key_limit: Amount) -> Self {
        Self {
            limits: PerLimit { key: key_limit, user: 0 },
            calls: PerCall { a: None, b: None, c: None, d: None },
            nodes,
            slice: Amount::MAX,
            mode: Mode::Standard,
            cover: Cover::Remainder,
            declarations: &[],
            edits: &[],
            gives_back: false,
            releases: false,
            slow_database: false,
            events: Events::default(),
        }
    }

    /// Whether anything depends on what is on the disk and what is only in the page cache.
    pub fn disk_matters(&self) -> bool {
        self.events.power_losses > 0 || self.mode == Mode::Strict
    }
}
