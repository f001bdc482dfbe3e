//! Calls: what was relayed, what it used and what it cost.

mod bill;
pub(crate) mod csv;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod refund;
pub(crate) mod view;
