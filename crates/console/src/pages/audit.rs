//! `/console/audit`: what an audit objects to, and the log of who did what.

pub(crate) mod act;
pub(crate) mod change;
pub(crate) mod entry;
pub(crate) mod findings;
pub(crate) mod log;
pub(crate) mod verify;

mod action;
mod called;
mod field;
mod finding;
