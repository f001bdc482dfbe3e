//! Users: people and services that own keys and a balance.

pub(crate) mod create;
pub(crate) mod edit;
mod fields;
pub(crate) mod freeze;
pub(crate) mod get;
pub(crate) mod ledger;
pub(crate) mod list;
mod password;
pub(crate) mod top_up;
pub(crate) mod view;
