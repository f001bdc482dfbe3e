//! Calls in doubt: a crash cut them off before they were settled, and their bound stays held.

pub(crate) mod list;
pub(crate) mod release;
pub(crate) mod settle;
