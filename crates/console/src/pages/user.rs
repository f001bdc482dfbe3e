//! `/console/user`: the people of the deployment and their balances.

pub(crate) mod list;
pub(crate) mod show;

pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod freeze;
pub(crate) mod reset;
pub(crate) mod top_up;

pub(crate) mod entry;
