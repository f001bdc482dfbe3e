//! `/console/price`: what models cost.

pub(crate) mod list;

pub(crate) mod edit;
pub(crate) mod end;
pub(crate) mod import;

pub(crate) mod entry;
pub(crate) mod missing;
pub(crate) mod skipped;
