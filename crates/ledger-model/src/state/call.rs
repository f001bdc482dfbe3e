//! A call: how far it came, and what really happened to it.

use crate::setup::{Amount, Plan};

/// How far a call came in the process that serves it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Not here yet.
    #[default]
    New,
    /// Its bound is reserved, in memory alone.
    Reserved,
    /// Its intent is in the journal.
    Intended,
    /// It is at the upstream, which spends.
    Forwarded,
    /// An enlargement is in the journal; the upstream does not go on yet.
    Enlarging,
    /// Its settle is in the journal; the terminal bytes are not with the client yet.
    Settled,
    /// Nothing more will happen to it: delivered, released, or its process died.
    Over,
}

impl Stage {
    /// Whether the process holds a reservation for it.
    pub fn holds_reservation(self) -> bool {
        matches!(self, Self::Reserved | Self::Intended | Self::Forwarded | Self::Enlarging)
    }
}

/// A call. All but the stage is known to the model alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Call {
    /// How far it came.
    pub stage: Stage,
    /// Whether the client has the terminal bytes.
    pub delivered: bool,
    /// Whether its reservation was enlarged.
    pub enlarged: bool,
    /// What the upstream spent on it.
    pub spent: Amount,
    /// Whether a power loss took its settle, in the mode that allows this.
    pub excused: bool,
}

impl Call {
    /// What was promised to cover it.
    pub fn bound(&self, plan: &Plan) -> Amount {
        plan.bound + if self.enlarged { plan.enlargement } else { 0 }
    }
}
