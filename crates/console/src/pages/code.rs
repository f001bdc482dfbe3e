//! `/console/code`: redemption codes, which turn into balance.

pub(crate) mod list;

pub(crate) mod create;
pub(crate) mod end;
