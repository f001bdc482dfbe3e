//! `/console/usage`: the calls, and what they cost.

pub(crate) mod choose;
pub(crate) mod list;
pub(crate) mod refund;
pub(crate) mod show;
pub(crate) mod zoom;

mod bill;
mod call;
mod chart;
mod filter;
mod ranking;
