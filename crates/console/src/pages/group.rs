//! `/console/group`: groups with their factors, and what the tiers allow.

pub(crate) mod list;

pub(crate) mod edit;
pub(crate) mod end;
pub(crate) mod tiers;
