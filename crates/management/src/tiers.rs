//! Tiers: how many keys the users of each can have.

pub(crate) mod list;
pub(crate) mod set;
